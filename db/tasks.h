/* tasks: what operators do with tasks: queue, look, cancel, retry. Sessions use db/queue.h. */
#ifndef DB_TASKS_H
#define DB_TASKS_H

#include "db/db.h"
#include "db/audit.h"
#include "db/scope.h"

struct task_new {
	int64_t device_id;
	const char *method;
	const char *arguments; /* JSON text */
	const void *sealed;    /* arguments with what `arguments` does not show; NULL: it shows all */
	size_t sealed_length;
	const struct audit_note *note;
	int64_t expires_in;     /* seconds, -1: never */
	const char *not_before; /* or NULL */
	const char *file;       /* must exist in the catalogue, or NULL */
	bool may_take_files_of_others; /* that another device has uploaded */
	unsigned queue_limit;   /* of the device's open tasks */
	const char *needs_version; /* of CWMP, "1.2" */
	int64_t awaited_by;      /* our node, when a call of ours waits for the task's end */
	int64_t awaited_seconds; /* for so long; 0: nobody waits */
};

/* Adds the statement that queues a task. Its result has one row: the outcome ('queued',
 * 'no-device', 'no-file', 'no-transfer', 'name-taken', 'queue-full') and, when queued, the task as JSON text (with its secrets) and
 * its task_id. A task
 * that the device is known not to take has failed already. Audited. */
void tasks_add(struct db_question *question, const struct task_new *task);

/* One row: the task as JSON text, its device_id, whether its state is final; or none. */
void tasks_get(struct db_question *question, int64_t task_id);
/* Rows: task_id of those whose state is final. */
void tasks_ended(struct db_question *question, const int64_t *task_ids, size_t count);
/* Newest first. Rows: JSON text, cursor. device_id -1: of all devices. state NULL: any. before:
 * cursor of the last one seen, INT64_MAX for none. */
void tasks_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	const char *state, int64_t before, unsigned limit);
/* Queued → cancelled, and failed, expired or cancelled → queued again. One row: whether it changed,
 * the task as JSON text, its device_id, the node that waits for its end or NULL; none for an unknown task. expires_in: as in struct
 * task_new. */
void tasks_cancel(struct db_question *question, const struct audit_note *note, int64_t task_id);
void tasks_retry(struct db_question *question, const struct audit_note *note, int64_t task_id,
	int64_t expires_in);

#endif
