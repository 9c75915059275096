/* inform: the Inform of a fleet's devices, and the answer that it should get.
 * The hot ones are encoded once by the codec, with gaps for what differs; every other is encoded anew. */
#ifndef CPE_FLEET_INFORM_H
#define CPE_FLEET_INFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "cpe/fleet/device.h"

enum { INFORM_ID_BYTES = 32 };

struct informs;

/* Encodes one Inform for each reason. */
struct informs *informs_new(const struct fleet *fleet);
void informs_free(struct informs *informs);

/* The ID header of the device's Inform number `sessions`: "F00000042.17". */
void inform_id(
	const struct fleet *fleet, const struct fleet_device *device, char id[INFORM_ID_BYTES]);
/* Appends the device's Inform for device->reason. */
void inform_render(
	struct fleet *fleet, struct fleet_device *device, const char *id, struct buffer *out);

/* Is it, but for its ID, byte for byte the answer that was learned? */
bool inform_answer_is_known(
	const struct informs *informs, const char *body, size_t length, const char *id);
/* Learns an answer with that ID that the codec has decoded and that was as it should be. */
void inform_answer_learn(struct informs *informs, const char *body, size_t length, const char *id);

#endif
