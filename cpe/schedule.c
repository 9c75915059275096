/* schedule: when the next session is due, and times as CWMP writes them.
 * Pure arithmetic; the clock and the dice are the caller's. */
#include "cpe/schedule.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_STEPS_MAX = 10 };

struct retry_bounds retry_bounds(unsigned n, unsigned m, unsigned k)
{
	struct retry_bounds bounds = { .least = m, .most = m * (k / 1000.0) };
	if (n > RETRY_STEPS_MAX)
		n = RETRY_STEPS_MAX;
	for (unsigned i = 1; i < n; i++) {
		bounds.least = bounds.most;
		bounds.most *= k / 1000.0;
	}
	return bounds;
}

time_t periodic_next(time_t phase, unsigned interval, time_t now)
{
	time_t past = (now - phase) % (time_t)interval;
	if (past < 0)
		past += (time_t)interval;
	return now - past + (time_t)interval;
}

/* "+01:30" in seconds; 0 for "Z" and for none. */
static long zone_offset(const char *text)
{
	if (*text != '+' && *text != '-')
		return 0;
	char *end;
	const long hours = strtol(text + 1, &end, 10);
	const long minutes = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
	const long seconds = hours * 3600 + minutes * 60;
	return *text == '-' ? -seconds : seconds;
}

bool time_parse(const char *text, time_t *out)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest || tm.tm_year < 1000 - 1900)
		return false;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	*out = timegm(&tm) - zone_offset(rest);
	return true;
}

char *time_text(struct arena *arena, time_t time)
{
	struct tm tm;
	gmtime_r(&time, &tm);
	char text[32];
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_strdup(arena, text);
}
