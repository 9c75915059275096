/* parameters: what is known of a device's data model, one row for each object and parameter.
 * Lists travel as arrays, so a statement is the same for one parameter and for ten thousand. */
#include "db/parameters.h"

#include <stdlib.h>
#include <string.h>

#include "db/devices.h"
#include "db/path_sql.h"
#include "db/searched_parameters.h"

/* By name, and by place among equals: the later one is the newer one. */
static int by_name(const void *a, const void *b)
{
	const struct parameter *const *left = a, *const *right = b;
	const int order = strcmp((*left)->name, (*right)->name);
	return order ? order : (*left > *right) - (*left < *right);
}

size_t parameters_sort(struct arena *arena, struct parameter *parameters, size_t count)
{
	const struct parameter **sorted = arena_array(arena, count, sizeof(*sorted));
	for (size_t i = 0; i < count; i++)
		sorted[i] = &parameters[i];
	if (count)
		qsort(sorted, count, sizeof(*sorted), by_name);
	struct parameter *kept = arena_array(arena, count, sizeof(*kept));
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (n && strcmp(kept[n - 1].name, sorted[i]->name) == 0)
			n--;
		kept[n++] = *sorted[i];
	}
	if (n)
		memcpy(parameters, kept, n * sizeof(*kept));
	return n;
}

struct columns {
	const char **names, **values, **types;
	bool *writable;
};

static struct columns columns_of(
	struct arena *arena, const struct parameter *parameters, size_t count)
{
	struct columns c = {
		.names = arena_array(arena, count, sizeof(char *)),
		.values = arena_array(arena, count, sizeof(char *)),
		.types = arena_array(arena, count, sizeof(char *)),
		.writable = arena_array(arena, count, sizeof(bool)),
	};
	for (size_t i = 0; i < count; i++) {
		c.names[i] = parameters[i].name;
		c.values[i] = parameters[i].value;
		c.types[i] = parameters[i].type;
		c.writable[i] = parameters[i].writable;
	}
	return c;
}

/* A device that makes up names is stopped at the limits. They are looked at only when a name is new (OFFSET 0
 * keeps the planner from looking earlier), so that the usual write does not grow with what is stored.
 * Sorted, so that two sessions that teach the same new names wait for each other and never deadlock. */
#define ADD_PATHS(unknown) \
	"INSERT INTO path (name)" \
	" SELECT name FROM (SELECT told.name FROM unnest($1::text[]) AS told(name) " unknown " OFFSET 0) AS new" \
	" WHERE CASE WHEN name IS NOT NULL THEN" \
	"  (SELECT count(*) FROM parameter WHERE device_id = $2) < $3" \
	"  AND (SELECT coalesce(max(path_id), 0) FROM path) < $4 END" \
	" ORDER BY name ON CONFLICT DO NOTHING"

static const struct db_statement add_few_paths = {
	.name = "parameters_add_few_paths",
	.sql = ADD_PATHS("LEFT JOIN " PATH_OF_NAME("told.name") " ON true WHERE path.path_id IS NULL"),
};
static const struct db_statement add_many_paths = {
	.name = "parameters_add_many_paths",
	.sql = ADD_PATHS("WHERE NOT EXISTS (SELECT FROM path WHERE path.name = told.name)"),
};

void parameters_add_paths(struct db_question *question, int64_t device_id,
	const char *const *names, size_t count, const struct parameter_limits *limits)
{
	struct arena *arena = question->arena;
	DB_ADD(question, count > FEW_PATHS ? &add_many_paths : &add_few_paths,
		db_text_array(arena, names, count), db_int(arena, device_id),
		db_int(arena, limits->of_device), db_int(arena, limits->in_all));
}

/* What is told and not stored yet goes on; what is stored already is not even locked. An insert that finds its row
 * there would cost an update and a lock, so known rows are updated and only new ones inserted. OFFSET 0 has each
 * name looked up by itself: the cost is that of what is told, however much is stored. */
#define TOLD(columns, arrays, is_changed) \
	"WITH told AS MATERIALIZED (" \
	"  SELECT path.path_id, " columns ", p.path_id IS NOT NULL AS is_known" \
	"  FROM unnest($3::text[], " arrays ") JOIN " PATH_OF_NAME("told.name") " ON true" \
	"  LEFT JOIN LATERAL (SELECT * FROM parameter WHERE device_id = $1 AND path_id = path.path_id" \
	"   OFFSET 0) AS p ON true" \
	"  WHERE p.path_id IS NULL OR " is_changed ")"
#define IS_KNOWN "told.is_known AND p.device_id = $1 AND p.path_id = told.path_id"
#define HAS_ROOM \
	"CASE WHEN NOT is_known THEN (SELECT count(*) FROM parameter WHERE device_id = $1) < $2 END"

static const struct db_statement store = {
	.name = "parameters_store",
	.sql = TOLD("told.value, told.type", "$4::text[], $5::text[]) AS told(name, value, type",
		"p.value IS DISTINCT FROM told.value"
		" OR (told.type IS NOT NULL AND p.type IS DISTINCT FROM told.type)") ","
	       " changed AS (UPDATE parameter p SET value = told.value,"
	       "  value_hash = " SEARCHED_HASH("told.path_id", "told.value") ","
	       "  type = coalesce(told.type, p.type), updated = now() FROM told WHERE " IS_KNOWN ")"
	       " INSERT INTO parameter AS old (device_id, path_id, value, value_hash, type, updated)"
	       " SELECT $1, path_id, value, " SEARCHED_HASH("told.path_id", "told.value") ","
	       "  type, now() FROM told WHERE " HAS_ROOM
	       " ON CONFLICT (device_id, path_id) DO UPDATE SET value = excluded.value,"
	       "  value_hash = excluded.value_hash,"
	       "  type = coalesce(excluded.type, old.type), updated = now()",
};

