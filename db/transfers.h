/* transfers: Download, Upload, ScheduleDownload and ChangeDUState while the device is at them.
 * A transfer is settled once: by the device's word, by the version that it runs, by CancelTransfer,
 * or by its deadline. Each of the statements returns the tasks that it touched (struct queue_settled). */
#ifndef DB_TRANSFERS_H
#define DB_TRANSFERS_H

#include <stdbool.h>

#include "db/db.h"

/* "<task id>.<attempt>": the task id, whichever attempt; 0 for a key that is none of ours. */
int64_t transfer_task_of_key(const char *command_key);

/* What TransferComplete or DUStateChangeComplete tells. */
struct transfer_end {
	const char *command_key; /* "" means the sole open transfer of that kind */
	bool is_du_state_change;
	bool needs_version; /* success of a firmware file counts only when its version shows */
	const char *result; /* JSON or NULL */
	const char *fault;  /* JSON, NULL for success */
	bool may_retry;     /* the fault may pass */
	unsigned retry_seconds, attempts;
};
/* Success of any attempt is success; a fault counts only if it is the latest attempt's. */
void transfers_complete(
	struct db_question *question, int64_t device_id, const struct transfer_end *end);
/* A firmware transfer is done when the device runs the file's version and did not before. */
void transfers_complete_by_version(
	struct db_question *question, int64_t device_id, const char *software_version);
/* The device has agreed to forget it. */
void transfers_cancel(struct db_question *question, int64_t device_id, const char *command_key);
/* Those whose deadline has passed. */
void transfers_sweep(struct db_question *question);

/* RequestDownload: queues a Download of the newest file that is meant for devices of this kind, unless it is
 * what the device runs or a Download of it is queued already. One row when there is something to send. */
void transfers_answer_request(
	struct db_question *question, int64_t device_id, const char *file_type);

/* A fault that the device told of a transfer; told again of the same attempt it is the same fault. detail is a
 * JSON object, to which the command key is added. */
void transfers_record_fault(struct db_question *question, int64_t device_id,
	const char *command_key, const char *method, unsigned code, const char *message,
	const char *detail);

#endif
