/* devices: who a device is, and what its Inform tells.
 * device_id comes from the identity itself, so no write needs a look-up first. */
#include "db/devices.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/crypto.h"
#include "db/task_progress.h"
#include "db/task_sql.h"

enum { PART_MAX = 255 };

static size_t add_part(uint8_t *out, const char *text, bool upper)
{
	const size_t length = strnlen(text, PART_MAX);
	out[0] = (uint8_t)length;
	for (size_t i = 0; i < length; i++)
		out[i + 1] = (uint8_t)(upper ? toupper((unsigned char)text[i]) : text[i]);
	return length + 1;
}

int64_t device_id_of(const char *oui, const char *product_class, const char *serial_number)
{
	uint8_t parts[3 * (PART_MAX + 1)], digest[SHA256_BYTES];
	size_t length = add_part(parts, oui, true);
	length += add_part(parts + length, product_class, false);
	length += add_part(parts + length, serial_number, false);
	sha256(parts, length, digest);
	uint64_t id = 0;
	for (int i = 0; i < 8; i++)
		id = id << 8 | digest[i];
	return (int64_t)(id >> 1);
}

/* Does this byte stand for itself in a public id? */
static bool is_plain(unsigned char byte)
{
	return isalnum(byte) || byte == '_';
}

static void append_encoded(struct buffer *out, const char *part)
{
	for (const char *c = part; *c; c++) {
		if (is_plain((unsigned char)*c))
			buffer_append(out, c, 1);
		else
			buffer_printf(out, "%%%02X", (unsigned char)*c);
	}
}

char *device_public_id(
	struct arena *arena, const char *oui, const char *product_class, const char *serial_number)
{
	struct buffer out = { 0 };
	append_encoded(&out, oui);
	buffer_append_text(&out, "-");
	if (*product_class) {
		append_encoded(&out, product_class);
		buffer_append_text(&out, "-");
	}
	append_encoded(&out, serial_number);
	char *id = arena_strndup(arena, out.data, out.length);
	buffer_clear(&out);
	return id;
}

/* Undoes one layer of percent-encoding in place. False when there was none to undo. Nobody encodes
 * plain bytes, so "%41" is what it says: a part of an identity with a '%' in it. */
static bool decode_once(char *text)
{
	bool changed = false;
	char *out = text;
	for (const char *in = text; *in; in++) {
		char pair[3] = { 0 };
		uint8_t byte;
		if (*in == '%' && in[1] && in[2]) {
			memcpy(pair, in + 1, 2);
			if (hex_decode(pair, &byte, 1) && byte != 0 && !is_plain(byte)) {
				*out++ = (char)byte;
				in += 2;
				changed = true;
				continue;
			}
		}
		*out++ = *in;
	}
	*out = '\0';
	return changed;
}

bool device_id_parse(struct arena *arena, const char *raw, unsigned layers, int64_t *device_id,
	const char **oui, const char **product_class, const char **serial_number)
{
	/* A '-' inside a part is encoded in every spelling, so the parts are split first. */
	char *parts[3], *rest = arena_strdup(arena, raw);
	size_t count = 0;
	for (char *part; (part = strsep(&rest, "-")) != NULL; count++) {
		if (count == LENGTH_OF(parts) || strlen(part) > 3 * 9 * PART_MAX)
			return false;
		for (unsigned layer = 0; layer < layers && decode_once(part); layer++)
			continue;
		if (strlen(part) > PART_MAX || !db_text_is_storable(part, strlen(part), PART_MAX))
			return false;
		parts[count] = part;
	}
	if (count < 2 || !*parts[0] || !*parts[count - 1])
		return false;
	*oui = parts[0];
	*product_class = count == 3 ? parts[1] : "";
	*serial_number = parts[count - 1];
	*device_id = device_id_of(*oui, *product_class, *serial_number);
	return true;
}

