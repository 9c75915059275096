/* lease: who of several nodes does what only one should do at a time.
 * It runs out by itself, so that the work of a node that died is taken over. */
#ifndef DB_LEASE_H
#define DB_LEASE_H

#include "base/compiler.h"
#include "db/db.h"

/* Takes the lease, or prolongs our own, for seconds from now. */
void lease_take(struct db_question *question, const char *name, int64_t node, unsigned seconds);
/* False: another node has it. */
bool lease_is_ours(const struct db_rows *rows) MUST_CHECK;
/* Gives all back that this node has. */
void lease_return(struct db_question *question, int64_t node);

#endif
