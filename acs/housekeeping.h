/* housekeeping: what the server does again and again without being asked. */
#ifndef ACS_HOUSEKEEPING_H
#define ACS_HOUSEKEEPING_H

#include "acs/loop.h"

/* Once every server.sweep_seconds, on this loop. */
void housekeeping_run(struct loop *loop);
/* The server stops: another node may go on at once. */
void housekeeping_leave(struct loop *loop);

#endif
