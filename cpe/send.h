/* send: what `cpe send` makes a running device tell its ACS.
 * One table of kinds; each is an event, or a request with the event that goes with it. */
#ifndef CPE_SEND_H
#define CPE_SEND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cpe/device.h"

/* arguments: {key: text}. NULL, or why it cannot be: static text. Saves and wakes the device. */
const char *send_execute(struct device *device, const char *kind, json_t *arguments);
/* Whether the kind has an argument of that name. Kinds that are not known have every one:
 * send_execute() refuses them. */
bool send_takes(const char *kind, const char *key, size_t key_length);
void send_print_help(FILE *out);

#endif
