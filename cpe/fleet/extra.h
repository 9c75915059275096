/* extra: what only some devices of a fleet have of their own. */
#ifndef CPE_FLEET_EXTRA_H
#define CPE_FLEET_EXTRA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cpe/device.h"
#include "cpe/fleet/device.h"
#include "cpe/fleet/orders.h"
#include "cpe/fleet/overlay.h"
#include "cpe/session/events.h"

struct fleet_extra {
	struct overlay overlay;
	struct events events; /* to be told besides that of device->reason */
	struct orders orders;
	json_t *units; /* deployment units, modules.h; NULL without any */
	unsigned last_unit;
	json_t *options;          /* vouchers.h; NULL without any */
	bool has_own_inform;      /* a value in the overlay that no template has a gap for */
	bool has_new_credentials; /* from the next session on */
	bool has_new_period;      /* the ACS has set when to inform; from the end of the session on */
	bool reboots;             /* when no session is under way … */
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
/* The parameter's value is about to be the device's own; its own tree is in place. */
void extra_own_value(const struct fleet *fleet, struct fleet_device *device, struct node *node);
/* The device gives a value of its own a new one, with 4 VALUE CHANGE as device_change() would. */
void extra_change_value(const struct fleet *fleet, struct fleet_device *device, struct node *node,
	const char *value, enum notice notice);
/* Firmware of that version runs from now on. */
void extra_run_firmware(
	const struct fleet *fleet, struct fleet_device *device, const char *version);
/* Power comes back: the events of the boot; firmware that was fetched starts, and after a FactoryReset
 * nothing else is left. Returns "reboot", "factory-reset" or "firmware". */
const char *extra_boot(const struct fleet *fleet, struct fleet_device *device);

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
