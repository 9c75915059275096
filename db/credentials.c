/* credentials: how a device proves itself to us (digest HA1), and we to it (sealed password).
 * Neither is ever read back by an operator. */
#include "db/credentials.h"

#include "db/devices.h"

#define CREDENTIAL_JSON \
	"json_build_object('device', d.id, 'username', c.username, 'next_username', c.next_username," \
	" 'reopened_until', CASE WHEN c.reopened_until > now() THEN " DB_TIME("c.reopened_until") " END," \
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
	       "   " NO_NEXT ", reopened_until = NULL,"
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
	DB_ADD(question, &put, AUDIT_VALUES(question->arena, note), db_int(question->arena, c->device_id),
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
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_int(question->arena, device_id));
}

const char *credential_place(struct arena *arena, int64_t device_id)
{
	return arena_printf(arena, "credential %lld connection_request_password", (long long)device_id);
}

const char *credential_next_place(struct arena *arena, int64_t device_id)
{
	return arena_printf(arena, "credential %lld next_password", (long long)device_id);
}

static const struct db_statement reopen = {
	.name = "credentials_reopen",
	.sql = "WITH c AS (UPDATE credential SET reopened_until = now() + make_interval(hours => $5::integer)"
	       "  WHERE device_id = $4 RETURNING *),"
	       AUDITED("c", "jsonb_build_object('hours', $5)")
	       " SELECT " CREDENTIAL_JSON " FROM c JOIN device d USING (device_id)",
};

void credentials_reopen(struct db_question *question, const struct audit_note *note,
	int64_t device_id, unsigned hours)
{
	DB_ADD(question, &reopen, AUDIT_VALUES(question->arena, note), db_int(question->arena, device_id),
		db_int(question->arena, hours));
}

static const struct db_statement close = {
	.name = "credentials_close",
	.sql = "UPDATE credential SET reopened_until = NULL"
	       " WHERE device_id = $1 AND reopened_until IS NOT NULL",
};

void credentials_close(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &close, db_int(question->arena, device_id));
}

/* One that the device may have taken already stays: its answer may have been lost. */
static const struct db_statement prepare = {
	.name = "credentials_prepare",
	.sql = "INSERT INTO credential AS c (device_id, next_username, next_realm, next_ha1_md5,"
	       "  next_ha1_sha256, next_password)"
	       " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (device_id) DO UPDATE SET"
	       "  next_username = excluded.next_username, next_realm = excluded.next_realm,"
	       "  next_ha1_md5 = excluded.next_ha1_md5, next_ha1_sha256 = excluded.next_ha1_sha256,"
	       "  next_password = excluded.next_password"
	       " WHERE c.next_username IS NULL OR c.next_realm <> excluded.next_realm",
};
static const struct db_statement queue_replacement = {
	.name = "credentials_queue_replacement",
	.sql = "INSERT INTO task (device_id, method, arguments, actor)"
	       " SELECT $1, 'ReplaceCredentials', '{}', 'onboarding'"
	       " WHERE NOT EXISTS (SELECT FROM task WHERE device_id = $1 AND state = 'queued'"
	       "  AND method = 'ReplaceCredentials')",
};

void credentials_prepare(struct db_question *question, int64_t device_id,
	const struct auth_credential *next, const void *sealed_password, size_t sealed_length)
{
	const struct db_value id = db_int(question->arena, device_id);
	DB_ADD(question, &prepare, id, db_text(next->username), db_text(next->realm),
		db_text(next->ha1_md5), db_text(next->ha1_sha256),
		db_bytea(sealed_password, sealed_length));
	DB_ADD(question, &queue_replacement, id);
}

static const struct db_statement promote = {
	.name = "credentials_promote",
	.sql = "UPDATE credential SET username = next_username, realm = next_realm,"
	       "  ha1_md5 = next_ha1_md5, ha1_sha256 = next_ha1_sha256, " NO_NEXT ", reopened_until = NULL"
	       " WHERE device_id = $1 AND next_ha1_md5 = $2",
};

void credentials_promote(struct db_question *question, int64_t device_id, const char *ha1_md5)
{
	devices_lock(question, device_id);
	DB_ADD(question, &promote, db_int(question->arena, device_id), db_text(ha1_md5));
}

static const struct db_statement find_target = {
	.name = "connection_request_find",
	.sql = "SELECT d.id, d.connection_request_url, host(d.source_address),"
	       "  c.connection_request_username, c.connection_request_password, d.admission"
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
		.admission = arena_strdup(arena, db_get_text(rows, 0, 5)),
	};
	out->sealed_password = db_get_bytea(arena, rows, 0, 4, &out->sealed_password_length);
	return true;
}