#define HAS_TASKS \
	"EXISTS (SELECT FROM task WHERE device_id = $1 AND state = 'queued'" \
	" AND (not_before IS NULL OR not_before <= now()))"

/* devices_require_epoch() locks this row before the device's others, so an Inform must not do it the other way round. */
static const struct db_statement lock_live = {
	.name = "devices_lock_live",
	.sql = "SELECT FROM device_live WHERE device_id = $1 FOR NO KEY UPDATE",
};

void devices_lock(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &lock_live, db_int(question->arena, device_id));
}

static const struct db_statement clear_hash = {
	.name = "devices_clear_hash",
	.sql = "UPDATE device_live SET inform_hash = NULL"
	       " WHERE device_id = $1 AND inform_hash IS NOT NULL",
};

void devices_clear_hash(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &clear_hash, db_int(question->arena, device_id));
}

/* What the device can do may have changed with its program. */
#define IS_OTHER_PROGRAM "$17 OR excluded.software_version <> d.software_version"

/* No number has such a root: DEVICES_NOT_ADMITTED. Its argument is no constant, which the planner would reckon with. */
#define ROOT_OF_NEGATIVE(number) "sqrt(-0.5 - " number ")::text"
#define ADMISSION_OF_NEW \
	"CASE WHEN $19 = 'quarantine' THEN 'quarantined'" \
	" WHEN $19 = 'refuse' AND NOT EXISTS (SELECT FROM device WHERE device_id = $1)" \
	"  THEN " ROOT_OF_NEGATIVE("(SELECT count(*) FROM device WHERE device_id = $1)") " ELSE 'active' END"

/* An id that belongs to another identity becomes NULL, which the column refuses: DEVICES_COLLISION. */
static const struct db_statement store_inform = {
	.name = "devices_store_inform",
	.sql = "INSERT INTO device AS d (device_id, id, oui, product_class, serial_number, manufacturer,"
	       "  root, cwmp_version, software_version, hardware_version, connection_request_url,"
	       "  parameter_key, source_address, periodic_interval, events, registered, last_boot,"
	       "  last_bootstrap, retry_count, admission)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::inet, $14, $15, now(),"
	       "  CASE WHEN $16 THEN now() END, CASE WHEN $17 THEN now() END, $18, " ADMISSION_OF_NEW ")"
	       " ON CONFLICT (device_id) DO UPDATE SET"
	       "  id = CASE WHEN (upper(d.oui), d.product_class, d.serial_number) ="
	       "   (upper(excluded.oui), excluded.product_class, excluded.serial_number) THEN d.id END,"
	       "  manufacturer = coalesce(excluded.manufacturer, d.manufacturer),"
	       "  root = coalesce(excluded.root, d.root),"
	       "  cwmp_version = excluded.cwmp_version,"
	       "  software_version = coalesce(excluded.software_version, d.software_version),"
	       "  hardware_version = coalesce(excluded.hardware_version, d.hardware_version),"
	       "  connection_request_url ="
	       "   coalesce(excluded.connection_request_url, d.connection_request_url),"
	       "  parameter_key = coalesce(excluded.parameter_key,"
	       "   CASE WHEN $17 THEN NULL ELSE d.parameter_key END),"
	       "  source_address = excluded.source_address,"
	       "  periodic_interval = coalesce(excluded.periodic_interval, d.periodic_interval),"
	       "  refresh_batch = CASE WHEN $17 THEN NULL ELSE d.refresh_batch END,"
	       "  events = excluded.events,"
	       "  retry_count = excluded.retry_count,"
	       "  admission = CASE WHEN d.admission <> 'blocked' THEN d.admission"
	       "   ELSE " ROOT_OF_NEGATIVE("length(d.id)") " END,"
	       "  methods = CASE WHEN " IS_OTHER_PROGRAM " THEN NULL ELSE d.methods END,"
	       "  refused_methods = CASE WHEN " IS_OTHER_PROGRAM " THEN '{}' ELSE d.refused_methods END,"
	       "  expected_key = CASE WHEN $17 THEN NULL ELSE d.expected_key END,"
	       "  expected_key_shown = d.expected_key_shown AND NOT $17,"
	       "  registered = coalesce(d.registered, now()),"
	       "  last_boot = coalesce(excluded.last_boot, d.last_boot),"
	       "  last_bootstrap = coalesce(excluded.last_bootstrap, d.last_bootstrap)",
};

