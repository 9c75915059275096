/* connection_request: the HTTP door at which the ACS knocks, TR-069 3.2.2.
 * Digest authentication, a path that cannot be guessed, and a limit on how often it opens. */
#ifndef CPE_CONNECTION_REQUEST_H
#define CPE_CONNECTION_REQUEST_H

#include "cpe/device.h"

/* Listens at options->listen and shows ManagementServer.ConnectionRequestURL. NULL and why. */
struct connection_request *connection_request_open(
	struct device *device, char *why, size_t why_size);
/* Follows HTTPConnectionRequestEnable in the tree: without it the port is closed and the URL empty.
 * Also shows the URL again, after the tree has been loaded anew. */
void connection_request_follow(struct connection_request *door);
/* NULL is allowed. */
void connection_request_close(struct connection_request *door);

#endif
