/* sealed: everything in the database that is sealed, or should be, in batches: for whoever seals it anew.
 * Each statement is short, so that servers go on beside it. */
#include "db/sealed.h"

#include <assert.h>

#define BATCH "500"
static_assert(SEALED_BATCH == 500, "the statements say so");

#define LIST(name_, column) \
	{ "sealed_list_" name_, "SELECT device_id, " column " FROM credential" \
	  " WHERE device_id > $1 AND " column " IS NOT NULL ORDER BY device_id LIMIT " BATCH }
#define REPLACE(name_, column) \
	{ "sealed_replace_" name_, "UPDATE credential c SET " column " = n.fresh" \
	  " FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n(device_id, old, fresh)" \
	  " WHERE c.device_id = n.device_id AND c." column " = n.old" }

static const struct db_statement lists[SEALED_COLUMN_COUNT] = {
	[SEALED_CONNECTION_REQUEST_PASSWORD] = LIST("called", "connection_request_password"),
	[SEALED_NEXT_PASSWORD] = LIST("next", "next_password"),
};
static const struct db_statement replacements[SEALED_COLUMN_COUNT] = {
	[SEALED_CONNECTION_REQUEST_PASSWORD] = REPLACE("called", "connection_request_password"),
	[SEALED_NEXT_PASSWORD] = REPLACE("next", "next_password"),
};

void sealed_of_devices(struct db_question *question, enum sealed_column column, int64_t after)
{
	DB_ADD(question, &lists[column], db_int(question->arena, after));
}

void sealed_replace_of_devices(struct db_question *question, enum sealed_column column,
	const int64_t *device_ids, const struct db_bytes *old, const struct db_bytes *fresh, size_t count)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &replacements[column], db_int_array(arena, device_ids, count),
		db_bytea_array(arena, old, count), db_bytea_array(arena, fresh, count));
}

static const struct db_statement list_tasks = {
	.name = "sealed_list_tasks",
	.sql = "SELECT task_id, device_id, method, arguments, sealed, actor = 'onboarding', result"
	       " FROM task WHERE task_id > $1 ORDER BY task_id LIMIT " BATCH,
};

void sealed_tasks(struct db_question *question, int64_t after)
{
	DB_ADD(question, &list_tasks, db_int(question->arena, after));
}

void sealed_task_read(
	struct arena *arena, const struct db_rows *rows, size_t row, struct sealed_task *out)
{
	*out = (struct sealed_task){
		.task_id = db_get_int(rows, row, 0),
		.device_id = db_get_int(rows, row, 1),
		.method = db_get_text(rows, row, 2),
		.arguments = db_get_text(rows, row, 3),
		.is_onboarding = db_get_bool(rows, row, 5),
		.result = db_get_text(rows, row, 6),
	};
	out->sealed.bytes = db_get_bytea(arena, rows, row, 4, &out->sealed.length);
}

/* A task may come to its end meanwhile: only a result that was there is replaced. */
static const struct db_statement replace_tasks = {
	.name = "sealed_replace_tasks",
	.sql = "UPDATE task t SET arguments = n.arguments::jsonb, sealed = n.sealed,"
	       "  result = coalesce(n.result::jsonb, t.result)"
	       " FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[])"
	       "  AS n(task_id, arguments, sealed, result) WHERE t.task_id = n.task_id",
};

void sealed_replace_tasks(struct db_question *question, const struct sealed_task *tasks, size_t count)
{
	struct arena *arena = question->arena;
	int64_t *ids = arena_array(arena, count, sizeof(*ids));
	const char **arguments = arena_array(arena, count, sizeof(*arguments));
	const char **results = arena_array(arena, count, sizeof(*results));
	struct db_bytes *sealed = arena_array(arena, count, sizeof(*sealed));
	for (size_t i = 0; i < count; i++) {
		ids[i] = tasks[i].task_id;
		arguments[i] = tasks[i].arguments;
		results[i] = tasks[i].result;
		sealed[i] = tasks[i].sealed;
	}
	DB_ADD(question, &replace_tasks, db_int_array(arena, ids, count),
		db_text_array(arena, arguments, count), db_bytea_array(arena, sealed, count),
		db_text_array(arena, results, count));
}

static const struct db_statement replace_setting = {
	.name = "sealed_replace_setting",
	.sql = "WITH changed AS (UPDATE setting SET value = $5::jsonb WHERE name = $4 AND value = $6::jsonb"
	       "  RETURNING name),"
	       AUDITED("changed", "NULL::jsonb")
	       " SELECT FROM changed",
};

void sealed_replace_setting(struct db_question *question, const struct audit_note *note, const char *name,
	const char *old, const char *fresh)
{
	DB_ADD(question, &replace_setting, AUDIT_VALUES(question->arena, note), db_text(name),
		db_text(fresh), db_text(old));
}

static const struct db_statement paths = {
	.name = "sealed_paths",
	.sql = "SELECT path_id, name FROM path WHERE path_id > $1 ORDER BY path_id LIMIT " BATCH,
};

void sealed_paths(struct db_question *question, int64_t after)
{
	DB_ADD(question, &paths, db_int(question->arena, after));
}

static const struct db_statement forget_values = {
	.name = "sealed_forget_values",
	.sql = "WITH batch AS MATERIALIZED (SELECT device_id FROM device WHERE device_id > $2"
	       "   ORDER BY device_id LIMIT " BATCH "),"
	       " gone AS (UPDATE parameter p SET value = '', value_hash = NULL FROM batch"
	       "  WHERE p.device_id = batch.device_id AND p.path_id = ANY ($1) AND p.value <> ''"
	       "  RETURNING p.device_id),"
	       " unknown AS (UPDATE device_live l SET inform_hash = NULL"
	       "  WHERE l.device_id IN (SELECT device_id FROM gone))"
	       " SELECT (SELECT max(device_id) FROM batch), (SELECT count(*) FROM gone)",
};

void sealed_forget_values(struct db_question *question, const int64_t *path_ids, size_t count,
	int64_t after_device)
{
	DB_ADD(question, &forget_values, db_int_array(question->arena, path_ids, count),
		db_int(question->arena, after_device));
}