/* The first epoch is the time: a device that was deleted and comes again is newer than what is left of its
 * old session. The hash vouches for the credential, so it is stored only under the row's lock, which whoever
 * changes the credential takes too, and never with the row itself, which nobody else sees yet. */
static const struct db_statement store_live = {
	.name = "devices_store_live",
	.sql = "INSERT INTO device_live AS l"
	       " (device_id, last_inform, inform_hash, inform_known, session_epoch)"
	       " VALUES ($1, now(), CASE WHEN $3::text IS NULL THEN $2::bytea END, $4,"
	       "  (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
	       " ON CONFLICT (device_id) DO UPDATE SET last_inform = now(), inform_hash = CASE"
	       "   WHEN $3 IS NULL OR $3 = coalesce((SELECT ha1_md5 FROM credential WHERE device_id = $1),"
	       "    CASE WHEN $5 THEN $3 END) THEN $2 END,"
	       "  inform_known = excluded.inform_known, session_epoch = l.session_epoch + 1",
};

void devices_store_inform(struct db_question *question, const struct device_inform *inform)
{
	struct arena *arena = question->arena;
	devices_lock(question, inform->device_id);
	DB_ADD(question, &store_inform, db_int(arena, inform->device_id), db_text(inform->id),
		db_text(inform->oui), db_text(inform->product_class),
		db_text(inform->serial_number), db_text(inform->manufacturer),
		db_text(inform->root), db_text(inform->cwmp_version),
		db_text(inform->software_version), db_text(inform->hardware_version),
		db_text(inform->connection_request_url), db_text(inform->parameter_key),
		db_text(inform->source_address),
		inform->periodic_interval ? db_int(arena, inform->periodic_interval) : db_null(),
		db_text(inform->events), db_bool(inform->is_boot), db_bool(inform->is_bootstrap),
		db_int(arena, inform->retry_count), db_text(inform->unknown));
	DB_ADD(question, &store_live, db_int(arena, inform->device_id),
		db_bytea(inform->hash, DEVICE_HASH_BYTES), db_text(inform->credential),
		inform->known.bytes ? db_bytea(inform->known.bytes, inform->known.length) : db_null(),
		db_bool(inform->is_shared));
}

static const struct db_statement forget_parameters = {
	.name = "devices_forget_parameters",
	.sql = "DELETE FROM parameter WHERE device_id = $1",
};

static const struct db_statement fail_transfers = {
	.name = "devices_fail_transfers",
	.sql = "WITH gone AS (DELETE FROM transfer WHERE device_id = $1 RETURNING task_id)"
	       " UPDATE task SET state = 'failed', awaits = NULL, finished = now(),"
	       "  fault = '{\"code\": null, \"message\": \"the device was bootstrapped before the transfer"
	       " was complete\", \"parameters\": []}'"
	       " FROM gone WHERE " IS_SENT_AMONG("gone")
	       " RETURNING task.task_id, true, method, state" AWAITED_BY,
};

void devices_forget_learned(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &forget_parameters, db_int(question->arena, device_id));
	task_progress_forget(question, device_id);
	DB_ADD(question, &fail_transfers, db_int(question->arena, device_id));
}

static const struct db_statement begin_onboarding = {
	.name = "devices_begin_onboarding",
	.sql = "WITH " CANCEL_ONBOARDING("$1", "", "") " " QUEUE_ONBOARDING("$1", "", ""),
};

