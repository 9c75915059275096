/* methods: the RPCs that the ACS may call on a device of a fleet.
 * Those on the tree are the single agent's own, working on the shared tree under an overlay. */
#ifndef CPE_FLEET_METHODS_H
#define CPE_FLEET_METHODS_H

#include "base/arena.h"
#include "cpe/fleet/device.h"
#include "cwmp/message.h"

/* Executes the request unless a fault refuses it, writes the journal and fills answer, a response or a
 * fault, from arena. */
void fleet_execute(struct fleet *fleet, struct fleet_device *device, struct arena *arena,
	const struct cwmp_message *request, struct cwmp_message *answer);

#endif
