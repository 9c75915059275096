/* queue: what sessions do with tasks: claim the next, settle what was sent.
 * A task is marked sent before its bytes leave; what is lost afterwards is settled by the next
 * Inform, as each method allows. */
#ifndef DB_QUEUE_H
#define DB_QUEUE_H

#include "base/compiler.h"
#include "db/db.h"

/* The next task that is due, marked sent in this session. With it travels what building its
 * request needs, so that no further question is asked. */
struct queue_task {
	int64_t task_id;
	const char *method;
	const char *arguments;   /* JSON */
	const char *command_key; /* "<task id>.<attempt>" */
	unsigned attempts;       /* this one included */
	const char *types; /* JSON object: learned types by name, for SetParameterValues; or NULL */
	const char *
		file; /* JSON: {"file_type", "size"} of the catalogue; NULL when there is none of that name */
	const char *root;       /* the device's */
	unsigned refresh_batch; /* 0: not learned */
	const char *refusal;       /* why the device should not be sent this method, or NULL */
	const char *progress; /* JSON of task_progress_pause(); NULL: from its beginning */
	const char *cancelled_key; /* CommandKey of CancelTransfer's {"task"}, or NULL */
	const void *sealed; /* all arguments, where some are secret: `arguments` shows none of those; or NULL */
	size_t sealed_length;
	bool is_repeat; /* the answer to its latest attempt was lost: it may have been executed */
	bool is_onboarding; /* its texts may hold {root} and the like */
	const char *next_username;     /* of ReplaceCredentials: the device's new pair, … */
	struct db_bytes next_password; /* …sealed; NULL: there is none */
};

/* transfer_seconds: life of a transfer beyond its delay. */
void queue_claim(
	struct db_question *question, int64_t device_id, int64_t epoch, unsigned transfer_seconds);
/* False when no task is due. Texts are borrowed from rows, or taken from arena. */
bool queue_task_read(
	struct arena *arena, const struct db_rows *rows, struct queue_task *out) MUST_CHECK;
/* Where sealed arguments stand, for base/keyring.h: among the tasks of that device and method. */
const char *queue_place(struct arena *arena, int64_t device_id, const char *method);

/* Final states. result and fault are JSON or NULL. Each of the settling statements returns the tasks
 * that it touched (struct queue_settled). */
void queue_finish(struct db_question *question, int64_t task_id, int64_t epoch, bool is_done,
	const char *result, const char *fault);
/* The fault may pass: again after retry_seconds × 4^(attempts-1), unless that was the last attempt. */
void queue_retry(struct db_question *question, int64_t task_id, int64_t epoch, const char *fault,
	unsigned retry_seconds, unsigned attempts);
/* Answered with Status 1: TransferComplete will settle it, and the queue goes on. */
void queue_await_transfer(struct db_question *question, int64_t task_id, int64_t epoch);

/* What is known about tasks whose answer was lost with an earlier session. */
struct queue_evidence {
	const char *const *command_keys; /* of the Inform's M events */
	size_t command_key_count;
	const char *parameter_key; /* as the Inform shows, or NULL */
	bool is_bootstrap;
	unsigned attempts; /* that a task may fail; it may cost the device its session four times as often */
};
void queue_settle_lost(
	struct db_question *question, int64_t device_id, const struct queue_evidence *evidence);
/* A Reboot or ScheduleInform that failed as "outcome unknown" is done after all, when a later Inform shows
 * it. */
void queue_settle_late(
	struct db_question *question, int64_t device_id, const struct queue_evidence *evidence);

/* Without a session: tasks whose time is over, transfers that were never completed, and tasks whose
 * session vanished with a node or its device: repeatable ones are queued again, unless that was the last of
 * their attempts (see queue_evidence); the outcome of others is unknown when the device does not come back for
 * transfer_seconds. */
void queue_sweep(struct db_question *question, unsigned session_seconds, unsigned transfer_seconds,
	unsigned attempts);

/* Rows: device_id of devices that should be called, as the time of a task's retry has come: most tasks at
 * once, each told once per retry, to one node. */
void queue_call_for_retries(struct db_question *question, unsigned most);

/* A row of a settling statement. */
struct queue_settled {
	int64_t task_id;
	const char *method, *state;
	int64_t awaited_by; /* the node that holds an API call until the task ends; 0: none */
};
/* False when that task is not final yet. */
bool queue_settled_read(
	const struct db_rows *rows, size_t row, struct queue_settled *out) MUST_CHECK;

void queue_record_fault(struct db_question *question, int64_t device_id, int64_t task_id,
	const char *method, unsigned code, const char *message, const char *detail);

#endif
