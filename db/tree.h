/* tree: a device's data model as a whole: read to be compared with what it tells, and what differs written.
 * The caller has required the session's epoch in the same question: nobody else writes these rows meanwhile. */
#ifndef DB_TREE_H
#define DB_TREE_H

#include "db/db.h"

struct parameter_limits;

struct tree_row {
	int64_t path_id;
	const char *name;
	const char *value, *type; /* or NULL */
	bool is_listed;           /* GetParameterNames told it once */
	bool writable;
};

/* All below path (a partial path). told: how many names the device has told, about as many as are stored. */
void tree_read(struct db_question *question, int64_t device_id, const char *path, size_t told);
/* Texts are borrowed from the rows. */
struct tree_row tree_row(const struct db_rows *rows, size_t row);

/* One row to be written. */
struct tree_change {
	int64_t path_id;          /* of a row that is there; 0: of a new one */
	const char *name;         /* of a new one */
	const char *value, *type; /* NULL: not told, stays as it is */
	bool writable;
};
/* Each name or path at most once. New names beyond the limits are not stored. */
void tree_store(struct db_question *question, int64_t device_id, const struct tree_change *changes,
	size_t count, const struct parameter_limits *limits);
void tree_forget(
	struct db_question *question, int64_t device_id, const int64_t *path_ids, size_t count);

#endif
