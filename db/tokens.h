/* tokens: who may use the admin API. Only a token's SHA-256 is stored. */
#ifndef DB_TOKENS_H
#define DB_TOKENS_H

#include "db/audit.h"
#include "db/scope.h"

/* One row: name, role, and SCOPE_COLUMNS; none for a token that nobody has, or that has expired. */
void tokens_find(struct db_question *question, const char *sha256_hex);
/* Notes its use; address: "192.0.2.1". */
void tokens_used(struct db_question *question, const char *name, const char *address);

struct token_new {
	const char *name, *role; /* 'read', 'operate' or 'admin' */
	const char *sha256_hex;
	int64_t expires_in; /* seconds, -1: never */
	struct scope_new scope;
};
/* One row with the token as JSON text; none when a token or a user has the name. */
void tokens_create(struct db_question *question, const struct audit_note *note,
	const struct token_new *token);
/* By name. Rows: JSON text, cursor (the name). after: "" for the first page. */
void tokens_list(struct db_question *question, const char *after, unsigned limit);
/* One row when there was such a token. */
void tokens_delete(struct db_question *question, const struct audit_note *note, const char *name);

#endif
