/* statistics: what a fleet counts while it runs. */
#ifndef CPE_FLEET_STATISTICS_H
#define CPE_FLEET_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "cpe/fleet/histogram.h"

enum { FAILURE_KINDS_MAX = 64, FAILURE_BYTES = 32, RPC_KINDS_MAX = 64 };

struct counted {
	char name[FAILURE_BYTES];
	uint64_t count;
};

struct statistics {
	uint64_t sessions_ok, sessions_failed;
	uint64_t failed_after_inform; /* of those that failed: the ACS had taken them in */
	uint64_t requests, challenges, retry_after;
	/* Latencies in microseconds. late: from when a session was due until we began it; admitted: from
	 * then on, of sessions that succeeded; session: both. */
	struct histogram session, late, admitted, inform, request;
	struct counted failures[FAILURE_KINDS_MAX];
	struct counted rpcs[RPC_KINDS_MAX]; /* that the ACS called, by method */
};

/* One more of that name in a list of `room`, whose unused entries are nameless. Those that find no
 * room are not told apart from the last. */
void count_one(struct counted *list, size_t room, const char *name);

#endif
