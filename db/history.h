/* history: forgets what is older than the operator wants to keep. */
#ifndef DB_HISTORY_H
#define DB_HISTORY_H

#include "db/db.h"

/* Deletes events older than event_days, and faults, audit lines and finished tasks older than
 * history_days; 0 keeps them for ever. A batch of each, the oldest first: call it every now and then. */
void history_sweep(struct db_question *question, unsigned event_days, unsigned history_days);

#endif
