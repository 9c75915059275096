/* proxy_header: what a proxy says before all else of whom it connects to us: PROXY protocol, version 2.
 * (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt) */
#ifndef HTTP_PROXY_HEADER_H
#define HTTP_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/compiler.h"

enum { PROXY_HEADER_MAX = 1024 }; /* bytes; a longer one is refused */

struct proxy_header {
	bool has_addresses; /* else the proxy speaks for itself */
	bool is_tls;        /* the peer speaks TLS to the proxy */
	struct sockaddr_storage source, destination;
};

/* Bytes that the whole header has, as far as can be told by those that have come; 0 when it is none. */
size_t proxy_header_length(const uint8_t *bytes, size_t length);
/* False when it is not as it must be. */
bool proxy_header_read(const uint8_t *bytes, size_t length, struct proxy_header *out) MUST_CHECK;

#endif
