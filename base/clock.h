/* clock: how much time has passed.
 * Monotonic and without a date: for durations and deadlines within one run of the system. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds since some moment in the past. */
static inline uint64_t clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline uint64_t clock_ms(void)
{
	return clock_us() / 1000;
}

/* For what is measured in whole seconds; unlike time(), it does not jump with the calendar. */
static inline time_t clock_seconds(void)
{
	return (time_t)(clock_us() / 1000000);
}

#endif
