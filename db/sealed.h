/* sealed: everything in the database that is sealed, or should be, in batches: for whoever seals it anew. */
#ifndef DB_SEALED_H
#define DB_SEALED_H

#include "base/compiler.h"
#include "db/audit.h"

enum { SEALED_BATCH = 500 };

/* Columns that hold one sealed text for each device. */
enum sealed_column {
	SEALED_CONNECTION_REQUEST_PASSWORD,
	SEALED_NEXT_PASSWORD,
	SEALED_COLUMN_COUNT,
};

/* Rows: device_id, the sealed bytes; of devices behind `after`, in order, SEALED_BATCH at most. */
void sealed_of_devices(struct db_question *question, enum sealed_column column, int64_t after);
/* Each one as it is, and sealed anew: what was changed meanwhile stays. */
void sealed_replace_of_devices(struct db_question *question, enum sealed_column column,
	const int64_t *device_ids, const struct db_bytes *old, const struct db_bytes *fresh,
	size_t count);

struct sealed_task {
	int64_t task_id, device_id;
	const char *method;
	const char *arguments; /* JSON text */
	struct db_bytes sealed; /* .bytes NULL: nothing of them is */
	bool is_onboarding;
	const char *result; /* JSON text or NULL */
};
/* Rows: tasks behind `after`, in order, SEALED_BATCH at most; texts are borrowed from them. */
void sealed_tasks(struct db_question *question, int64_t after);
void sealed_task_read(
	struct arena *arena, const struct db_rows *rows, size_t row, struct sealed_task *out);
/* Their arguments and results; a result that is NULL stays. */
void sealed_replace_tasks(
	struct db_question *question, const struct sealed_task *tasks, size_t count);

/* The document, which must be `old` still. Audited. Rows: one when it was. */
void sealed_replace_setting(struct db_question *question, const struct audit_note *note,
	const char *name, const char *old, const char *fresh);

/* Rows: path_id, name; behind `after`, in order, SEALED_BATCH at most. */
void sealed_paths(struct db_question *question, int64_t after);
/* Forgets the values of these parameters among the next SEALED_BATCH devices. One row: the last device looked at,
 * NULL when there are no more, and how many values were forgotten. */
void sealed_forget_values(struct db_question *question, const int64_t *path_ids, size_t count,
	int64_t after_device);

#endif
