/* retention: forgets old history: events, faults, the audit and finished tasks.
 * On one loop; whoever has the housekeeping lease begins a round now and then. */
#ifndef ACS_RETENTION_H
#define ACS_RETENTION_H

#include "acs/loop.h"

struct retention;

struct retention *retention_open(struct loop *loop);
/* Begins a round, unless the last one goes on. It ends when nothing is left that is too old. */
void retention_begin(struct retention *retention);
void retention_close(struct retention *retention); /* NULL is allowed */

#endif
