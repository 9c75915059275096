/* history: forgets what is older than the operator wants to keep.
 * Numbers grow with time, so walking from the lowest ones is enough and needs no index on times; whoever walks on
 * remembers where it was, since the entries of what was just deleted are still in the way. */
#include "db/history.h"

#include <assert.h>

enum { BATCH_ROWS = 1000 };
#define BATCH "1000"

/* begun is when a row came into being, over when it came to its end: a task may take long. */
#define SWEEP(table, id, begun, over, condition) \
	"WITH seen AS MATERIALIZED (" \
	"  SELECT " id " AS id, " begun " AS begun FROM " table \
	"  WHERE " condition " AND " id " > $2 ORDER BY " id " LIMIT " BATCH ")," \
	" gone AS (DELETE FROM " table " WHERE " condition " AND " id " > $2" \
	"  AND " id " <= (SELECT max(id) FROM seen) AND " over " < now() - make_interval(days => $1)" \
	"  RETURNING 1)" \
	" SELECT count(*), (SELECT count(*) FROM gone), coalesce(max(id), 0)," \
	"  coalesce((SELECT begun FROM seen ORDER BY id DESC LIMIT 1) < now() - make_interval(days => $1)," \
	"   false) FROM seen"
#define SWEEP_BY_TIME(table, id) SWEEP(table, id, "at", "at", "true")
#define SWEEP_TASKS(state) \
	SWEEP("task", "task_id", "created", "finished", "state = '" state "'")

static const struct db_statement sweeps[HISTORY_COUNT] = {
	[HISTORY_EVENTS] = { "history_sweep_events", SWEEP_BY_TIME("event", "event_id") },
	[HISTORY_FAULTS] = { "history_sweep_faults", SWEEP_BY_TIME("fault", "fault_id") },
	[HISTORY_AUDIT] = { "history_sweep_audit", SWEEP_BY_TIME("audit", "audit_id") },
	[HISTORY_DONE] = { "history_sweep_done", SWEEP_TASKS("done") },
	[HISTORY_FAILED] = { "history_sweep_failed", SWEEP_TASKS("failed") },
	[HISTORY_EXPIRED] = { "history_sweep_expired", SWEEP_TASKS("expired") },
	[HISTORY_CANCELLED] = { "history_sweep_cancelled", SWEEP_TASKS("cancelled") },
};

void history_sweep(struct db_question *question, enum history kind, unsigned days, int64_t after)
{
	assert(days > 0);
	db_commit_lazily(question);
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
