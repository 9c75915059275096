/* journal: a fleet's witness of what the ACS acknowledged and its devices executed (cpe/journal.h). */
#ifndef CPE_FLEET_JOURNAL_H
#define CPE_FLEET_JOURNAL_H

#include <jansson.h>

#include "cpe/fleet/device.h"

/* Adds a line and the device to it; it is written when this returns. A failure ends the process, since
 * nothing could be promised. Takes entry, and drops it without --journal. */
void fleet_witness(
	struct fleet *fleet, const struct fleet_device *device, const char *kind, json_t *entry);
/* The ACS has acknowledged the device's Inform of that ID. */
void fleet_witness_inform(struct fleet *fleet, const struct fleet_device *device, const char *id);
/* A session has ended: with the kind of failure, or NULL; requests: of the ACS. */
void fleet_witness_session(struct fleet *fleet, const struct fleet_device *device, const char *kind,
	unsigned requests);

#endif
