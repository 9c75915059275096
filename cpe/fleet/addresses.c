/* addresses: the local addresses that the connections of a fleet come from. */
#include "cpe/fleet/addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool address_range_parse(struct address_range *range, const char *text)
{
	char address[INET_ADDRSTRLEN];
	struct in_addr network;
	const size_t length = strcspn(text, "/");
	if (length >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)length, text);
	if (inet_pton(AF_INET, address, &network) != 1)
		return false;
	char *end = "";
	const unsigned long bits = text[length] ? strtoul(text + length + 1, &end, 10) : 32;
	if (bits < 1 || bits > 32 || *end || (text[length] && end == text + length + 1))
		return false;
	const uint64_t size = UINT64_C(1) << (32 - bits);
	const uint32_t base = ntohl(network.s_addr) & (uint32_t) ~(size - 1);
	*range = size > 2 ? (struct address_range){ base + 1, (uint32_t)(size - 2) }
			  : (struct address_range){ base, (uint32_t)size };
	return true;
}

void address_range_text(const struct address_range *range, uint32_t i, char *text)
{
	const struct in_addr address = { .s_addr = htonl(range->first + i % range->count) };
	inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}
