/* batch: questions of many turns that travel as one statement, each about a device of its own.
 * While one batch is in flight the next collects, so batches grow with the load by themselves. */
#ifndef DB_BATCH_H
#define DB_BATCH_H

#include <sys/queue.h>

#include "db/db.h"

struct batch;
struct batch_entry;
struct batch_flight;

struct batch_options {
	unsigned linger_us; /* that entries wait for others, when more can be expected by then; 0: never */
	unsigned most;      /* entries of one batch */
	/* A batch leaves with so many entries; may be NULL. */
	void (*on_depart)(size_t entries, void *arg);
	void *on_depart_arg;
};

/* Adds one statement for all entries: sorted by device_id, each device once. Its rows begin with the
 * device_id; an entry has one row or none. */
typedef void batch_ask_fn(
	struct db_question *question, struct batch_entry *const *entries, size_t count);
/* What came of an entry; as with db_done_fn, and row is that of answer->results[0], BATCH_NO_ROW when
 * it has none. */
enum { BATCH_NO_ROW = -1 };
typedef void batch_done_fn(const struct db_answer *answer, int row, void *arg);

/* One question under way. Embedded in whoever asks; zeroed before its first use. */
struct batch_entry {
	TAILQ_ENTRY(batch_entry) link; /* while it waits */
	struct batch *batch;           /* NULL: not under way */
	struct batch_flight *flight;   /* NULL: it waits */
	size_t place;                  /* in the flight */
	int64_t device_id;
	uint64_t number, since_us;
	batch_done_fn *done;
	void *arg;
};

/* db is borrowed until batch_close(). Never NULL. */
struct batch *batch_open(struct event_base *base, struct db *db, batch_ask_fn *ask,
	const struct batch_options *options);
/* Entries under way are dropped without a call. NULL is allowed. Before db_close(). */
void batch_close(struct batch *batch);
/* The entry leaves with the next batch, or a later one when its device is in that already. An error
 * that one entry causes is told to it alone: a batch that fails is halved and asked again. */
void batch_add(struct batch *batch, struct batch_entry *entry, int64_t device_id,
	batch_done_fn *done, void *arg);
/* Those that wait leave as soon as they can, without lingering. */
void batch_hurry(struct batch *batch);
/* No call will come; what is in flight may still commit. Allowed at any time. */
void batch_abandon(struct batch_entry *entry);

#endif
