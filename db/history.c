/* history: forgets what is older than the operator wants to keep.
 * Numbers grow with time, so looking at the lowest ones is enough and needs no index on times. */
#include "db/history.h"

#define BATCH "1000"
#define OLDER(column) column " < now() - make_interval(days => $1)"

#define SWEEP(table, id) \
	"DELETE FROM " table " WHERE " id " IN (SELECT " id " FROM" \
	" (SELECT " id ", at FROM " table " ORDER BY " id " LIMIT " BATCH ") AS oldest" \
	" WHERE " OLDER("at") ")"

static const struct db_statement sweep_events = {
	.name = "history_sweep_events",
	.sql = SWEEP("event", "event_id"),
};
static const struct db_statement sweep_faults = {
	.name = "history_sweep_faults",
	.sql = SWEEP("fault", "fault_id"),
};
static const struct db_statement sweep_audit = {
	.name = "history_sweep_audit",
	.sql = SWEEP("audit", "audit_id"),
};

/* State by state, as their index has them. */
static const struct db_statement sweep_tasks = {
	.name = "history_sweep_tasks",
	.sql = "DELETE FROM task WHERE task_id IN (SELECT oldest.task_id"
	       " FROM unnest('{done,failed,expired,cancelled}'::text[]) AS final(state),"
	       " LATERAL (SELECT task_id, finished FROM task WHERE task.state = final.state"
	       "  ORDER BY task_id LIMIT " BATCH ") AS oldest"
	       " WHERE " OLDER("oldest.finished") ")",
};

void history_sweep(struct db_question *question, unsigned event_days, unsigned history_days)
{
	struct arena *arena = question->arena;
	if (event_days)
		DB_ADD(question, &sweep_events, db_int(arena, event_days));
	if (!history_days)
		return;
	DB_ADD(question, &sweep_faults, db_int(arena, history_days));
	DB_ADD(question, &sweep_audit, db_int(arena, history_days));
	DB_ADD(question, &sweep_tasks, db_int(arena, history_days));
}
