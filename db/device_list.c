/* device_list: devices as operators see them.
 * A list is one condition that has an index, chosen by how many devices it fits, and all others behind it. */
#include "db/device_list.h"

#include <string.h>

#include "base/compiler.h"

#include "db/devices.h"

/* Devices that never told their periodic interval are taken to have the one that onboarding sets. */
#define DEFAULT_INTERVAL "3600"

#define DEVICE_JSON \
	"json_build_object('id', d.id, 'oui', d.oui, 'product_class', d.product_class," \
	" 'serial_number', d.serial_number, 'manufacturer', d.manufacturer, 'root', d.root," \
	" 'cwmp_version', d.cwmp_version, 'software_version', d.software_version," \
	" 'hardware_version', d.hardware_version, 'connection_request_url'," \
	" regexp_replace(d.connection_request_url, '//[^/?#]*@', '//********@')," \
	" 'registered', " DB_TIME("d.registered") ", 'last_inform', " DB_TIME("l.last_inform") "," \
	" 'last_boot', " DB_TIME("d.last_boot") ", 'last_bootstrap', " DB_TIME("d.last_bootstrap") "," \
	" 'events', d.events, 'retry_count', d.retry_count, 'methods', d.methods," \
	" 'refused_methods', d.refused_methods, 'tags', d.tags, 'admission', d.admission, 'online', coalesce(l.last_inform > now()" \
	"  - make_interval(secs => 2.0 * coalesce(d.periodic_interval, " DEFAULT_INTERVAL ") + 60)," \
	"  false))"
#define FROM_DEVICE " FROM device d LEFT JOIN device_live l USING (device_id) "

/* Does device d fit? A CASE, since the planner takes no offence at one: it would think of the conditions as so
 * rare that it had better sort all devices than walk an index until a page is full. */
#define FITS \
	"CASE WHEN NOT (" IN_SCOPE("$11", "$12") ") THEN false" \
	" WHEN d.oui NOT IN ($3, upper($3), lower($3)) THEN false" \
	" WHEN d.product_class <> $4::text THEN false WHEN d.serial_number <> $5::text THEN false" \
	" WHEN $6::text IS NOT NULL AND d.software_version IS DISTINCT FROM $6 THEN false" \
	" WHEN strpos(lower(concat_ws(' ', d.id, d.oui, d.product_class, d.serial_number, d.manufacturer," \
	"  d.software_version, array_to_string(d.tags, ' '))), lower($7::text)) = 0 THEN false" \
	" WHEN NOT d.tags @> $8::text[] THEN false WHEN d.admission <> $13::text THEN false" \
	" WHEN cardinality($9::text[]) = 0 THEN true" \
	" ELSE NOT EXISTS (SELECT FROM unnest(ARRAY(SELECT path_id" \
	"   FROM unnest($9) WITH ORDINALITY AS named(name, place) LEFT JOIN path USING (name) ORDER BY place)," \
	"   $10::text[]) AS w(path_id, value)" \
	"  WHERE NOT EXISTS (SELECT FROM parameter p WHERE p.device_id = d.device_id" \
	"   AND p.path_id = w.path_id AND p.value = w.value)) END"

/* $1 after, $2 limit, $3 oui, $4 class, $5 serial, $6 version, $7 words, $8 tags, $9 names, $10 values,
 * $11 and $12 scope, $13 admission.
 * Devices d in order, from an index that has them so; the constant is for the planner, no page is larger. */
#define IN_ORDER(source, device_id, condition) \
	"(SELECT " device_id " FROM " source " WHERE " condition " AND " device_id " > $1 AND " FITS \
	"  ORDER BY " device_id " LIMIT 1001)"
#define DEVICES(condition) IN_ORDER("device d", "d.device_id", condition)
/* In whichever case a device tells it. */
#define DEVICES_OF_OUI(condition) \
	DEVICES("d.oui = $3" condition) " UNION ALL " DEVICES("d.oui = upper($3) AND upper($3) <> $3" condition) \
	" UNION ALL " DEVICES("d.oui = lower($3) AND lower($3) <> $3" condition)
#define LIST(in_order) \
	"SELECT " DEVICE_JSON ", d.device_id" \
	" FROM (SELECT device_id FROM (" in_order ") AS fitting ORDER BY device_id LIMIT $2) AS page" \
	" JOIN device d USING (device_id) LEFT JOIN device_live l USING (device_id) ORDER BY d.device_id"

