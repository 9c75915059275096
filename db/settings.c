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
	.sql = "WITH kept AS (INSERT INTO setting (name, value) VALUES ($4, $5::jsonb)"
	       "  ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value),"
	       AUDITED("kept", "NULL::jsonb")
	       " SELECT value FROM kept",
};

void settings_put(struct db_question *question, const struct audit_note *note, const char *name,
	const char *json)
{
	DB_ADD(question, &put, AUDIT_VALUES(note), db_text(name), db_text(json));
}
