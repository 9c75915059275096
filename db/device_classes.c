/* device_classes: how devices of a kind prove who they are.
 * Every change raises the version that nodes watch. */
#include "db/device_classes.h"

#define CLASS_JSON \
	"jsonb_build_object('name', c.name, 'position', c.position, 'oui', c.oui," \
	" 'product_class', c.product_class, 'serial_number', c.serial_number, 'auth', c.auth," \
	" 'unknown', c.unknown, 'nonce_counter', c.nonce_counter, 'username', c.username, 'note', c.note)"
/* One more WITH part: when `changed` has a row, all nodes load the table anew. */
#define VERSION_RAISED(changed) \
	" raised AS (UPDATE setting SET value = to_jsonb(value::bigint + 1)" \
	"  WHERE name = 'device_classes_version' AND EXISTS (SELECT FROM " changed "))"

static const struct db_statement list = {
	.name = "device_classes_list",
	.sql = "SELECT " CLASS_JSON " FROM device_class c ORDER BY c.position, c.name COLLATE \"C\"",
};

void device_classes_list(struct db_question *question)
{
	db_add(question, &list, NULL, 0);
}

static const struct db_statement get = {
	.name = "device_classes_get",
	.sql = "SELECT " CLASS_JSON " FROM device_class c WHERE c.name = $1",
};

void device_classes_get(struct db_question *question, const char *name)
{
	DB_ADD(question, &get, db_text(name));
}

static const struct db_statement put = {
	.name = "device_classes_put",
	.sql = "WITH old AS (SELECT * FROM device_class WHERE name = $4 FOR NO KEY UPDATE),"
	       " c AS (INSERT INTO device_class (name, position, oui, product_class, serial_number, auth,"
	       "   unknown, nonce_counter, username, realm, ha1_md5, ha1_sha256, note)"
	       "  SELECT $4, $5, $6, $7, $8, $9, $10, $11::boolean, $12, $13, $14, $15, $16"
	       "  FROM (SELECT count(*) FROM old) AS locked"
	       "  ON CONFLICT (name) DO UPDATE SET position = excluded.position, oui = excluded.oui,"
	       "   product_class = excluded.product_class, serial_number = excluded.serial_number,"
	       "   auth = excluded.auth, unknown = excluded.unknown,"
	       "   nonce_counter = excluded.nonce_counter, username = excluded.username,"
	       "   realm = excluded.realm, ha1_md5 = excluded.ha1_md5, ha1_sha256 = excluded.ha1_sha256,"
	       "   note = excluded.note RETURNING *),"
	       VERSION_RAISED("c") ","
	       AUDITED_SETTING("c", "(SELECT " CLASS_JSON " FROM old c)", CLASS_JSON)
	       " SELECT " CLASS_JSON ", NOT EXISTS (SELECT FROM old) FROM c",
};

void device_classes_put(struct db_question *question, const struct audit_note *note,
	const struct device_class_row *row)
{
	DB_ADD(question, &put, AUDIT_VALUES(question->arena, note), db_text(row->name),
		db_int(question->arena, row->position), db_text(row->oui), db_text(row->product_class),
		db_text(row->serial_number), db_text(row->auth), db_text(row->unknown),
		db_text(row->nonce_counter), db_text(row->shared.username), db_text(row->shared.realm),
		db_text(row->shared.ha1_md5), db_text(row->shared.ha1_sha256), db_text(row->note));
}

static const struct db_statement delete = {
	.name = "device_classes_delete",
	.sql = "WITH c AS (DELETE FROM device_class WHERE name = $4 RETURNING *),"
	       VERSION_RAISED("c") ","
	       AUDITED_SETTING("c", CLASS_JSON, "NULL::jsonb")
	       " SELECT FROM c",
};

void device_classes_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_text(name));
}

/* One row without a name when there is none: the version is told all the same. */
static const struct db_statement load = {
	.name = "device_classes_load",
	.sql = "SELECT v.version, c.name, c.oui, c.product_class, c.serial_number, c.auth, c.unknown,"
	       "  c.nonce_counter::text, c.username, c.realm, c.ha1_md5, c.ha1_sha256"
	       " FROM (SELECT value::bigint AS version FROM setting WHERE name = 'device_classes_version') v"
	       " LEFT JOIN device_class c ON true"
	       " WHERE v.version <> $1 ORDER BY c.position, c.name COLLATE \"C\"",
};

void device_classes_load(struct db_question *question, int64_t version)
{
	DB_ADD(question, &load, db_int(question->arena, version));
}

bool device_classes_loaded(const struct db_rows *rows, int64_t *version, size_t *count)
{
	if (db_row_count(rows) == 0)
		return false;
	*version = db_get_int(rows, 0, 0);
	*count = db_is_null(rows, 0, 1) ? 0 : db_row_count(rows);
	return true;
}

void device_classes_read_row(struct arena *arena, const struct db_rows *rows, size_t row,
	struct device_class_row *out)
{
	size_t column = 1;
#define NEXT arena_strdup(arena, db_get_text(rows, row, column++))
	*out = (struct device_class_row){ 0 };
	out->name = NEXT;
	out->oui = NEXT;
	out->product_class = NEXT;
	out->serial_number = NEXT;
	out->auth = NEXT;
	out->unknown = NEXT;
	out->nonce_counter = NEXT;
	out->shared.username = NEXT;
	out->shared.realm = NEXT;
	out->shared.ha1_md5 = NEXT;
	out->shared.ha1_sha256 = NEXT;
	out->shared.is_shared = true;
#undef NEXT
}
