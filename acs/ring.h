/* ring: one connection request to one device, on one loop: question, GET, digest, repeats.
 * Private to connreq.c, which shares it among callers and counts it. */
#ifndef ACS_RING_H
#define ACS_RING_H

#include "acs/connreq.h"

struct ring;

typedef void ring_done_fn(const struct connreq_result *result, void *arg);

/* Begins; done is called once, from the loop, never from inside. The ring is gone when done
 * returns. */
struct ring *ring_begin(struct loop *loop, int64_t device_id, ring_done_fn *done, void *arg);
/* Ends it without a call. NULL is allowed. On its own loop, or when that has stopped. */
void ring_free(struct ring *ring);

#endif
