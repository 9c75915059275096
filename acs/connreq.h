/* connreq: connection requests by HTTP (TR-069 3.2.2), one per device at a time.
 * The URL is the device's own word, so it is attacker input: ring.c holds one request to its limits,
 * connreq.c holds their number. */
#ifndef ACS_CONNREQ_H
#define ACS_CONNREQ_H

#include <stdint.h>

#include "acs/loop.h"

enum connreq_error {
	CONNREQ_OK,
	CONNREQ_REFUSED,
	CONNREQ_TIMEOUT,
	CONNREQ_UNAUTHORIZED,
	CONNREQ_NO_URL,
	CONNREQ_BUSY
};

struct connreq_result {
	enum connreq_error error;
	/* "refused", "timeout", "unauthorized", "no-url", "busy"; "" with CONNREQ_OK */
	const char *error_name;
	const char *detail; /* for a person, "" with CONNREQ_OK */
	unsigned elapsed_ms;
};

struct connection_requests; /* of the process: who is being called, how many are in flight */
struct connreq;             /* one caller's interest; several share one request to a device */

typedef void connreq_done_fn(const struct connreq_result *result, void *arg);

struct connection_requests *connection_requests_new(struct server *server);
/* Ends what is in flight without a call. When all loops have stopped and all callers have
 * cancelled, but before loop_clear(). NULL is allowed. */
void connection_requests_free(struct connection_requests *all);

/* How many devices are being called, and wait for that; from any thread. */
void connection_requests_count(
	struct connection_requests *all, unsigned *in_flight, unsigned *waiting);

/* Asks the database for URL and secret, then calls the device. done is called once on this loop,
 * never from inside; NULL: nobody waits, and what is returned must not be used. */
struct connreq *connreq_begin(
	struct loop *loop, int64_t device_id, connreq_done_fn *done, void *arg);
/* No call will come; the request itself goes on for others who share it. NULL is allowed. */
void connreq_cancel(struct connreq *connreq);

#endif