void devices_begin_onboarding(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &begin_onboarding, db_int(question->arena, device_id));
}

static const struct db_statement read_session = {
	.name = "devices_read_session",
	.sql = "SELECT session_epoch, " HAS_TASKS ", inform_hash IS NOT NULL FROM device_live"
	       " WHERE device_id = $1",
};

void devices_read_session(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &read_session, db_int(question->arena, device_id));
}

bool device_session_read(const struct db_rows *rows, struct device_session *out)
{
	if (db_row_count(rows) == 0)
		return false;
	*out = (struct device_session){
		.epoch = db_get_int(rows, 0, 0),
		.has_tasks = db_get_bool(rows, 0, 1),
		.is_hashed = db_get_bool(rows, 0, 2),
	};
	return true;
}

/* Divides by zero unless the epoch is the session's own. Locked, so that the next Inform waits until this
 * session's writes are in. */
static const struct db_statement require_epoch = {
	.name = "devices_require_epoch",
	.sql = "SELECT 1 / coalesce((SELECT (session_epoch = $2)::integer FROM device_live"
	       "  WHERE device_id = $1 FOR SHARE), 0)",
};

void devices_require_epoch(struct db_question *question, int64_t device_id, int64_t epoch)
{
	DB_ADD(question, &require_epoch, db_int(question->arena, device_id),
		db_int(question->arena, epoch));
}

static const struct db_statement set_connection_request = {
	.name = "devices_set_connection_request",
	.sql = "INSERT INTO credential AS c"
	       " (device_id, connection_request_username, connection_request_password)"
	       " VALUES ($1, $2, $3) ON CONFLICT (device_id) DO UPDATE SET"
	       "  connection_request_username ="
	       "   coalesce(excluded.connection_request_username, c.connection_request_username),"
	       "  connection_request_password ="
	       "   coalesce(excluded.connection_request_password, c.connection_request_password)",
};

void devices_set_connection_request(struct db_question *question, int64_t device_id,
	const char *username, const void *sealed_password, size_t sealed_length)
{
	DB_ADD(question, &set_connection_request, db_int(question->arena, device_id),
		db_text(username),
		sealed_password ? db_bytea(sealed_password, sealed_length) : db_null());
}

static const struct db_statement set_refresh_batch = {
	.name = "devices_set_refresh_batch",
	.sql = "UPDATE device SET refresh_batch = $2"
	       " WHERE device_id = $1 AND refresh_batch IS DISTINCT FROM $2",
};

void devices_set_refresh_batch(struct db_question *question, int64_t device_id, unsigned batch)
{
	DB_ADD(question, &set_refresh_batch, db_int(question->arena, device_id),
		db_int(question->arena, batch));
}

/* A device that lists nothing has told nothing. */
static const struct db_statement set_methods = {
	.name = "devices_set_methods",
	.sql = "UPDATE device SET methods = CASE WHEN cardinality($2::text[]) > 0 THEN $2 END,"
	       "  refused_methods = ARRAY(SELECT refused FROM unnest(refused_methods) AS refused"
	       "   WHERE refused <> ALL ($2))"
	       " WHERE device_id = $1 AND (methods IS DISTINCT FROM $2 OR refused_methods && $2)",
};

void devices_set_methods(
	struct db_question *question, int64_t device_id, const char *const *methods, size_t count)
{
	DB_ADD(question, &set_methods, db_int(question->arena, device_id),
		db_text_array(question->arena, methods, count));
}

static const struct db_statement refuse_method = {
	.name = "devices_refuse_method",
	.sql = "UPDATE device SET refused_methods = array_append(refused_methods, $2::text)"
	       " WHERE device_id = $1 AND $2 <> ALL (refused_methods) AND $2 NOT IN " REQUIRED,
};

void devices_refuse_method(struct db_question *question, int64_t device_id, const char *method)
{
	DB_ADD(question, &refuse_method, db_int(question->arena, device_id), db_text(method));
}
