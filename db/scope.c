/* scope: the devices that a caller of the admin API reaches.
 * Lists look at it themselves, by IN_SCOPE; these questions are for all other calls. */
#include "db/scope.h"

static const struct db_statement find_device = {
	.name = "scope_find_device",
	.sql = "SELECT FROM device d WHERE d.device_id = $1 AND" IN_SCOPE("$2", "$3"),
};

void scope_find_device(struct db_question *question, const struct device_scope *scope, int64_t device_id)
{
	DB_ADD(question, &find_device, db_int(question->arena, device_id), SCOPE_VALUES(scope));
}

static const struct db_statement find_task = {
	.name = "scope_find_task",
	.sql = "SELECT FROM task t JOIN device d USING (device_id) WHERE t.task_id = $1 AND" IN_SCOPE("$2", "$3"),
};

void scope_find_task(struct db_question *question, const struct device_scope *scope, int64_t task_id)
{
	DB_ADD(question, &find_task, db_int(question->arena, task_id), SCOPE_VALUES(scope));
}

static const struct db_statement filter = {
	.name = "scope_filter",
	.sql = "SELECT place - 1 FROM unnest($1::text[]) WITH ORDINALITY AS t(id, place) JOIN device d USING (id)"
	       " WHERE" IN_SCOPE("$2", "$3") " ORDER BY place",
};

void scope_filter(struct db_question *question, const struct device_scope *scope, const char *const *ids,
	size_t count)
{
	DB_ADD(question, &filter, db_text_array(question->arena, ids, count), SCOPE_VALUES(scope));
}

static const char *kept(struct arena *arena, const struct db_rows *rows, size_t row, size_t column)
{
	return db_is_null(rows, row, column) ? NULL : arena_strdup(arena, db_get_text(rows, row, column));
}

struct device_scope scope_read(
	struct arena *arena, const struct db_rows *rows, size_t row, size_t column)
{
	return (struct device_scope){
		.tags = kept(arena, rows, row, column),
		.ouis = kept(arena, rows, row, column + 1),
		.only_tag = kept(arena, rows, row, column + 2),
		.only_oui = kept(arena, rows, row, column + 3),
	};
}
