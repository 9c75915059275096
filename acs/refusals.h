/* refusals: how many of the calls and devices that are refused have an entry of their own in the audit.
 * Anybody can cause them, so the table has a fixed size: the same again is written once a minute, an address may
 * fill a tenth of what is written in all, and what is left out is counted. */
#ifndef ACS_REFUSALS_H
#define ACS_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct refusals;

/* In all; 0: none is written. */
struct refusals *refusals_new(unsigned per_minute);
void refusals_free(struct refusals *refusals);

/* May this one be written? From any thread. what tells refusals apart; *left_out: how many of the same were not
 * written since the last one that was. */
bool refusals_admit(struct refusals *refusals, const char *address, const char *what,
	uint64_t now_us, uint64_t *left_out) MUST_CHECK;

#endif
