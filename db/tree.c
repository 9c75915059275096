/* tree: a device's data model as a whole: read to be compared with what it tells, and what differs written.
 * Rows that were read are known by path_id, so only new ones are looked up by their names. */
#include "db/tree.h"

#include "db/devices.h"
#include "db/parameters.h"
#include "db/path_sql.h"
#include "db/searched_parameters.h"

/* OFFSET 0 has the names found before they are compared: the planner takes starts_with() for rare and would begin with it,
 * going through the device's rows once for each name. */
#define READ(names) \
	"SELECT p.path_id, p.name, p.value, p.type, p.writable" \
	" FROM (SELECT parameter.*, path.name FROM parameter " names " WHERE device_id = $1 OFFSET 0) AS p" \
	" WHERE starts_with(p.name, $2)"

static const struct db_statement read_few = {
	.name = "tree_read_few",
	.sql = READ("JOIN " PATH_OF_ID("parameter") " ON true"),
};
static const struct db_statement read_many = {
	.name = "tree_read_many",
	.sql = READ("JOIN path USING (path_id)"),
};

void tree_read(struct db_question *question, int64_t device_id, const char *path, size_t told)
{
	DB_ADD(question, told > FEW_PATHS ? &read_many : &read_few,
		db_int(question->arena, device_id), db_text(path));
}

struct tree_row tree_row(const struct db_rows *rows, size_t row)
{
	return (struct tree_row){
		.path_id = db_get_int(rows, row, 0),
		.name = db_get_text(rows, row, 1),
		.value = db_get_text(rows, row, 2),
		.type = db_get_text(rows, row, 3),
		.is_listed = !db_is_null(rows, row, 4),
		.writable = db_get_bool(rows, row, 4),
	};
}

/* What was not told stays as it is. */
static const struct db_statement update = {
	.name = "tree_update",
	.sql = "UPDATE parameter p SET writable = told.writable, type = coalesce(told.type, p.type),"
	       "  value = coalesce(told.value, p.value),"
	       "  value_hash = CASE WHEN told.value IS NULL THEN p.value_hash"
	       "   ELSE " SEARCHED_HASH("told.path_id", "told.value") " END,"
	       "  updated = CASE WHEN told.value IS NULL THEN p.updated ELSE now() END"
	       " FROM unnest($2::bigint[], $3::text[], $4::text[], $5::boolean[])"
	       "  AS told(path_id, value, type, writable)"
	       " WHERE p.device_id = $1 AND p.path_id = told.path_id",
};

/* In the order of the key, as pages of table and index like it. The count is taken once, before. */
#define INSERT(names) \
	"INSERT INTO parameter (device_id, path_id, value, value_hash, type, writable, updated)" \
	" SELECT $1, path_id, value, " SEARCHED_HASH("path_id", "value") ", type, writable," \
	"  CASE WHEN value IS NOT NULL THEN now() END" \
	" FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[])" \
	"  AS told(name, value, type, writable) " names \
	" WHERE (SELECT count(*) FROM parameter WHERE device_id = $1) < $2" \
	" ORDER BY path_id"

static const struct db_statement insert_few = {
	.name = "tree_insert_few",
	.sql = INSERT("JOIN " PATH_OF_NAME("told.name") " ON true"),
};
static const struct db_statement insert_many = {
	.name = "tree_insert_many",
	.sql = INSERT("JOIN path USING (name)"),
};

struct columns {
	int64_t *path_ids;
	const char **names, **values, **types;
	bool *writable;
	size_t count;
};

static struct columns columns_of(
	struct arena *arena, const struct tree_change *changes, size_t count, bool is_new)
{
	struct columns c = {
		.path_ids = arena_array(arena, count, sizeof(int64_t)),
		.names = arena_array(arena, count, sizeof(char *)),
		.values = arena_array(arena, count, sizeof(char *)),
		.types = arena_array(arena, count, sizeof(char *)),
		.writable = arena_array(arena, count, sizeof(bool)),
	};
	for (size_t i = 0; i < count; i++) {
		const struct tree_change *change = &changes[i];
		if ((change->path_id == 0) != is_new)
			continue;
		c.path_ids[c.count] = change->path_id;
		c.names[c.count] = change->name;
		c.values[c.count] = change->value;
		c.types[c.count] = change->type;
		c.writable[c.count++] = change->writable;
	}
	return c;
}

/* Planned while the dictionary is hardly longer than a tree, it is read whole, which takes half as long as looking up each
 * name of many. */
static const struct db_statement whole_reads = {
	.name = "tree_whole_reads",
	.sql = "SELECT set_config('enable_seqscan', $1, true)",
};

static void insert(struct db_question *question, int64_t device_id, const struct columns *new,
	const struct parameter_limits *limits)
{
	struct arena *arena = question->arena;
	const bool is_many = new->count > FEW_PATHS;
	if (is_many)
		DB_ADD(question, &whole_reads, db_text("on"));
	parameters_add_paths(question, device_id, new->names, new->count, limits);
	DB_ADD(question, is_many ? &insert_many : &insert_few, db_int(arena, device_id),
		db_int(arena, limits->of_device), db_text_array(arena, new->names, new->count),
		db_text_array(arena, new->values, new->count),
		db_text_array(arena, new->types, new->count),
		db_bool_array(arena, new->writable, new->count));
	if (is_many)
		DB_ADD(question, &whole_reads, db_text("off"));
}

void tree_store(struct db_question *question, int64_t device_id, const struct tree_change *changes,
	size_t count, const struct parameter_limits *limits)
{
	struct arena *arena = question->arena;
	const struct columns known = columns_of(arena, changes, count, false),
			     new = columns_of(arena, changes, count, true);
	if (known.count)
		DB_ADD(question, &update, db_int(arena, device_id),
			db_int_array(arena, known.path_ids, known.count),
			db_text_array(arena, known.values, known.count),
			db_text_array(arena, known.types, known.count),
			db_bool_array(arena, known.writable, known.count));
	if (new.count)
		insert(question, device_id, &new, limits);
	if (count)
		devices_clear_hash(question, device_id);
}

static const struct db_statement forget = {
	.name = "tree_forget",
	.sql = "DELETE FROM parameter WHERE device_id = $1 AND path_id = ANY ($2::bigint[])",
};

void tree_forget(
	struct db_question *question, int64_t device_id, const int64_t *path_ids, size_t count)
{
	struct arena *arena = question->arena;
	if (count == 0)
		return;
	DB_ADD(question, &forget, db_int(arena, device_id), db_int_array(arena, path_ids, count));
	devices_clear_hash(question, device_id);
}
