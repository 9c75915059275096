/* faults: reading what sessions recorded.
 * One statement for one device and one for all, so that each has its index. */
#include "db/faults.h"

#define LIST(condition) \
	"SELECT json_build_object('id', f.fault_id::text, 'device', d.id, 'task', f.task_id::text," \
	"  'at', " DB_TIME("f.at") ", 'method', f.method, 'code', f.code, 'message', f.message," \
	"  'detail', f.detail), f.fault_id" \
	" FROM fault f JOIN device d USING (device_id)" \
	" WHERE " condition " AND f.fault_id < $2 AND" IN_SCOPE("$4", "$5") " ORDER BY f.fault_id DESC LIMIT $3"

static const struct db_statement list_of_device = {
	.name = "faults_list_of_device",
	.sql = LIST("f.device_id = $1"),
};
static const struct db_statement list_all = {
	.name = "faults_list_all",
	.sql = LIST("$1::bigint = -1"),
};

void faults_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	int64_t before, unsigned limit)
{
	struct arena *arena = question->arena;
	DB_ADD(question, device_id >= 0 ? &list_of_device : &list_all, db_int(arena, device_id),
		db_int(arena, before), db_int(arena, limit), SCOPE_VALUES(scope));
}
