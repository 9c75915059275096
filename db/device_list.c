/* device_list: devices as operators see them.
 * A list is one condition that has an index, chosen by what the filter holds, and all others behind it. */
#include "db/device_list.h"

/* Devices that never told their periodic interval are taken to have the one that onboarding sets. */
#define DEFAULT_INTERVAL "3600"

#define DEVICE_JSON \
	"json_build_object('id', d.id, 'oui', d.oui, 'product_class', d.product_class," \
	" 'serial_number', d.serial_number, 'manufacturer', d.manufacturer, 'root', d.root," \
	" 'cwmp_version', d.cwmp_version, 'software_version', d.software_version," \
	" 'hardware_version', d.hardware_version, 'connection_request_url', d.connection_request_url," \
	" 'registered', " DB_TIME("d.registered") ", 'last_inform', " DB_TIME("l.last_inform") "," \
	" 'last_boot', " DB_TIME("d.last_boot") ", 'last_bootstrap', " DB_TIME("d.last_bootstrap") "," \
	" 'events', d.events, 'retry_count', d.retry_count, 'methods', d.methods," \
	" 'refused_methods', d.refused_methods, 'tags', d.tags, 'online', coalesce(l.last_inform > now()" \
	"  - make_interval(secs => 2.0 * coalesce(d.periodic_interval, " DEFAULT_INTERVAL ") + 60)," \
	"  false))"
#define FROM_DEVICE " FROM device d LEFT JOIN device_live l USING (device_id) "

/* $1 after, $2 limit, $3 oui, $4 class, $5 serial, $6 version, $7 words, $8 tags, $9 names, $10 values. */
#define LIST(indexed) \
	"SELECT " DEVICE_JSON ", d.device_id" FROM_DEVICE "WHERE " indexed " AND d.device_id > $1" \
	" AND ($3::text IS NULL OR d.oui IN ($3, upper($3), lower($3)))" \
	" AND ($4::text IS NULL OR d.product_class = $4)" \
	" AND ($5::text IS NULL OR d.serial_number = $5)" \
	" AND ($6::text IS NULL OR d.software_version = $6)" \
	" AND ($7::text IS NULL OR strpos(lower(concat_ws(' ', d.id, d.oui, d.product_class," \
	"  d.serial_number, d.manufacturer, d.software_version, array_to_string(d.tags, ' '))), lower($7)) > 0)" \
	" AND d.tags @> $8::text[]" \
	" AND NOT EXISTS (SELECT FROM unnest($9::text[], $10::text[]) AS w(name, value)" \
	"  WHERE NOT EXISTS (SELECT FROM parameter p JOIN path USING (path_id)" \
	"   WHERE p.device_id = d.device_id AND path.name = w.name AND p.value = w.value))" \
	" ORDER BY d.device_id LIMIT $2"

enum { BY_SERIAL, BY_PARAMETER, BY_TAGS, BY_VERSION, BY_OUI, BY_ID };

static const struct db_statement lists[] = {
	[BY_SERIAL] = { .name = "devices_list_by_serial", .sql = LIST("d.serial_number = $5") },
	[BY_PARAMETER] = { .name = "devices_list_by_parameter",
		.sql = LIST("d.device_id IN (SELECT p.device_id FROM parameter p"
			    " WHERE p.path_id = (SELECT path_id FROM path WHERE name = ($9::text[])[1])"
			    " AND md5(p.value) = md5(($10::text[])[1]) AND p.value IS NOT NULL)") },
	[BY_TAGS] = { .name = "devices_list_by_tags", .sql = LIST("d.tags @> $8::text[]") },
	[BY_VERSION] = { .name = "devices_list_by_version", .sql = LIST("d.software_version = $6") },
	[BY_OUI] = { .name = "devices_list_by_oui", .sql = LIST("d.oui IN ($3, upper($3), lower($3))") },
	[BY_ID] = { .name = "devices_list_by_id", .sql = LIST("true") },
};

/* The most selective first. */
static const struct db_statement *list_for(const struct device_filter *filter)
{
	if (filter->serial_number)
		return &lists[BY_SERIAL];
	if (filter->parameter_count)
		return &lists[BY_PARAMETER];
	if (filter->tag_count)
		return &lists[BY_TAGS];
	if (filter->software_version)
		return &lists[BY_VERSION];
	return filter->oui ? &lists[BY_OUI] : &lists[BY_ID];
}

void devices_list(struct db_question *question, const struct device_filter *f, int64_t after,
	unsigned limit)
{
	struct arena *arena = question->arena;
	DB_ADD(question, list_for(f), db_int(arena, after), db_int(arena, limit), db_text(f->oui),
		db_text(f->product_class), db_text(f->serial_number), db_text(f->software_version),
		db_text(f->words), db_text_array(arena, f->tags, f->tag_count),
		db_text_array(arena, f->names, f->parameter_count),
		db_text_array(arena, f->values, f->parameter_count));
}

