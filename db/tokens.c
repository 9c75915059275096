/* tokens: who may use the admin API.
 * A token is 40 random characters, so its plain SHA-256 is as good as a slow hash. */
#include "db/tokens.h"

#define TOKEN_JSON "json_build_object('name', name, 'role', role, 'created', " DB_TIME("created") ")"

static const struct db_statement find = {
	.name = "tokens_find",
	.sql = "SELECT name, role FROM api_token WHERE sha256 = $1",
};

void tokens_find(struct db_question *question, const char *sha256_hex)
{
	DB_ADD(question, &find, db_text(sha256_hex));
}

static const struct db_statement create = {
	.name = "tokens_create",
	.sql = "WITH kept AS (INSERT INTO api_token (name, role, sha256) VALUES ($4, $5, $6)"
	       "  ON CONFLICT DO NOTHING RETURNING name, role, created),"
	       AUDITED("kept", "jsonb_build_object('role', role)")
	       " SELECT " TOKEN_JSON " FROM kept",
};

void tokens_create(struct db_question *question, const struct audit_note *note, const char *name,
	const char *role, const char *sha256_hex)
{
	DB_ADD(question, &create, AUDIT_VALUES(note), db_text(name), db_text(role), db_text(sha256_hex));
}

static const struct db_statement list = {
	.name = "tokens_list",
	.sql = "SELECT " TOKEN_JSON ", name FROM api_token"
	       " WHERE name COLLATE \"C\" > $1 ORDER BY name COLLATE \"C\" LIMIT $2",
};

void tokens_list(struct db_question *question, const char *after, unsigned limit)
{
	DB_ADD(question, &list, db_text(after), db_int(question->arena, limit));
}

static const struct db_statement delete = {
	.name = "tokens_delete",
	.sql = "WITH gone AS (DELETE FROM api_token WHERE name = $4 RETURNING role),"
	       AUDITED("gone", "jsonb_build_object('role', role)")
	       " SELECT FROM gone",
};

void tokens_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(note), db_text(name));
}
