/* addresses: the local addresses that the connections of a fleet come from. */
#ifndef CPE_FLEET_ADDRESSES_H
#define CPE_FLEET_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct address_range {
	uint32_t first; /* host byte order */
	uint32_t count;
};

/* Reads "127.0.0.0/8": IPv4, without the network's own and the broadcast address. */
bool address_range_parse(struct address_range *range, const char *text) MUST_CHECK;
/* Number i of the range, begun anew at its end; text has room for INET_ADDRSTRLEN. */
void address_range_text(const struct address_range *range, uint32_t i, char *text);

#endif
