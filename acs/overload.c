/* overload: does an event loop still take new Informs, and when may those come back that it does not?
 * Two queues, each with its own measure. What lies in the kernel tells its age when it is read: when all
 * are too old for a while, newcomers are refused, which is so cheap that the queue shrinks. Turns at the
 * database are bounded by number, and the bound follows the wait that it leads to. */
#include "acs/overload.h"

enum {
	INTERVAL_US = 100000,
	LATE_US = 250000, /* a stall or a burst is over by then, a queue is not */
	LATE_COUNT = 8,
	ANSWERS_LEAST = 8,
	QUIET_US = 1000000, /* without requests: what was before tells nothing */
	ROOM_FIRST = 1000,
	ROOM_LEAST = 128,
	EXPECTED_FACTOR = 4, /* more room for those who were told to come at once */
	OVERBOOKED =
		2, /* places for one: to refuse twice costs little, a server that waits for devices more */
};
/* Devices a second, before any was served. */
#define SERVED_AT_LEAST (100 / 1e6)

void overload_init(struct overload *o, const struct overload_settings *settings, uint64_t now_us)
{
	*o = (struct overload){
		.settings = *settings,
		.room = settings->most_waiting < ROOM_FIRST ? settings->most_waiting : ROOM_FIRST,
		.interval_end_us = now_us + INTERVAL_US,
		.served_per_us = SERVED_AT_LEAST,
	};
}

void overload_arrived(
	struct overload *o, enum overload_lane lane, uint64_t now_us, uint64_t waited_us)
{
	const bool is_late = waited_us > o->settings.most_us;
	if (!is_late || now_us - o->lanes[lane].arrived_us > QUIET_US)
		o->lanes[lane].late_since_us = o->lanes[lane].late_count = 0;
	if (is_late && o->lanes[lane].late_count++ == 0)
		o->lanes[lane].late_since_us = now_us;
	o->lanes[lane].arrived_us = now_us;
}

static unsigned clamped(const struct overload *o, unsigned room)
{
	if (room < ROOM_LEAST)
		room = ROOM_LEAST;
	return room > o->settings.most_waiting ? o->settings.most_waiting : room;
}

/* They wait long: fewer at once, but few answers tell nothing, one statement may be slow. They hardly wait
 * though there was no room for more: more. In calm times there is room for a burst again. */
static void fit_room(struct overload *o)
{
	const unsigned room = o->room;
	if (!o->answered)
		return;
	const uint64_t wait_us = o->waits_us / o->answered;
	if (wait_us > o->settings.most_us && o->answered >= ANSWERS_LEAST)
		o->room = clamped(o, room - room / 8);
	else if ((o->was_full || room < ROOM_FIRST) && wait_us < o->settings.most_us / 2)
		o->room = clamped(o, room + room / 16 + 1);
}

/* The mean of about the last second. */
static void fit_rate(struct overload *o, uint64_t length_us)
{
	const double rate = (double)o->served / (double)length_us;
	o->served_per_us += (rate - o->served_per_us) / 8;
	if (o->served_per_us < SERVED_AT_LEAST)
		o->served_per_us = SERVED_AT_LEAST;
}

static void end_interval(struct overload *o, uint64_t now_us)
{
	fit_room(o);
	fit_rate(o, now_us - (o->interval_end_us - INTERVAL_US));
	o->interval_end_us = now_us + INTERVAL_US;
	o->waits_us = o->answered = 0;
	o->was_full = false;
	o->served = 0;
}

void overload_asked(struct overload *o)
{
	o->waiting++;
}

void overload_abandoned(struct overload *o)
{
	o->waiting--;
}

void overload_answered(struct overload *o, uint64_t now_us, uint64_t waited_us)
{
	o->was_full = o->was_full || o->waiting >= o->room;
	o->waiting--;
	o->waits_us += waited_us;
	o->answered++;
	if (now_us >= o->interval_end_us)
		end_interval(o, now_us);
}

void overload_served(struct overload *o)
{
	o->served++;
}

static bool is_late(const struct overload *o, enum overload_lane lane, uint64_t now_us)
{
	return o->lanes[lane].late_count >= LATE_COUNT &&
	       now_us - o->lanes[lane].late_since_us >= LATE_US;
}

bool overload_refuses(
	const struct overload *o, enum overload_lane lane, uint64_t now_us, bool is_expected)
{
	if (is_expected)
		return o->waiting >= EXPECTED_FACTOR * o->room;
	return o->waiting >= o->room || is_late(o, lane, now_us);
}

unsigned overload_retry_after(struct overload *o, uint64_t now_us, uint32_t random)
{
	const uint64_t least_us = (uint64_t)o->settings.retry_after_seconds * 1000000;
	const uint64_t most_us = (uint64_t)o->settings.retry_after_max_seconds * 1000000;
	const double share = random / (UINT32_MAX + 1.0);
	if (o->next_place_us < now_us + least_us)
		o->next_place_us = now_us + least_us;
	o->next_place_us += (uint64_t)(1 / (OVERBOOKED * o->served_per_us));
	double wait_us = (double)(o->next_place_us - now_us);
	if (wait_us > (double)most_us) {
		o->next_place_us = now_us + most_us;
		return (unsigned)((double)(least_us + most_us) / 2e6 +
				  share * (double)(most_us - least_us) / 2e6);
	}
	/* Some spread, for nodes and loops that give the same places. */
	wait_us += share * wait_us / 4;
	return (unsigned)(wait_us / 1e6);
}