/* A list for each part of a filter that has an index. */
static const struct db_statement lists[] = {
	{ "devices_list_by_serial", LIST(DEVICES("d.serial_number = $5")) },
	{ "devices_list_by_admission", LIST(DEVICES("d.admission = $13 AND d.admission <> 'active'")) },
	{ "devices_list_by_searched_parameter",
		LIST(IN_ORDER("parameter p JOIN device d USING (device_id)", "p.device_id",
			"p.path_id = (SELECT path_id FROM path WHERE name = ($9::text[])[1])"
			" AND p.value_hash = hashtextextended(($10::text[])[1], 0)")) },
	{ "devices_list_by_tag",
		LIST(IN_ORDER("device_tag t JOIN device d USING (device_id)", "t.device_id",
			"t.tag = ($8::text[])[1]")) },
	{ "devices_list_by_version", LIST(DEVICES("d.software_version = $6")) },
	{ "devices_list_by_oui_and_class", LIST(DEVICES_OF_OUI(" AND d.product_class = $4")) },
	{ "devices_list_by_oui", LIST(DEVICES_OF_OUI("")) },
	{ "devices_list_by_class", LIST(DEVICES("d.product_class = $4")) },
};
/* These look at every device. */
static const struct db_statement list_by_parameter = {
	"devices_list_by_parameter",
	LIST(IN_ORDER("device d JOIN parameter p USING (device_id)", "d.device_id",
		"p.path_id = (SELECT path_id FROM path WHERE name = ($9::text[])[1])"
		" AND p.value = ($10::text[])[1]")),
};
static const struct db_statement list_by_id = { "devices_list_by_id", LIST(DEVICES("true")) };

/* The part of the filter that the fewest devices fit leads, the others are checked device by device. No more than a
 * large page is counted: of parts that more devices fit, the one that comes first here leads. */
#define WEIGHT(source) "(SELECT count(*) FROM (SELECT FROM " source " LIMIT 1001) AS few)"
#define ONE(order, list, source, condition) \
	" UNION ALL SELECT " order ", '" list "', 1, 1, " WEIGHT("device WHERE " source) \
	" WHERE " condition
#define OF_OUI "oui IN ($1, upper($1), lower($1))"

static const struct db_statement weigh = {
	.name = "devices_weigh",
	.sql = "SELECT list, tag, parameter FROM (SELECT 2, 'devices_list_by_searched_parameter', 1, w.place, "
	       WEIGHT("parameter p WHERE p.path_id = path.path_id"
		      " AND p.value_hash = hashtextextended(w.value, 0)")
	       "  FROM unnest($6::text[], $7::text[]) WITH ORDINALITY AS w(name, value, place)"
	       "  JOIN path USING (name) JOIN searched_parameter s USING (path_id) WHERE s.state = 'ready'"
	       ONE("1", "devices_list_by_serial", "serial_number = $3", "$3::text IS NOT NULL")
	       ONE("2", "devices_list_by_admission", "admission = $8 AND admission <> 'active'",
		   "$8::text IN ('quarantined', 'blocked')")
	       " UNION ALL SELECT 3, 'devices_list_by_tag', t.place, 1, " WEIGHT("device_tag WHERE tag = t.tag")
	       "  FROM unnest($5::text[]) WITH ORDINALITY AS t(tag, place)"
	       ONE("4", "devices_list_by_version", "software_version = $4", "$4::text IS NOT NULL")
	       ONE("5", "devices_list_by_oui_and_class", OF_OUI " AND product_class = $2",
		   "$1::text IS NOT NULL AND $2::text IS NOT NULL")
	       ONE("6", "devices_list_by_oui", OF_OUI, "$1 IS NOT NULL AND $2 IS NULL")
	       ONE("7", "devices_list_by_class", "product_class = $2", "$2 IS NOT NULL AND $1 IS NULL")
	       ") AS part(place, list, tag, parameter, weight) ORDER BY weight, place LIMIT 1",
};

void devices_weigh(struct db_question *question, const struct device_filter *f)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &weigh, db_text(f->oui), db_text(f->product_class), db_text(f->serial_number),
		db_text(f->software_version), db_text_array(arena, f->tags, f->tag_count),
		db_text_array(arena, f->names, f->parameter_count),
		db_text_array(arena, f->values, f->parameter_count), db_text(f->admission));
}

/* The item at that place, counted from 1, goes to the front. */
static void lead_with(const char **items, size_t count, int64_t place)
{
	if (!count)
		return;
	const char *first = items[0];
	items[0] = items[place - 1];
	items[place - 1] = first;
}

void devices_lead(struct device_filter *filter, const struct db_rows *weights)
{
	filter->list = filter->parameter_count ? &list_by_parameter : &list_by_id;
	if (db_row_count(weights) == 0)
		return;
	const char *name = db_get_text(weights, 0, 0);
	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		if (strcmp(lists[i].name, name) == 0)
			filter->list = &lists[i];
	lead_with(filter->tags, filter->tag_count, db_get_int(weights, 0, 1));
	lead_with(filter->names, filter->parameter_count, db_get_int(weights, 0, 2));
	lead_with(filter->values, filter->parameter_count, db_get_int(weights, 0, 2));
}

