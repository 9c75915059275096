/* task_progress: how far a task came that takes more requests than its device bears in one session.
 * queue_claim() reads it, queue_finish() deletes it; of tasks that end in other ways the sweep does. */
#include "db/task_progress.h"

#include "db/task_sql.h"

/* The attempt goes on: it is counted again when the task is claimed again. */
static const struct db_statement pause_task = {
	.name = "task_progress_pause",
	.sql = "WITH paused AS ("
	       "  UPDATE task SET state = 'queued', awaits = NULL, session_epoch = NULL,"
	       "   attempts = attempts - 1"
	       "  WHERE task_id = $1 AND " IS_UNANSWERED " AND session_epoch = $2"
	       "  RETURNING task_id)"
	       " INSERT INTO task_progress (task_id, progress) SELECT task_id, $3::jsonb FROM paused"
	       " ON CONFLICT (task_id) DO UPDATE SET progress = excluded.progress, at = now(),"
	       "  is_called = false",
};

void task_progress_pause(
	struct db_question *question, int64_t task_id, int64_t epoch, const char *progress)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &pause_task, db_int(arena, task_id), db_int(arena, epoch),
		db_text(progress));
}

static const struct db_statement forget = {
	.name = "task_progress_forget",
	.sql = "DELETE FROM task_progress WHERE task_id = ANY (ARRAY("
	       "  SELECT task_id FROM task WHERE device_id = $1 AND state IN ('queued', 'sent')))",
};

void task_progress_forget(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &forget, db_int(question->arena, device_id));
}

/* A device needs a moment to end its session before it takes a connection request. */
static const struct db_statement call = {
	.name = "task_progress_call",
	.sql = "WITH due AS ("
	       "  SELECT task_id FROM task_progress WHERE NOT is_called AND at < now() - interval '1 second'"
	       "  ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED),"
	       " called AS ("
	       "  UPDATE task_progress SET is_called = true FROM due WHERE task_progress.task_id = due.task_id"
	       "  RETURNING task_progress.task_id)"
	       " SELECT DISTINCT device_id FROM called JOIN task USING (task_id) WHERE state = 'queued'",
};

void task_progress_call(struct db_question *question)
{
	db_add(question, &call, NULL, 0);
}

static const struct db_statement sweep = {
	.name = "task_progress_sweep",
	.sql = "DELETE FROM task_progress USING task WHERE task.task_id = task_progress.task_id"
	       " AND (task.state NOT IN ('queued', 'sent') OR at <= now() - " PROGRESS_LIFE ")",
};

void task_progress_sweep(struct db_question *question)
{
	db_add(question, &sweep, NULL, 0);
}
