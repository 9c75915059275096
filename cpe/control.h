/* control: the socket in the state folder by which `cpe set`, `cpe reboot` and `cpe send` speak to
 * a running agent. One packet of JSON asks, one answers: {"command":"set","name":…,"value":…},
 * {"command":"reboot"}, {"command":"send","kind":…,"arguments":{…}}; {"ok":true} or {"error":…}. */
#ifndef CPE_CONTROL_H
#define CPE_CONTROL_H

#include "cpe/device.h"

struct control *control_open(struct device *device, char *why, size_t why_size);
/* NULL is allowed. */
void control_close(struct control *control);

/* The other side: sends request to the agent of that folder and prints what went wrong. The exit
 * status of the command. Takes request. */
int control_call(const char *state_dir, json_t *request);

#endif
