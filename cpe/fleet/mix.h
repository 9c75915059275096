/* mix: why the devices of a fleet begin sessions, and how often for each reason. */
#ifndef CPE_FLEET_MIX_H
#define CPE_FLEET_MIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

/* What a session of a fleet begins with. All but the first have an Inform made in advance. */
enum fleet_reason {
	REASON_PENDING, /* events that the device has kept */
	REASON_PERIODIC,
	REASON_BOOT,
	REASON_VALUE_CHANGE,
	REASON_BOOTSTRAP,
	REASON_CONNECTION_REQUEST,
	REASON_COUNT,
};

enum { REASON_EVENTS_MAX = 2 };

/* "value-change" */
const char *reason_name(enum fleet_reason reason);
/* The event codes of its Inform; returns their number. */
size_t reason_events(enum fleet_reason reason, const char *codes[REASON_EVENTS_MAX]);

struct mix {
	unsigned weights[REASON_COUNT], total;
};

/* Reads "periodic=90,boot=5". False, and why. */
bool mix_parse(struct mix *mix, const char *text, char *why, size_t why_size) MUST_CHECK;
/* The reason that a random number picks. */
enum fleet_reason mix_draw(const struct mix *mix, unsigned random);

#endif
