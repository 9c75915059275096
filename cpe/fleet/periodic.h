/* periodic: with --periodic each device informs by its own PeriodicInformInterval.
 * The first time is drawn from the interval, so that a fleet spreads as devices in the field do. */
#ifndef CPE_FLEET_PERIODIC_H
#define CPE_FLEET_PERIODIC_H

#include <stdbool.h>

#include "cpe/fleet/device.h"

/* The timer begins anew; fraction: of the interval until it is due, 0 to 1. Does nothing without
 * --periodic, or where PeriodicInformEnable is false. */
void periodic_begin(struct fleet *fleet, struct fleet_device *device, double fraction);
/* It is due: an idle device has a session with 2 PERIODIC, which is for the caller to begin; any other
 * tells it in the next. True when it is idle. */
bool periodic_on_due(struct fleet *fleet, struct fleet_device *device);

#endif