static const struct db_statement get = {
	.name = "devices_get",
	.sql = "SELECT " DEVICE_JSON FROM_DEVICE "WHERE d.device_id = $1",
};

void devices_get(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &get, db_int(question->arena, device_id));
}

static const struct db_statement set_tags = {
	.name = "devices_set_tags",
	.sql = "WITH d AS (UPDATE device SET tags = $5 WHERE device_id = $4 RETURNING *),"
	       AUDITED("d", "jsonb_build_object('tags', tags)")
	       " SELECT " DEVICE_JSON " FROM d LEFT JOIN device_live l USING (device_id)",
};

void devices_set_tags(struct db_question *question, const struct audit_note *note, int64_t device_id,
	const char *const *tags, size_t count)
{
	DB_ADD(question, &set_tags, AUDIT_VALUES(note), db_int(question->arena, device_id),
		db_text_array(question->arena, tags, count));
}

static const struct db_statement add_tag = {
	.name = "devices_add_tag",
	.sql = "WITH changed AS (UPDATE device SET tags = array_append(tags, $5::text)"
	       "  WHERE device_id = $4 AND NOT $5 = ANY (tags) RETURNING 1),"
	       AUDITED("changed", "NULL::jsonb")
	       " SELECT FROM device WHERE device_id = $4",
};
static const struct db_statement remove_tag = {
	.name = "devices_remove_tag",
	.sql = "WITH changed AS (UPDATE device SET tags = array_remove(tags, $5::text)"
	       "  WHERE device_id = $4 AND $5 = ANY (tags) RETURNING 1),"
	       AUDITED("changed", "NULL::jsonb")
	       " SELECT FROM device WHERE device_id = $4",
};

void devices_tag(struct db_question *question, const struct audit_note *note, int64_t device_id,
	const char *tag, bool has_tag)
{
	DB_ADD(question, has_tag ? &add_tag : &remove_tag, AUDIT_VALUES(note),
		db_int(question->arena, device_id), db_text(tag));
}

static const struct db_statement delete = {
	.name = "devices_delete",
	.sql = "WITH gone AS (DELETE FROM device WHERE device_id = $4 RETURNING id),"
	       " sessions AS (DELETE FROM session_log WHERE device_id = $4),"
	       AUDITED("gone", "jsonb_build_object('device', id)")
	       " SELECT FROM gone",
};

void devices_delete(struct db_question *question, const struct audit_note *note, int64_t device_id)
{
	DB_ADD(question, &delete, AUDIT_VALUES(note), db_int(question->arena, device_id));
}

static const struct db_statement exists = {
	.name = "devices_exists",
	.sql = "SELECT FROM device WHERE device_id = $1",
};

void devices_exists(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &exists, db_int(question->arena, device_id));
}

static const struct db_statement which_informed = {
	.name = "devices_which_informed",
	.sql = "SELECT device_id FROM device_live WHERE device_id = ANY ($1::bigint[])"
	       " AND last_inform > now() - make_interval(secs => $2)",
};

void devices_which_informed(
	struct db_question *question, const int64_t *device_ids, size_t count, unsigned seconds)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &which_informed, db_int_array(arena, device_ids, count),
		db_int(arena, seconds));
}

static const struct db_statement which_exist = {
	.name = "devices_which_exist",
	.sql = "SELECT device_id FROM device WHERE device_id = ANY ($1::bigint[])",
};

void devices_which_exist(struct db_question *question, const int64_t *device_ids, size_t count)
{
	DB_ADD(question, &which_exist, db_int_array(question->arena, device_ids, count));
}

static const struct db_statement parameters = {
	.name = "devices_parameters",
	.sql = "SELECT json_build_object('name', path.name, 'value', p.value, 'type', p.type,"
	       "  'writable', p.writable, 'notification', p.notification, 'updated', " DB_TIME("p.updated") "),"
	       "  path.name"
	       " FROM parameter p JOIN path USING (path_id)"
	       " WHERE p.device_id = $1 AND starts_with(path.name, $2) AND path.name COLLATE \"C\" > $3"
	       "  AND ($4 OR right(path.name, 1) <> '.')"
	       " ORDER BY path.name COLLATE \"C\" LIMIT $5",
};

void devices_parameters(struct db_question *question, int64_t device_id,
	const struct parameter_filter *filter, const char *after, unsigned limit)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &parameters, db_int(arena, device_id), db_text(filter->prefix), db_text(after),
		db_bool(filter->with_objects), db_int(arena, limit));
}
