/* timetable: what the clock makes the device tell: periodic, scheduled and heartbeat Informs.
 * All times are taken from the tree and the state, so a restart loses none. */
#ifndef CPE_TIMETABLE_H
#define CPE_TIMETABLE_H

#include "cpe/device.h"

enum { SCHEDULED_INFORMS_MAX = 16 };

struct timetable;

struct timetable *timetable_new(struct device *device);
/* NULL is allowed. */
void timetable_free(struct timetable *timetable);

/* Follows the tree and the state, after they may have changed; tells what is overdue. */
void timetable_follow(struct timetable *timetable);
/* ScheduleInform, TR-069 A.4.1.2: 0, 9003 or 9004. The caller saves. */
unsigned timetable_schedule(
	struct device *device, unsigned delay_seconds, const char *command_key) MUST_CHECK;

#endif
