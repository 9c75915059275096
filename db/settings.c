/* settings: documents that all nodes share.
 * Read when they are needed; nothing caches them. */
#include "db/settings.h"

static const struct db_statement get = {
	.name = "settings_get",
	.sql = "SELECT value FROM setting WHERE name = $1",
};

void settings_get(struct db_question *question, const char *name)
{
	DB_ADD(question, &get, db_text(name));
}

static const struct db_statement put = {
	.name = "settings_put",
	.sql = "WITH old AS (SELECT value FROM setting WHERE name = $4 FOR NO KEY UPDATE),"
	       " kept AS (INSERT INTO setting (name, value)"
	       "  SELECT $4, $5::jsonb FROM (SELECT count(*) FROM old) AS locked"
	       "  ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value),"
	       AUDITED_SETTING("kept", "(SELECT $6::jsonb FROM old WHERE value = $7::jsonb)", "$8::jsonb")
	       " SELECT value FROM kept",
};

void settings_put(struct db_question *question, const struct audit_note *note, const char *name,
	const struct setting_change *change)
{
	DB_ADD(question, &put, AUDIT_VALUES(question->arena, note), db_text(name), db_text(change->document),
		db_text(change->before), db_text(change->known), db_text(change->after));
}

/* The members of one object that the other has not, or others. */
#define MEMBERS_UNLIKE(one, other) \
	"(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(" one ")" \
	" WHERE value IS DISTINCT FROM " other " -> key)"

static const struct db_statement keep = {
	.name = "settings_keep",
	.sql = "WITH old AS (SELECT value FROM setting WHERE name = $4 FOR NO KEY UPDATE),"
	       " kept AS (INSERT INTO setting AS s (name, value)"
	       "  SELECT $4, $5::jsonb FROM (SELECT count(*) FROM old) AS locked"
	       "  ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE s.value <> excluded.value"
	       "  RETURNING value AS now, (SELECT value FROM old) AS was),"
	       AUDITED_SETTING("kept", "CASE WHEN was IS NOT NULL THEN " MEMBERS_UNLIKE("was", "now") " END",
		       MEMBERS_UNLIKE("now", "coalesce(was, '{}')"))
	       " SELECT FROM kept",
};

void settings_keep(struct db_question *question, const struct audit_note *note, const char *name,
	const char *json)
{
	DB_ADD(question, &keep, AUDIT_VALUES(question->arena, note), db_text(name), db_text(json));
}
