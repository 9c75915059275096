/* journal: a fleet's witness of what the ACS acknowledged and its devices executed (cpe/journal.h). */
#ifndef CPE_FLEET_JOURNAL_H
#define CPE_FLEET_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "cpe/fleet/device.h"

/* Is anybody to be told? Entries are then made in vain. */
bool fleet_has_witness(const struct fleet *fleet);
/* Adds a line and the device to it; it is written when this returns. A failure ends the process, since
 * nothing could be promised. Takes entry, and drops it without --journal. */
void fleet_witness(
	struct fleet *fleet, const struct fleet_device *device, const char *kind, json_t *entry);

#endif
