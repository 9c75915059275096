/* du_changes: the ChangeDUState requests of the ACS, carried out one operation after the other.
 * They run between sessions; DUStateChangeComplete tells their results, in the order asked for. */
#ifndef CPE_DU_CHANGES_H
#define CPE_DU_CHANGES_H

#include "cpe/device.h"

enum { DU_CHANGES_MAX = 16 };

struct du_runner;

struct du_runner *du_runner_new(struct device *device);
/* NULL is allowed. */
void du_runner_free(struct du_runner *runner);

/* Queues a request: 0, 9003 without operations, or 9004. The caller saves. */
unsigned du_changes_add(
	struct device *device, const struct cwmp_change_du_state *request) MUST_CHECK;
/* Carries on with the first request in the queue. */
void du_changes_run(struct du_runner *runner);
/* Gives up the operation under way; it begins anew with du_changes_run(). */
void du_changes_stop(struct du_runner *runner);

/* A change that the device made by itself: told by AutonomousDUStateChangeComplete. operation is
 * "Install", "Update" or "Uninstall". 0 or a fault of TR-069 A.5.1, then nothing has happened. */
unsigned du_change_by_itself(struct device *device, const char *operation, const char *uuid,
	const char *version) MUST_CHECK;

#endif
