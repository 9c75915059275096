/* users: people who may use the admin API, by name and password.
 * What a password's hash is made of is base/password.h's; here it is a text. */
#include "db/users.h"

#define USER_JSON \
	"json_build_object('name', name, 'role', role, 'created', " DB_TIME("created") "," \
	" 'password_changed', " DB_TIME("changed") "," SCOPE_JSON ")"

static const struct db_statement find = {
	.name = "users_find",
	.sql = "SELECT name, role," SCOPE_COLUMNS ", password FROM api_user WHERE name = $1",
};

void users_find(struct db_question *question, const char *name)
{
	DB_ADD(question, &find, db_text(name));
}

static const struct db_statement used = {
	.name = "users_used",
	.sql = "UPDATE api_user SET last_used = now(), last_address = $2::inet WHERE name = $1",
};

void users_used(struct db_question *question, const char *name, const char *address)
{
	DB_ADD(question, &used, db_text(name), db_text(address));
}

#define FACTS "jsonb_build_object('role', role, 'tags', tags, 'ouis', ouis)"

static const struct db_statement create = {
	.name = "users_create",
	.sql = "WITH kept AS (INSERT INTO api_user (name, role, password, tags, ouis)"
	       "  SELECT $4, $5, $6," SCOPE_NEW("$7", "$8")
	       "  WHERE" NAME_IS_FREE("$4") " ON CONFLICT DO NOTHING RETURNING *),"
	       AUDITED_SETTING("kept", "NULL::jsonb", FACTS)
	       " SELECT " USER_JSON " FROM kept",
};

void users_create(struct db_question *question, const struct audit_note *note, const struct user_new *user)
{
	DB_ADD(question, &create, AUDIT_VALUES(question->arena, note), db_text(user->name), db_text(user->role),
		db_text(user->password_hash), SCOPE_NEW_VALUES(question->arena, &user->scope));
}

static const struct db_statement set_password = {
	.name = "users_set_password",
	.sql = "WITH kept AS (UPDATE api_user SET password = $5, changed = now() WHERE name = $4 RETURNING *),"
	       AUDITED("kept", "NULL::jsonb")
	       " SELECT " USER_JSON " FROM kept",
};

void users_set_password(struct db_question *question, const struct audit_note *note, const char *name,
	const char *password_hash)
{
	DB_ADD(question, &set_password, AUDIT_VALUES(question->arena, note), db_text(name), db_text(password_hash));
}

static const struct db_statement list = {
	.name = "users_list",
	.sql = "SELECT " USER_JSON ", name FROM api_user"
	       " WHERE name COLLATE \"C\" > $1 ORDER BY name COLLATE \"C\" LIMIT $2",
};

void users_list(struct db_question *question, const char *after, unsigned limit)
{
	DB_ADD(question, &list, db_text(after), db_int(question->arena, limit));
}

static const struct db_statement delete = {
	.name = "users_delete",
	.sql = "WITH gone AS (DELETE FROM api_user WHERE name = $4 RETURNING *),"
	       AUDITED_SETTING("gone", FACTS, "NULL::jsonb")
	       " SELECT FROM gone",
};

void users_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_text(name));
}
