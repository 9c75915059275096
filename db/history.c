/* history: forgets what is older than the operator wants to keep.
 * Numbers grow with time, so walking from the lowest ones is enough and needs no index on times; whoever walks on
 * remembers where it was, since the entries of what was just deleted are still in the way. */
#include "db/history.h"

#include <assert.h>

enum { BATCH_ROWS = 1000 };
#define BATCH "1000"

/* begun is when a row came into being, over when it came to its end: a task may take long. */
#define SWEEP(table, id, begun, over) \
	"WITH seen AS MATERIALIZED (" \
	"  SELECT " id " AS id, " begun " AS begun FROM " table " WHERE " id " > $2" \
	"  ORDER BY " id " LIMIT " BATCH ")," \
	" gone AS (DELETE FROM " table " WHERE " id " > $2 AND " id " <= (SELECT max(id) FROM seen)" \
	"  AND " over " < now() - make_interval(days => $1) RETURNING 1)" \
	" SELECT count(*), (SELECT count(*) FROM gone), coalesce(max(id), 0)," \
	"  coalesce(min(begun) < now() - make_interval(days => $1), false) FROM seen"
/* Only tasks at their end have `finished`. */
static const struct db_statement sweeps[HISTORY_COUNT] = {
	[HISTORY_EVENTS] = { "history_sweep_events", SWEEP("event", "event_id", "at", "at") },
	[HISTORY_FAULTS] = { "history_sweep_faults", SWEEP("fault", "fault_id", "at", "at") },
	[HISTORY_AUDIT] = { "history_sweep_audit", SWEEP("audit", "audit_id", "at", "at") },
	[HISTORY_TASKS] = { "history_sweep_tasks", SWEEP("task", "task_id", "created", "finished") },
};

/* A plan is made when a connection sweeps first, and kept. There is little history then as a rule, which would be
 * gathered in a bitmap, and still is when there is a lot; so only the index of numbers is left to choose.
 * The audit lets nobody but retention delete. */
static const struct db_statement prepare = {
	.name = "history_prepare",
	.sql = "SELECT set_config('enable_bitmapscan', 'off', true), set_config('acs.retention', 'on', true)",
};

void history_sweep(struct db_question *question, enum history kind, unsigned days, int64_t after)
{
	assert(days > 0);
	db_commit_lazily(question);
	db_add(question, &prepare, NULL, 0);
	DB_ADD(question, &sweeps[kind], db_int(question->arena, days),
		db_int(question->arena, after));
}

struct history_swept history_swept_read(const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[answer->count - 1];
	const int64_t seen = db_get_int(rows, 0, 0);
	return (struct history_swept){
		.seen = seen,
		.deleted = db_get_int(rows, 0, 1),
		.last = db_get_int(rows, 0, 2),
		.has_more = seen == BATCH_ROWS && db_get_bool(rows, 0, 3),
	};
}
