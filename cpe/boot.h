/* boot: how a device comes up, and what it is then.
 * The tree, the command line and the state are put together; pending reboots take effect. */
#ifndef CPE_BOOT_H
#define CPE_BOOT_H

#include "cpe/device.h"

/* Loads the model, the command line's values and, but for a factory reset, what had changed. */
bool boot_load_model(struct device *device, char *why, size_t why_size) MUST_CHECK;
/* Power on: 1 BOOT, 0 BOOTSTRAP when the ACS is a new one, and what the reboot was for. Saves. */
void boot(struct device *device);
/* 0 BOOTSTRAP when the ACS's URL is another than the one that knows this device. */
void boot_check_acs(struct device *device);

#endif
