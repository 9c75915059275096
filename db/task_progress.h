/* task_progress: how far a task came that takes more requests than its device bears in a session. */
#ifndef DB_TASK_PROGRESS_H
#define DB_TASK_PROGRESS_H

#include "db/db.h"

/* Puts the task back into the queue, where it stands first; queue_claim() gives progress (JSON)
 * back. */
void task_progress_pause(
	struct db_question *question, int64_t task_id, int64_t epoch, const char *progress);
/* What the device told is void: its tasks begin anew. */
void task_progress_forget(struct db_question *question, int64_t device_id);
/* Rows: device_id of devices that should be called for the rest, each told once per pause, to one
 * node. */
void task_progress_call(struct db_question *question);

/* What is left of tasks that have ended, or waited too long for it to be worth anything. */
void task_progress_sweep(struct db_question *question);

#endif
