/* address: ranges of addresses, and which ones a connection request may dial.
 * The URL is the device's own word; without these rules it could aim us at anybody. */
#ifndef ACS_ADDRESS_H
#define ACS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/compiler.h"

/* May this address be dialled for a device whose latest Inform came from source ("192.0.2.1", NULL:
 * unknown)? It is the source itself, or in ranges ("10.0.0.0/8, fd00::/8"). Loopback is for devices
 * on loopback; link-local, multicast, broadcast and unspecified addresses are for nobody, nor are those
 * of clouds' metadata, nor IPv6 addresses that stand for such an IPv4 one. */
bool address_is_allowed(
	const struct sockaddr *address, const char *source, const char *ranges) MUST_CHECK;
/* Is it in ranges, written as above? */
bool address_is_in(const struct sockaddr *address, const char *ranges) MUST_CHECK;
/* Is every word of ranges an address or a range? */
bool address_ranges_are_good(const char *ranges) MUST_CHECK;
bool address_is_loopback(const struct sockaddr *address) MUST_CHECK;
/* Is the HOST of "HOST:PORT" localhost or an address of loopback? A name may be anything, so it is not. */
bool address_text_is_loopback(const char *listen) MUST_CHECK;

#endif
