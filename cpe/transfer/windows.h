/* windows: the time windows of a ScheduleDownload, TR-069 A.4.1.8.
 * Pure arithmetic; the clock is the caller's. */
#ifndef CPE_WINDOWS_H
#define CPE_WINDOWS_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "base/compiler.h"
#include "cwmp/message.h"

struct window {
	time_t start, end;
	bool needs_confirmation; /* mode 4: the user must agree first */
	int max_retries;         /* -1: as many as fit */
};

struct windows {
	struct window items[CWMP_TIME_WINDOWS_MAX];
	size_t count; /* 0 for transfers without windows */
	size_t current;
	unsigned tries; /* that failed in the current window */
	bool is_confirmed;
};

/* False for windows that are none, too many, empty, overlapping or of an unknown mode. */
bool windows_set(struct windows *windows, const struct cwmp_schedule_download *request,
	time_t now) MUST_CHECK;

enum windows_verdict {
	WINDOWS_OPEN,   /* the file may be fetched now */
	WINDOWS_WAIT,   /* not before *until */
	WINDOWS_MISSED, /* the last one has ended: fault 9020 */
};
/* Steps over windows that have ended. */
enum windows_verdict windows_check(struct windows *windows, time_t now, time_t *until);
/* A try has failed: true when another one is permitted, in this window or in the next one. */
bool windows_retry(struct windows *windows) MUST_CHECK;

json_t *windows_to_json(const struct windows *windows);
void windows_from_json(struct windows *windows, const json_t *object);

#endif
