/* wall_clock: moments in whole seconds, as CWMP and the state file have them.
 * What shall happen after some seconds never happens earlier. */
#ifndef CPE_WALL_CLOCK_H
#define CPE_WALL_CLOCK_H

#include <sys/time.h>
#include <time.h>

/* The first whole second that is no less than so many seconds away; this one for 0. */
static inline time_t wall_clock_after(unsigned seconds)
{
	const time_t now = time(NULL);
	return seconds ? now + (time_t)seconds + 1 : now;
}

/* How long a timer has to wait for a moment; nothing when it has passed. A timer of libevent may
 * end some milliseconds early, so who armed it looks at the clock again. */
static inline struct timeval wall_clock_wait(time_t moment)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (moment <= now.tv_sec)
		return (struct timeval){ 0 };
	return (struct timeval){
		.tv_sec = moment - now.tv_sec - 1,
		.tv_usec = 999999 - (suseconds_t)(now.tv_nsec / 1000),
	};
}

#endif
