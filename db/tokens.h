/* tokens: who may use the admin API. Only a token's SHA-256 is stored. */
#ifndef DB_TOKENS_H
#define DB_TOKENS_H

#include "db/audit.h"

/* One row: name, role; none for a token that nobody has. */
void tokens_find(struct db_question *question, const char *sha256_hex);
/* One row with the token as JSON text; none when the name is taken. role: 'read', 'operate' or
 * 'admin'. */
void tokens_create(struct db_question *question, const struct audit_note *note, const char *name,
	const char *role, const char *sha256_hex);
/* By name. Rows: JSON text, cursor (the name). after: "" for the first page. */
void tokens_list(struct db_question *question, const char *after, unsigned limit);
/* One row when there was such a token. */
void tokens_delete(struct db_question *question, const struct audit_note *note, const char *name);

#endif
