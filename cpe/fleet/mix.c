/* mix: why the devices of a fleet begin sessions, and how often for each reason. */
#include "cpe/fleet/mix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_MAX = 1000000 };

static const struct {
	const char *name;
	const char *codes[REASON_EVENTS_MAX];
} reasons[REASON_COUNT] = {
	[REASON_PENDING] = { "pending", { NULL } },
	[REASON_PERIODIC] = { "periodic", { "2 PERIODIC" } },
	[REASON_BOOT] = { "boot", { "1 BOOT" } },
	[REASON_VALUE_CHANGE] = { "value-change", { "4 VALUE CHANGE" } },
	[REASON_BOOTSTRAP] = { "bootstrap", { "0 BOOTSTRAP", "1 BOOT" } },
	[REASON_CONNECTION_REQUEST] = { "connection-request", { "6 CONNECTION REQUEST" } },
};

const char *reason_name(enum fleet_reason reason)
{
	return reasons[reason].name;
}

size_t reason_events(enum fleet_reason reason, const char *codes[REASON_EVENTS_MAX])
{
	size_t count = 0;
	while (count < REASON_EVENTS_MAX && reasons[reason].codes[count]) {
		codes[count] = reasons[reason].codes[count];
		count++;
	}
	return count;
}

/* REASON_PENDING, which is none to draw, for a name that there is not. */
static enum fleet_reason find_reason(const char *name, size_t length)
{
	for (enum fleet_reason i = REASON_PERIODIC; i < REASON_COUNT; i++)
		if (strlen(reasons[i].name) == length && memcmp(reasons[i].name, name, length) == 0)
			return i;
	return REASON_PENDING;
}

/* Reads "boot=5" at *text and steps over it and the comma behind it. */
static bool parse_weight(struct mix *mix, const char **text)
{
	const size_t length = strcspn(*text, "=,");
	const enum fleet_reason reason = find_reason(*text, length);
	const char *number = *text + length + 1;
	if (reason == REASON_PENDING || number[-1] != '=' || *number < '0' || *number > '9')
		return false;
	char *end;
	const unsigned long weight = strtoul(number, &end, 10);
	if ((*end && *end != ',') || weight > WEIGHT_MAX)
		return false;
	mix->total += (unsigned)weight - mix->weights[reason];
	mix->weights[reason] = (unsigned)weight;
	*text = end + (*end == ',');
	return true;
}

bool mix_parse(struct mix *mix, const char *text, char *why, size_t why_size)
{
	*mix = (struct mix){ 0 };
	for (const char *at = text; *at;)
		if (!parse_weight(mix, &at)) {
			snprintf(why, why_size, "not REASON=WEIGHT: %s", at);
			return false;
		}
	if (mix->total == 0)
		snprintf(why, why_size, "nothing to draw from: %s", text);
	return mix->total > 0;
}

enum fleet_reason mix_draw(const struct mix *mix, unsigned random)
{
	unsigned left = random % mix->total;
	enum fleet_reason reason = REASON_PERIODIC;
	while (left >= mix->weights[reason])
		left -= mix->weights[reason++];
	return reason;
}
