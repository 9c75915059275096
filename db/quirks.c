/* quirks: the table of device quirks.
 * A row of the operator hides the shipped one of the same name; every change raises the version that
 * nodes watch. */
#include "db/quirks.h"

/* Of each name the row that counts. */
#define CURRENT \
	"(SELECT DISTINCT ON (name) * FROM quirk ORDER BY name, is_shipped)"
#define QUIRK_JSON(q, has_shipped) \
	"json_build_object('name', " q ".name, 'enabled', " q ".enabled, 'position', " q ".position," \
	" 'manufacturer', " q ".manufacturer, 'oui', " q ".oui, 'product_class', " q ".product_class," \
	" 'software_version', " q ".software_version, 'settings', " q ".settings, 'note', " q ".note," \
	" 'origin', CASE WHEN " q ".is_shipped THEN 'shipped' WHEN " has_shipped " THEN 'changed'" \
	"  ELSE 'own' END)"
#define HAS_SHIPPED(name) "EXISTS (SELECT FROM quirk s WHERE s.name = " name " AND s.is_shipped)"
/* One more WITH part: when `changed` has a row, all nodes load the table anew. */
#define VERSION_RAISED(changed) \
	" raised AS (UPDATE setting SET value = to_jsonb(value::bigint + 1)" \
	"  WHERE name = 'quirks_version' AND EXISTS (SELECT FROM " changed "))"

static const struct db_statement list = {
	.name = "quirks_list",
	.sql = "SELECT " QUIRK_JSON("q", HAS_SHIPPED("q.name")) " FROM " CURRENT " q"
	       " ORDER BY q.position, q.name COLLATE \"C\"",
};

void quirks_list(struct db_question *question)
{
	db_add(question, &list, NULL, 0);
}

static const struct db_statement get = {
	.name = "quirks_get",
	.sql = "SELECT " QUIRK_JSON("q", HAS_SHIPPED("q.name")) " FROM quirk q WHERE q.name = $1"
	       " ORDER BY q.is_shipped LIMIT 1",
};

void quirks_get(struct db_question *question, const char *name)
{
	DB_ADD(question, &get, db_text(name));
}

#define FACTS(q) \
	"jsonb_build_object('enabled', " q ".enabled, 'position', " q ".position," \
	" 'manufacturer', " q ".manufacturer, 'oui', " q ".oui, 'product_class', " q ".product_class," \
	" 'software_version', " q ".software_version, 'settings', " q ".settings, 'note', " q ".note)"

static const struct db_statement put = {
	.name = "quirks_put",
	.sql = "WITH old AS (SELECT * FROM quirk WHERE name = $4 ORDER BY is_shipped LIMIT 1"
	       "  FOR NO KEY UPDATE),"
	       " q AS (INSERT INTO quirk (name, enabled, position, manufacturer, oui, product_class,"
	       "   software_version, settings, note)"
	       "  SELECT $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12"
	       "  FROM (SELECT count(*) FROM old) AS locked"
	       "  ON CONFLICT (name, is_shipped) DO UPDATE SET enabled = excluded.enabled,"
	       "   position = excluded.position, manufacturer = excluded.manufacturer,"
	       "   oui = excluded.oui, product_class = excluded.product_class,"
	       "   software_version = excluded.software_version, settings = excluded.settings,"
	       "   note = excluded.note RETURNING *),"
	       VERSION_RAISED("q") ","
	       AUDITED_SETTING("q", "(SELECT " FACTS("old") " FROM old)", FACTS("q"))
	       " SELECT " QUIRK_JSON("q", HAS_SHIPPED("$4"))
	       ", NOT EXISTS (SELECT FROM quirk b WHERE b.name = $4) FROM q",
};

void quirks_put(struct db_question *question, const struct audit_note *note,
	const struct quirk_description *quirk)
{
	DB_ADD(question, &put, AUDIT_VALUES(question->arena, note), db_text(quirk->name), db_bool(quirk->is_enabled),
		db_int(question->arena, quirk->position), db_text(quirk->manufacturer),
		db_text(quirk->oui), db_text(quirk->product_class), db_text(quirk->software_version),
		db_text(quirk->settings), db_text(quirk->note));
}

static const struct db_statement delete = {
	.name = "quirks_delete",
	.sql = "WITH gone AS (DELETE FROM quirk WHERE name = $4 AND NOT is_shipped RETURNING *),"
	       " shipped AS (SELECT * FROM quirk WHERE name = $4 AND is_shipped),"
	       VERSION_RAISED("gone") ","
	       AUDITED_SETTING("gone", FACTS("gone"), "(SELECT " FACTS("shipped") " FROM shipped)")
	       " SELECT " HAS_SHIPPED("gone.name") " FROM gone",
};

void quirks_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_text(name));
}

/* One row without a name when there is nothing enabled: the version is told all the same. */
static const struct db_statement load = {
	.name = "quirks_load",
	.sql = "SELECT v.version, q.name, q.manufacturer, q.oui, q.product_class, q.software_version,"
	       "  q.settings"
	       " FROM (SELECT value::bigint AS version FROM setting WHERE name = 'quirks_version') v"
	       " LEFT JOIN " CURRENT " q ON q.enabled"
	       " WHERE v.version <> $1 ORDER BY q.position, q.name COLLATE \"C\"",
};

void quirks_load(struct db_question *question, int64_t version)
{
	DB_ADD(question, &load, db_int(question->arena, version));
}

bool quirks_loaded(const struct db_rows *rows, int64_t *version, size_t *count)
{
	if (db_row_count(rows) == 0)
		return false;
	*version = db_get_int(rows, 0, 0);
	*count = db_is_null(rows, 0, 1) ? 0 : db_row_count(rows);
	return true;
}

void quirks_read_row(const struct db_rows *rows, size_t row, struct quirk_description *out)
{
	*out = (struct quirk_description){
		.name = db_get_text(rows, row, 1),
		.manufacturer = db_get_text(rows, row, 2),
		.oui = db_get_text(rows, row, 3),
		.product_class = db_get_text(rows, row, 4),
		.software_version = db_get_text(rows, row, 5),
		.settings = db_get_text(rows, row, 6),
		.is_enabled = true,
	};
}
