/* dial: from a host name to a connected TCP socket, on the loop. */
#ifndef HTTP_DIAL_H
#define HTTP_DIAL_H

#include <event2/util.h>

#include "http/client.h"

struct dial;

struct dial_target {
	const char *host;
	uint16_t port;
	unsigned seconds; /* for all addresses together; the caller's own timer ends the whole */
	const char *bind_address;
	http_allow_address_fn *allow_address;
	void *allow_arg;
};

/* Called once, from the loop, after which the dial is gone. fd belongs to the callee; -1 unless
 * the error is HTTP_OK. */
typedef void dial_done_fn(enum http_error error, const char *text, evutil_socket_t fd, void *arg);

/* What target points to is copied. dns may be NULL: then only addresses and localhost are found. */
struct dial *dial_begin(struct event_base *base, struct evdns_base *dns,
	const struct dial_target *target, dial_done_fn *done, void *arg);
/* Ends it without a callback; only before that came. */
void dial_cancel(struct dial *dial);

#endif
