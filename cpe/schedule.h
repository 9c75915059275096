/* schedule: when the next session is due, and times as CWMP writes them.
 * Pure arithmetic; the clock and the dice are the caller's. */
#ifndef CPE_SCHEDULE_H
#define CPE_SCHEDULE_H

#include <stdbool.h>
#include <time.h>

#include "base/arena.h"

/* Bounds in seconds of the wait before retry n (1 is the first), TR-069 3.2.1.1: m is
 * CWMPRetryMinimumWaitInterval in seconds, k CWMPRetryIntervalMultiplier in thousandths. */
struct retry_bounds {
	double least, most;
};
struct retry_bounds retry_bounds(unsigned n, unsigned m, unsigned k);

/* The first time after now that is a whole number of intervals away from phase, whether that is
 * past or to come. */
time_t periodic_next(time_t phase, unsigned interval, time_t now);

/* An xsd:dateTime with 'Z', an offset or none (taken as UTC); false for the Unknown Time, relative
 * times (years under 1000) and what is no time at all. */
bool time_parse(const char *text, time_t *out);
/* "2025-03-02T14:21:07Z" */
char *time_text(struct arena *arena, time_t time);

#endif
