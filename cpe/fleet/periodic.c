/* periodic: with --periodic each device informs by its own PeriodicInformInterval.
 * A device has one entry among those that dispatch.c keeps by time; one from before a change of the
 * interval finds another time in the device, and is of no use. */
#include "cpe/fleet/periodic.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"

static bool is_enabled(const struct fleet *fleet, const struct fleet_device *device)
{
	const char *enable = extra_text(fleet, device, "ManagementServer.PeriodicInformEnable");
	return fleet->options->fleet.periodic &&
	       (strcmp(enable, "true") == 0 || strcmp(enable, "1") == 0);
}

static double interval_us(const struct fleet *fleet, const struct fleet_device *device)
{
	const char *text = extra_text(fleet, device, "ManagementServer.PeriodicInformInterval");
	const unsigned long seconds = strtoul(text, NULL, 10);
	return (double)(seconds ? seconds : 1) * 1e6;
}

void periodic_begin(struct fleet *fleet, struct fleet_device *device, double fraction)
{
	device->periodic_us = 0;
	if (!is_enabled(fleet, device))
		return;
	device->periodic_us = clock_us() + (uint64_t)(fraction * interval_us(fleet, device));
	dispatch_at(fleet->dispatch, device, device->periodic_us);
}

bool periodic_on_due(struct fleet *fleet, struct fleet_device *device)
{
	const bool is_idle = device->state == DEVICE_IDLE;
	periodic_begin(fleet, device, 1);
	if (is_idle)
		device->reason = REASON_PERIODIC;
	else if (device->state != DEVICE_DOWN)
		events_add(&extra_of(device)->events, "2 PERIODIC", "");
	return is_idle;
}
