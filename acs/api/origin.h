/* origin: did a browser call because a page of somebody else's told it to? */
#ifndef ACS_API_ORIGIN_H
#define ACS_API_ORIGIN_H

#include "http/server.h"

/* False for a call that a page of another site caused, where it could change something. hosts: our names besides the
 * request's Host, "acs.example.com, acs". */
bool origin_is_own(const struct http_request *request, const char *hosts) MUST_CHECK;
/* Is the Host an address, localhost or one of hosts? Any other name may be one that somebody had pointed at us, so that
 * his page counts as ours (DNS rebinding). */
bool origin_host_is_known(const struct http_request *request, const char *hosts) MUST_CHECK;
/* Did a proxy pass the call on? Its address is then not the caller's. */
bool origin_is_forwarded(const struct http_request *request) MUST_CHECK;

#endif
