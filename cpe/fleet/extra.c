/* extra: what only some devices of a fleet have of their own. */
#include "cpe/fleet/extra.h"

#include <stdlib.h>

#include "cpe/fleet/fleet.h"

struct fleet_extra *extra_of(struct fleet_device *device)
{
	if (!device->extra)
		device->extra = calloc(1, sizeof(*device->extra));
	if (!device->extra)
		abort();
	return device->extra;
}

void extra_free(struct fleet_extra *extra)
{
	if (!extra)
		return;
	events_clear(&extra->events);
	free(extra);
}

void extra_tidy(struct fleet_device *device)
{
	if (!device->extra || device->extra->events.count)
		return;
	extra_free(device->extra);
	device->extra = NULL;
}

void extra_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	const char *template = fleet->options->username;
	device_expand(fleet, device, template ? template : "{id}", out, size);
}

void extra_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	device_expand(fleet, device, fleet->options->password, out, size);
}
