/* extra: what only some devices of a fleet have of their own. */
#ifndef CPE_FLEET_EXTRA_H
#define CPE_FLEET_EXTRA_H

#include <stddef.h>

#include "cpe/fleet/device.h"
#include "cpe/session/events.h"

struct fleet_extra {
	struct events events; /* to be told besides those of device->reason */
};

/* The device's extra, made when it has none. */
struct fleet_extra *extra_of(struct fleet_device *device);
/* Frees it when nothing is left in it. */
void extra_tidy(struct fleet_device *device);
void extra_free(struct fleet_extra *extra);

/* For the ACS: what it has set, else from the templates of the command line. */
void extra_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);
void extra_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);

#endif
