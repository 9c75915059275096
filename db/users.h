/* users: people who may use the admin API, by name and password. Only a slow hash of it is stored. */
#ifndef DB_USERS_H
#define DB_USERS_H

#include "db/audit.h"
#include "db/scope.h"

/* One row: name, role, SCOPE_COLUMNS, and the password's hash; none for an unknown name. */
void users_find(struct db_question *question, const char *name);
/* Notes that the user came in; address: "192.0.2.1". */
void users_used(struct db_question *question, const char *name, const char *address);

struct user_new {
	const char *name, *role; /* 'read', 'operate' or 'admin' */
	const char *password_hash;
	struct scope_new scope;
};
/* One row with the user as JSON text; none when a user or a token has the name. */
void users_create(struct db_question *question, const struct audit_note *note,
	const struct user_new *user);
/* One row with the user as JSON text; none for an unknown name. */
void users_set_password(struct db_question *question, const struct audit_note *note,
	const char *name, const char *password_hash);
/* By name. Rows: JSON text, cursor (the name). after: "" for the first page. */
void users_list(struct db_question *question, const char *after, unsigned limit);
/* One row when there was such a user. */
void users_delete(struct db_question *question, const struct audit_note *note, const char *name);

#endif
