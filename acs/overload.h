/* overload: does an event loop still take new Informs, and when may those come back that it does not?
 * Judged by what requests really wait, before us in the kernel and behind us for the database; by no
 * rate that somebody guessed. Of one loop, on its own thread. */
#ifndef ACS_OVERLOAD_H
#define ACS_OVERLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct overload_settings {
	uint64_t most_us;      /* that a request may wait in either queue */
	unsigned most_waiting; /* turns that may wait for the database */
	unsigned retry_after_seconds, retry_after_max_seconds;
};

/* Where a request lay in the kernel: those on connections that we have are read long before new connections
 * are accepted, so neither tells how long the other waits. */
enum overload_lane { LANE_NEW_CONNECTION, LANE_KEPT_CONNECTION, LANE_COUNT };

struct overload {
	struct overload_settings settings;
	struct {
		uint64_t
			late_since_us; /* all that came since then had waited too long; 0: not all */
		uint64_t arrived_us;   /* the latest */
		unsigned late_count;
	} lanes[LANE_COUNT];
	/* Turns at the database; read by any thread. */
	atomic_uint waiting, room;          /* how many wait, and may before new ones are refused */
	uint64_t interval_end_us, waits_us; /* waits: the sum of this interval */
	unsigned answered;
	bool was_full; /* in this interval */
	/* Places for those who are to come back, one after the other, faster than others were served: that may
	 * have been slower than it needs to be when they come. */
	double served_per_us;
	unsigned served;
	uint64_t next_place_us;
};

void overload_init(struct overload *o, const struct overload_settings *settings, uint64_t now_us);

/* A new request had lain in the kernel for waited_us. */
void overload_arrived(
	struct overload *o, enum overload_lane lane, uint64_t now_us, uint64_t waited_us);
/* A turn begins to wait for the database; one got its answer; one does not wait any more. */
void overload_asked(struct overload *o);
void overload_answered(struct overload *o, uint64_t now_us, uint64_t waited_us);
void overload_abandoned(struct overload *o);
/* A new Inform has been served. */
void overload_served(struct overload *o);

/* Is this the moment to refuse new Informs of a lane? is_expected: this one answers a challenge of ours. */
bool overload_refuses(
	const struct overload *o, enum overload_lane lane, uint64_t now_us, bool is_expected);
/* Seconds for Retry-After. random: any bits. */
unsigned overload_retry_after(struct overload *o, uint64_t now_us, uint32_t random);

#endif
