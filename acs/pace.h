/* pace: devices that inform or boot far more often than any should are let through slowly, each by itself.
 * Remembered are only those that were busy lately, in a table of fixed size: when it is full the calmest is
 * forgotten. Only Informs that were accepted count, so nobody can slow a device down in its name. */
#ifndef ACS_PACE_H
#define ACS_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "acs/tally.h"
#include "base/compiler.h"

struct paces;

/* As many at once, then evenly; 0: any number. */
struct paces *paces_new(unsigned informs_per_minute, unsigned boots_per_hour);
void paces_free(struct paces *all);

struct pace_verdict {
	unsigned seconds; /* that the device has to wait; 0: it may come in */
	bool is_news;     /* it was not slowed before */
	enum tally_limit limit;
};
/* May the device inform now? From any thread, as all below. */
struct pace_verdict pace_check(
	struct paces *all, int64_t device_id, uint64_t now_us, bool is_boot) MUST_CHECK;
/* Its Inform was accepted. */
void pace_note(struct paces *all, int64_t device_id, uint64_t now_us, bool is_boot);
/* It was sent what makes it boot: its next Inform is never slowed. */
void pace_expect(struct paces *all, int64_t device_id, uint64_t now_us);

struct pace_state {
	const char *limit; /* the setting */
	time_t since;
	unsigned refused;
};
/* False when the device is not slowed. */
bool pace_state(
	struct paces *all, int64_t device_id, uint64_t now_us, struct pace_state *out) MUST_CHECK;
unsigned paces_slowed(struct paces *all, uint64_t now_us);

#endif
