/* tokens: who may use the admin API.
 * A token is 40 random characters, so its plain SHA-256 is as good as a slow hash. */
#include "db/tokens.h"

#define TOKEN_JSON \
	"json_build_object('name', name, 'role', role, 'created', " DB_TIME("created") "," \
	" 'expires', " DB_TIME("expires") "," SCOPE_JSON ")"

static const struct db_statement find = {
	.name = "tokens_find",
	.sql = "SELECT name, role," SCOPE_COLUMNS " FROM api_token"
	       " WHERE sha256 IN ($1, '!' || $1) AND coalesce(expires > now(), true)",
};

void tokens_find(struct db_question *question, const char *sha256_hex)
{
	DB_ADD(question, &find, db_text(sha256_hex));
}

static const struct db_statement used = {
	.name = "tokens_used",
	.sql = "UPDATE api_token SET last_used = now(), last_address = $2::inet WHERE name = $1",
};

void tokens_used(struct db_question *question, const char *name, const char *address)
{
	DB_ADD(question, &used, db_text(name), db_text(address));
}

#define FACTS "jsonb_build_object('role', role, 'expires', expires, 'tags', tags, 'ouis', ouis)"

static const struct db_statement create = {
	.name = "tokens_create",
	.sql = "WITH kept AS (INSERT INTO api_token (name, role, sha256, expires, tags, ouis)"
	       "  SELECT $4, $5, CASE WHEN $7::bigint >= 0 OR " HAS_SCOPE("$8", "$9") " THEN '!' || $6::text"
	       "   ELSE $6 END, CASE WHEN $7 >= 0 THEN now() + make_interval(secs => $7) END," SCOPE_NEW("$8", "$9")
	       "  WHERE" NAME_IS_FREE("$4") " ON CONFLICT DO NOTHING RETURNING *),"
	       AUDITED_SETTING("kept", "NULL::jsonb", FACTS)
	       " SELECT " TOKEN_JSON " FROM kept",
};

void tokens_create(struct db_question *question, const struct audit_note *note, const struct token_new *token)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &create, AUDIT_VALUES(question->arena, note), db_text(token->name), db_text(token->role),
		db_text(token->sha256_hex), db_int(arena, token->expires_in), SCOPE_NEW_VALUES(arena, &token->scope));
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
	.sql = "WITH gone AS (DELETE FROM api_token WHERE name = $4 RETURNING *),"
	       AUDITED_SETTING("gone", FACTS, "NULL::jsonb")
	       " SELECT FROM gone",
};

void tokens_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_text(name));
}