void devices_list(struct db_question *question, const struct device_filter *f, int64_t after,
	unsigned limit)
{
	struct arena *arena = question->arena;
	DB_ADD(question, f->list, db_int(arena, after), db_int(arena, limit), db_text(f->oui),
		db_text(f->product_class), db_text(f->serial_number), db_text(f->software_version),
		db_text(f->words), db_text_array(arena, f->tags, f->tag_count),
		db_text_array(arena, f->names, f->parameter_count),
		db_text_array(arena, f->values, f->parameter_count), SCOPE_VALUES(&f->scope),
		db_text(f->admission));
}

static const struct db_statement get = {
	.name = "devices_get",
	.sql = "SELECT " DEVICE_JSON FROM_DEVICE "WHERE d.device_id = $1",
};

void devices_get(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &get, db_int(question->arena, device_id));
}

#define OLD_TAGS "old AS (SELECT tags AS before FROM device WHERE device_id = $4 FOR NO KEY UPDATE)"
#define TAGS_AUDITED(changed) \
	AUDITED_SETTING(changed, "jsonb_build_object('tags', before)", "jsonb_build_object('tags', tags)")

static const struct db_statement set_tags = {
	.name = "devices_set_tags",
	.sql = "WITH " OLD_TAGS ","
	       " d AS (UPDATE device SET tags = $5 FROM old WHERE device_id = $4 RETURNING device.*, before),"
	       TAGS_AUDITED("d")
	       " SELECT " DEVICE_JSON " FROM d LEFT JOIN device_live l USING (device_id)",
};

void devices_set_tags(struct db_question *question, const struct audit_note *note, int64_t device_id,
	const char *const *tags, size_t count)
{
	DB_ADD(question, &set_tags, AUDIT_VALUES(question->arena, note), db_int(question->arena, device_id),
		db_text_array(question->arena, tags, count));
}

/* A session that a device has open is over when it is blocked, and what nodes remember of it is not believed. */
static const struct db_statement set_admission = {
	.name = "devices_set_admission",
	.sql = "WITH old AS (SELECT admission AS before FROM device WHERE device_id = $4 FOR NO KEY UPDATE),"
	       " d AS (UPDATE device SET admission = $5 FROM old WHERE device_id = $4"
	       "  RETURNING device.*, before),"
	       " cut AS (UPDATE device_live SET inform_hash = NULL, session_epoch = session_epoch + 1"
	       "  WHERE device_id = $4 AND $5 = 'blocked'),"
	       AUDITED_SETTING("d", "jsonb_build_object('admission', before)",
		       "jsonb_build_object('admission', admission)")
	       " SELECT " DEVICE_JSON " FROM d LEFT JOIN device_live l USING (device_id)",
};

void devices_set_admission(struct db_question *question, const struct audit_note *note,
	int64_t device_id, const char *admission)
{
	devices_lock(question, device_id);
	DB_ADD(question, &set_admission, AUDIT_VALUES(question->arena, note), db_int(question->arena, device_id),
		db_text(admission));
}

static const struct db_statement add_tag = {
	.name = "devices_add_tag",
	.sql = "WITH " OLD_TAGS ","
	       " changed AS (UPDATE device SET tags = array_append(tags, $5::text) FROM old"
	       "  WHERE device_id = $4 AND NOT $5 = ANY (tags) RETURNING tags, before),"
	       TAGS_AUDITED("changed")
	       " SELECT FROM device WHERE device_id = $4",
};
static const struct db_statement remove_tag = {
	.name = "devices_remove_tag",
	.sql = "WITH " OLD_TAGS ","
	       " changed AS (UPDATE device SET tags = array_remove(tags, $5::text) FROM old"
	       "  WHERE device_id = $4 AND $5 = ANY (tags) RETURNING tags, before),"
	       TAGS_AUDITED("changed")
	       " SELECT FROM device WHERE device_id = $4",
};

void devices_tag(struct db_question *question, const struct audit_note *note, int64_t device_id,
	const char *tag, bool has_tag)
{
	DB_ADD(question, has_tag ? &add_tag : &remove_tag, AUDIT_VALUES(question->arena, note),
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
	devices_lock(question, device_id);
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_int(question->arena, device_id));
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
	.sql = "SELECT device_id FROM device d WHERE device_id = ANY ($1::bigint[]) AND" IN_SCOPE("$2", "$3"),
};

void devices_which_exist(struct db_question *question, const struct device_scope *scope,
	const int64_t *device_ids, size_t count)
{
	DB_ADD(question, &which_exist, db_int_array(question->arena, device_ids, count), SCOPE_VALUES(scope));
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