void parameters_store(struct db_question *question, int64_t device_id,
	const struct parameter *parameters, size_t count, enum parameters_teller teller,
	const struct parameter_limits *limits)
{
	struct arena *arena = question->arena;
	const struct columns c = columns_of(arena, parameters, count);
	if (count == 0)
		return;
	const struct db_value names = db_text_array(arena, c.names, count);
	parameters_add_paths(question, device_id, c.names, count, limits);
	DB_ADD(question, &store, db_int(arena, device_id), db_int(arena, limits->of_device), names,
		db_text_array(arena, c.values, count), db_text_array(arena, c.types, count));
	if (teller != TELLER_INFORM)
		devices_clear_hash(question, device_id);
}

static const struct db_statement store_names = {
	.name = "parameters_store_names",
	.sql = TOLD("told.writable", "$4::boolean[]) AS told(name, writable",
		"p.writable IS DISTINCT FROM told.writable") ","
	       " changed AS (UPDATE parameter p SET writable = told.writable FROM told"
	       "  WHERE " IS_KNOWN ")"
	       " INSERT INTO parameter (device_id, path_id, writable)"
	       " SELECT $1, path_id, writable FROM told WHERE " HAS_ROOM
	       " ON CONFLICT (device_id, path_id) DO UPDATE SET writable = excluded.writable",
};

/* Rows come and go on real devices (hosts, sessions): what is no longer named is gone. Only GetParameterNames tells
 * whether a parameter is writable, so that shows what was named before. NOT IN is looked up in a hash, whatever
 * the planner thinks of the array's length; NOT EXISTS compared each name with each. */
static const struct db_statement forget_unlisted = {
	.name = "parameters_forget_unlisted",
	.sql = "DELETE FROM parameter USING path"
	       " WHERE device_id = $1 AND parameter.path_id = path.path_id"
	       " AND starts_with(path.name, $2) AND ($4 OR writable IS NOT NULL)"
	       " AND path.name NOT IN (SELECT unnest($3::text[]))",
};

void parameters_store_names(struct db_question *question, int64_t device_id, const char *path,
	const struct parameter *parameters, size_t count, enum parameters_unlisted unlisted,
	const struct parameter_limits *limits)
{
	struct arena *arena = question->arena;
	const struct columns c = columns_of(arena, parameters, count);
	const struct db_value names = db_text_array(arena, c.names, count);
	parameters_add_paths(question, device_id, c.names, count, limits);
	DB_ADD(question, &store_names, db_int(arena, device_id), db_int(arena, limits->of_device),
		names, db_bool_array(arena, c.writable, count));
	if (unlisted != UNLISTED_STAY)
		DB_ADD(question, &forget_unlisted, db_int(arena, device_id), db_text(path), names,
			db_bool(unlisted == UNLISTED_GO));
	devices_clear_hash(question, device_id);
}

static const struct db_statement forget = {
	.name = "parameters_forget",
	.sql = "DELETE FROM parameter USING path"
	       " WHERE device_id = $1 AND parameter.path_id = path.path_id"
	       " AND starts_with(path.name, $2)",
};

void parameters_forget(struct db_question *question, int64_t device_id, const char *path)
{
	DB_ADD(question, &forget, db_int(question->arena, device_id), db_text(path));
	devices_clear_hash(question, device_id);
}

/* What a partial path covers is found among the device's own parameters, one by one; a list of complete
 * names needs no such look. */
static const struct db_statement store_notifications = {
	.name = "parameters_store_notifications",
	.sql = "WITH told AS (SELECT name, notification, place"
	       "  FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS t(name, notification, place)),"
	       " own AS (SELECT p.path_id, path.name FROM parameter p JOIN path USING (path_id)"
	       "  WHERE p.device_id = $1 AND $4 AND right(path.name, 1) <> '.'"
	       "   AND EXISTS (SELECT FROM told WHERE right(told.name, 1) = '.')),"
	       " meant AS (SELECT DISTINCT ON (path_id) path_id, notification FROM ("
	       "   SELECT path.path_id, told.notification, told.place FROM told JOIN path USING (name)"
	       "   UNION ALL"
	       "   SELECT own.path_id, told.notification, told.place FROM own JOIN told"
	       "    ON right(told.name, 1) = '.' AND starts_with(own.name, told.name)) AS each"
	       "  ORDER BY path_id, place DESC)"
	       " UPDATE parameter p SET notification = meant.notification FROM meant"
	       " WHERE p.device_id = $1 AND p.path_id = meant.path_id"
	       "  AND p.notification IS DISTINCT FROM meant.notification",
};

void parameters_store_notifications(struct db_question *question, int64_t device_id,
	const struct parameter_notification *told, size_t count, bool is_below)
{
	struct arena *arena = question->arena;
	const char **names = arena_array(arena, count, sizeof(*names));
	int64_t *notifications = arena_array(arena, count, sizeof(*notifications));
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		names[i] = told[i].name;
		notifications[i] = told[i].notification;
	}
	DB_ADD(question, &store_notifications, db_int(arena, device_id),
		db_text_array(arena, names, count), db_int_array(arena, notifications, count),
		db_bool(is_below));
}
