/* inform: the message that opens a session.
 * Carries what TR-069 forces into every Inform, and the values that changed. */
#ifndef CPE_INFORM_H
#define CPE_INFORM_H

#include "cpe/device.h"

/* Fills out from the device; marks its events as sent. Texts are taken from arena or live as long
 * as the device. */
void inform_build(
	struct device *device, struct arena *arena, const char *id, struct cwmp_message *out);

/* Does every Inform carry the parameter (forcedInform)? NULL is allowed. */
bool inform_is_forced(const struct datamodel *model, const struct node *node);

#endif
