/* address: ranges of addresses, and which ones a connection request may dial.
 * Every address is compared in its IPv6 form, IPv4 as ::ffff:a.b.c.d. */
#include "acs/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_BITS = 128, MAPPED_BITS = 96, RANGE_TEXT = 64 };

static void from_v4(const struct in_addr *address, struct in6_addr *out)
{
	*out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(&out->s6_addr[12], address, 4);
}

static bool from_sockaddr(const struct sockaddr *address, struct in6_addr *out)
{
	if (address->sa_family == AF_INET6) {
		*out = ((const struct sockaddr_in6 *)address)->sin6_addr;
		return true;
	}
	if (address->sa_family != AF_INET)
		return false;
	from_v4(&((const struct sockaddr_in *)address)->sin_addr, out);
	return true;
}

static bool from_text(const char *text, struct in6_addr *out)
{
	struct in_addr v4;
	if (inet_pton(AF_INET, text, &v4) != 1)
		return inet_pton(AF_INET6, text, out) == 1;
	from_v4(&v4, out);
	return true;
}

static bool shares_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned bits)
{
	const unsigned bytes = bits / 8, rest = bits % 8;
	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || (a->s6_addr[bytes] ^ b->s6_addr[bytes]) >> (8 - rest) == 0;
}

struct range {
	struct in6_addr network;
	unsigned bits;
};

/* "10.0.0.0/8", "fd00::/8" or an address alone. */
static bool read_range(char *text, struct range *range)
{
	char *slash = strchr(text, '/'), *end = "";
	if (slash)
		*slash = '\0';
	if (!from_text(text, &range->network))
		return false;
	const unsigned family_bits = strchr(text, ':') ? ADDRESS_BITS : ADDRESS_BITS - MAPPED_BITS;
	if (slash && !isdigit((unsigned char)slash[1]))
		return false;
	const unsigned long bits = slash ? strtoul(slash + 1, &end, 10) : family_bits;
	if (*end || bits > family_bits)
		return false;
	range->bits = ADDRESS_BITS - family_bits + (unsigned)bits;
	return true;
}

/* The next range of a list that *ranges moves along. False at its end; one that is none has *is_good
 * false. */
static bool next_range(const char **ranges, struct range *range, bool *is_good)
{
	static const char separators[] = ", \t";
	char text[RANGE_TEXT] = "";
	*ranges += strspn(*ranges, separators);
	const size_t length = strcspn(*ranges, separators);
	*is_good = length < sizeof(text) && read_range(memcpy(text, *ranges, length), range);
	*ranges += length;
	return length > 0;
}

static bool is_in_ranges(const struct in6_addr *address, const char *ranges)
{
	struct range range;
	bool is_good;
	while (next_range(&ranges, &range, &is_good))
		if (is_good && shares_prefix(address, &range.network, range.bits))
			return true;
	return false;
}

bool address_ranges_are_good(const char *ranges)
{
	struct range range;
	bool is_good;
	while (next_range(&ranges, &range, &is_good))
		if (!is_good)
			return false;
	return true;
}

bool address_is_in(const struct sockaddr *address, const char *ranges)
{
	struct in6_addr peer;
	return from_sockaddr(address, &peer) && is_in_ranges(&peer, ranges);
}

static const char loopback[] = "127.0.0.0/8, ::1";
/* Besides what no host has: where clouds keep the secrets of their machines. */
static const char for_nobody[] =
	"0.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 255.255.255.255, ::, fe80::/10, ff00::/8, "
	"100.100.100.200, 168.63.129.16, 192.0.0.192, fd00:ec2::254, fd20:ce::254";

/* IPv6 addresses that routers on the way turn into IPv4 ones, which lie at an offset. */
static const struct {
	const char *range;
	unsigned offset;
	uint8_t mask;
} translated[] = {
	{ "64:ff9b::/96", 12, 0 },    /* NAT64, RFC 6052 */
	{ "64:ff9b:1::/48", 12, 0 },  /* RFC 8215 */
	{ "::ffff:0:0:0/96", 12, 0 }, /* RFC 2765 */
	{ "2002::/16", 2, 0 },        /* 6to4, RFC 3056 */
	{ "2001::/32", 12, 0xff },    /* Teredo, RFC 4380 */
	{ "::/96", 12, 0 },           /* RFC 4291, 2.5.5.1 */
};

static bool translates_to(const struct in6_addr *address, size_t i, struct in6_addr *v4)
{
	if (!is_in_ranges(address, translated[i].range))
		return false;
	*v4 = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	for (size_t byte = 0; byte < 4; byte++)
		v4->s6_addr[12 + byte] = address->s6_addr[translated[i].offset + byte] ^
					 translated[i].mask;
	return true;
}

static bool is_for_nobody(const struct in6_addr *address)
{
	struct in6_addr v4;
	if (is_in_ranges(address, for_nobody))
		return true;
	if (is_in_ranges(address, loopback))
		return false;
	for (size_t i = 0; i < LENGTH_OF(translated); i++)
		if (translates_to(address, i, &v4) &&
			(is_in_ranges(&v4, for_nobody) || is_in_ranges(&v4, loopback)))
			return true;
	return false;
}

bool address_is_allowed(const struct sockaddr *address, const char *source, const char *ranges)
{
	struct in6_addr dialled, told;
	if (!from_sockaddr(address, &dialled) || is_for_nobody(&dialled))
		return false;
	const bool has_source = source && from_text(source, &told);
	if (is_in_ranges(&dialled, loopback))
		return has_source && is_in_ranges(&told, loopback);
	if (has_source && memcmp(&dialled, &told, sizeof(told)) == 0)
		return true;
	return is_in_ranges(&dialled, ranges);
}

bool address_is_loopback(const struct sockaddr *address)
{
	return address_is_in(address, loopback);
}

bool address_text_is_loopback(const char *listen)
{
	struct in6_addr address;
	char host[RANGE_TEXT] = "";
	const char *colon = strrchr(listen, ':');
	size_t length = colon ? (size_t)(colon - listen) : 0;
	if (length > 1 && *listen == '[')
		listen++, length -= 2;
	if (length >= sizeof(host))
		return false;
	memcpy(host, listen, length);
	return strcmp(host, "localhost") == 0 ||
	       (from_text(host, &address) && is_in_ranges(&address, loopback));
}
