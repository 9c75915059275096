/* credentials: how a device proves itself to us (digest HA1), and we to it (sealed password).
 * Neither is ever read back by an operator. */
#include "db/credentials.h"

#include "db/devices.h"

#define CREDENTIAL_JSON \
	"json_build_object('device', d.id, 'username', c.username," \
	" 'connection_request_username', c.connection_request_username," \
	" 'has_connection_request_password', c.connection_request_password IS NOT NULL)"

/* Names only; a password that was changed shows in that there is an entry. */
#define NAMES(c) \
	"jsonb_build_object('username', " c ".username," \
	" 'connection_request_username', " c ".connection_request_username)"

/* No pair is on its way to the device any more. */
#define NO_NEXT \
	"next_username = NULL, next_realm = NULL, next_ha1_md5 = NULL, next_ha1_sha256 = NULL," \
	" next_password = NULL"

static const struct db_statement put = {
	.name = "credentials_put",
	.sql = "WITH known AS (INSERT INTO device (device_id, id, oui, product_class, serial_number)"
	       "  VALUES ($4, $5, $6, $7, $8) ON CONFLICT (device_id) DO NOTHING),"
	       " old AS (SELECT * FROM credential WHERE device_id = $4),"
	       " kept AS (INSERT INTO credential AS c (device_id, username, realm, ha1_md5, ha1_sha256,"
	       "   connection_request_username, connection_request_password)"
	       "  VALUES ($4, $9, $10, $11, $12, $14, $15)"
	       "  ON CONFLICT (device_id) DO UPDATE SET username = excluded.username,"
	       "   realm = excluded.realm, ha1_md5 = excluded.ha1_md5, ha1_sha256 = excluded.ha1_sha256,"
	       "   connection_request_username = CASE WHEN $13 THEN"
	       "    excluded.connection_request_username ELSE c.connection_request_username END,"
	       "   connection_request_password = CASE WHEN $13 THEN"
	       "    excluded.connection_request_password ELSE c.connection_request_password END"
	       "  RETURNING *),"
	       AUDITED_SETTING("kept", "(SELECT " NAMES("old") " FROM old)", NAMES("kept"))
	       " SELECT " CREDENTIAL_JSON ", NOT EXISTS (SELECT FROM old)"
	       " FROM kept c, (SELECT coalesce((SELECT id FROM device WHERE device_id = $4), $5) AS id) d",
};

void credentials_put(struct db_question *question, const struct audit_note *note,
	const struct credential_new *c)
{
	devices_lock(question, c->device_id);
	DB_ADD(question, &put, AUDIT_VALUES(note), db_int(question->arena, c->device_id),
		db_text(c->id), db_text(c->oui), db_text(c->product_class), db_text(c->serial_number),
		db_text(c->username), db_text(c->realm), db_text(c->ha1_md5), db_text(c->ha1_sha256),
		db_bool(c->has_connection_request), db_text(c->connection_request_username),
		c->connection_request_password
			? db_bytea(c->connection_request_password, c->connection_request_password_length)
			: db_null());
}

static const struct db_statement get = {
	.name = "credentials_get",
	.sql = "SELECT " CREDENTIAL_JSON
	       " FROM credential c JOIN device d USING (device_id) WHERE c.device_id = $1",
};

void credentials_get(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &get, db_int(question->arena, device_id));
}

static const struct db_statement delete = {
	.name = "credentials_delete",
	.sql = "WITH gone AS (DELETE FROM credential WHERE device_id = $4 RETURNING *),"
	       AUDITED_SETTING("gone", NAMES("gone"), "NULL::jsonb")
	       " SELECT FROM gone",
};

void credentials_delete(struct db_question *question, const struct audit_note *note, int64_t device_id)
{
	devices_lock(question, device_id);
	DB_ADD(question, &delete, AUDIT_VALUES(note), db_int(question->arena, device_id));
}

const char *credential_place(struct arena *arena, int64_t device_id)
{
	return arena_printf(arena, "credential %lld connection_request_password", (long long)device_id);
}

static const struct db_statement find_target = {
	.name = "connection_request_find",
	.sql = "SELECT d.id, d.connection_request_url, host(d.source_address),"
	       "  c.connection_request_username, c.connection_request_password"
	       " FROM device d LEFT JOIN credential c USING (device_id) WHERE d.device_id = $1",
};

void connection_request_find(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &find_target, db_int(question->arena, device_id));
}

bool connection_request_target_read(struct arena *arena, const struct db_rows *rows,
	struct connection_request_target *out)
{
	if (db_row_count(rows) == 0)
		return false;
	*out = (struct connection_request_target){
		.device = arena_strdup(arena, db_get_text(rows, 0, 0)),
		.url = arena_strdup(arena, db_get_text(rows, 0, 1)),
		.source_address = arena_strdup(arena, db_get_text(rows, 0, 2)),
		.username = arena_strdup(arena, db_get_text(rows, 0, 3)),
	};
	out->sealed_password = db_get_bytea(arena, rows, 0, 4, &out->sealed_password_length);
	return true;
}
