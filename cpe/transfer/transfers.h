/* transfers: what the device does about its queue of downloads and uploads.
 * One runs at a time, between sessions; how it ended goes into a report for the ACS. */
#ifndef CPE_TRANSFERS_H
#define CPE_TRANSFERS_H

#include "cpe/device.h"

struct transfers_runner;

struct transfers_runner *transfers_runner_new(struct device *device);
/* NULL is allowed. */
void transfers_runner_free(struct transfers_runner *runner);

/* Refuses at once what can be told at once, as TR-069 asks: a URL that is none, a CommandKey that is
 * in the queue already, too many in it. 0, 9003, 9004 or 9013. */
unsigned transfers_admit(
	const struct device *device, const char *url, const char *command_key) MUST_CHECK;
/* Starts the next one that is due, or waits for it. */
void transfers_run(struct transfers_runner *runner);
/* Gives up what is under way; it begins anew with transfers_run(). */
void transfers_stop(struct transfers_runner *runner);
/* The firmware that was fetched runs now. */
void transfers_on_firmware_started(struct device *device, struct transfer *transfer);
/* Removes what a crash left behind. */
void transfers_sweep(const char *state_dir);

#endif
