/* history: forgets what is older than the operator wants to keep. */
#ifndef DB_HISTORY_H
#define DB_HISTORY_H

#include "base/compiler.h"
#include "db/db.h"

enum history {
	HISTORY_EVENTS,
	HISTORY_FAULTS,
	HISTORY_AUDIT,
	HISTORY_TASKS, /* that have come to their end */
	HISTORY_COUNT
};

/* Looks at the next rows of one kind behind the number `after`, the oldest first, a thousand at most, and deletes those
 * that are over for days. Commits lazily. */
void history_sweep(struct db_question *question, enum history kind, unsigned days, int64_t after);

struct history_swept {
	int64_t seen, deleted; /* rows */
	int64_t last;          /* number of the last one seen; 0: none */
	bool has_more;         /* there may be others that are over for so long */
};
struct history_swept history_swept_read(const struct db_answer *answer);

#endif
