/* forwarded: who stands behind the proxies in front of us, by what the proxies say.
 * Nobody else's word is taken, and of a header only what proxies have appended to it. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "http/server.h"

/* The request came from a proxy of the listener's: makes request->peer the address for which the last
 * of them forwards, and is_tls what it says of that. As far as they say nothing that can be read, the
 * peer is the proxy itself. */
void forwarded_read(struct http_request *request, const struct http_listener_options *options);

#endif
