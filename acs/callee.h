/* callee: whom a connection request may call. The URL is the device's own word, so it is held against
 * the address that the device informs from and against ourselves. */
#ifndef ACS_CALLEE_H
#define ACS_CALLEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/compiler.h"

struct server;

/* Why this address and port may not be dialled for a device whose latest Inform came from source (NULL:
 * unknown), for an operator to read; NULL when it may. */
const char *callee_objection(
	const struct server *server, const struct sockaddr *address, const char *source) MUST_CHECK;

/* Is port in a list like "80,443,1024-65535"? */
bool port_is_in(uint16_t port, const char *ports) MUST_CHECK;
/* Is it such a list? */
bool ports_are_good(const char *ports) MUST_CHECK;

#endif
