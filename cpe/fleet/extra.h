/* extra: what only some devices of a fleet have of their own. */
#ifndef CPE_FLEET_EXTRA_H
#define CPE_FLEET_EXTRA_H

#include <stdbool.h>
#include <stddef.h>

#include "cpe/fleet/device.h"
#include "cpe/fleet/orders.h"
#include "cpe/fleet/overlay.h"
#include "cpe/session/events.h"

struct fleet_extra {
	struct overlay overlay;
	struct events events; /* to be told besides that of device->reason */
	struct orders orders;
	bool has_own_inform;      /* a value in the overlay that no template has a gap for */
	bool has_new_credentials; /* from the next session on */
	bool reboots;             /* when the session has ended … */
	bool resets;              /* … to the factory's state */
	char *reboot_key;         /* CommandKey of the Reboot, or NULL */
};

/* The device's extra, made when it has none. */
struct fleet_extra *extra_of(struct fleet_device *device);
/* Frees it when nothing is left in it. */
void extra_tidy(struct fleet_device *device);
void extra_free(struct fleet_extra *extra);
/* Has it anything to tell besides device->reason? */
bool extra_has_events(const struct fleet_device *device);
/* Does it ask for a session? */
bool extra_wants_session(const struct fleet_device *device);

/* The device's own tree in place of the shared one, and back again. Counters and what else tells the
 * devices apart are shown, too. */
void extra_put_on(const struct fleet *fleet, struct fleet_device *device);
void extra_take_off(struct fleet_device *device);
/* Power comes back: the events of the boot, and after a FactoryReset nothing else is left. Returns
 * "reboot" or "factory-reset". */
const char *extra_boot(struct fleet_device *device);

/* The text of a parameter below the root, as the device shows it: "" when the model has none. */
const char *extra_text(
	const struct fleet *fleet, const struct fleet_device *device, const char *relative);
/* For the ACS: what it has set, else from the templates of the command line. */
void extra_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);
void extra_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);
/* That a connection request must show; "" when it needs none. */
void extra_request_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);
void extra_request_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size);

#endif
