/* proxy_header: what a proxy says before all else of whom it connects to us: PROXY protocol, version 2.
 * Version 1, which is text, is not spoken: it says nothing of TLS. */
#include "http/proxy_header.h"

#include <netinet/in.h>
#include <string.h>

static const uint8_t signature[12] = "\r\n\r\n\0\r\nQUIT\n";

/* Offsets in the header, and bytes. */
enum { COMMAND = 12, FAMILY = 13, LENGTH = 14, ADDRESSES = 16, IPV4_BYTES = 12, IPV6_BYTES = 36 };
enum {
	UNKNOWN = 0x00,
	IS_LOCAL = 0x20,
	IS_PROXIED = 0x21,
	TCP_OVER_IPV4 = 0x11,
	TCP_OVER_IPV6 = 0x21
};
enum { TLV_HEAD = 3, TLV_SSL = 0x20, CLIENT_SSL = 0x01 };

static unsigned number_at(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

size_t proxy_header_length(const uint8_t *bytes, size_t length)
{
	const size_t known = length < sizeof(signature) ? length : sizeof(signature);
	if (memcmp(bytes, signature, known) != 0)
		return 0;
	if (length < ADDRESSES)
		return ADDRESSES;
	const size_t whole = ADDRESSES + number_at(bytes + LENGTH);
	return whole <= PROXY_HEADER_MAX ? whole : 0;
}

static void read_ipv4(const uint8_t *address, const uint8_t *port, struct sockaddr_storage *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	memcpy(&in.sin_addr, address, 4);
	memcpy(&in.sin_port, port, 2);
	memcpy(out, &in, sizeof(in));
}

static void read_ipv6(const uint8_t *address, const uint8_t *port, struct sockaddr_storage *out)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	memcpy(&in6.sin6_addr, address, 16);
	memcpy(&in6.sin6_port, port, 2);
	memcpy(out, &in6, sizeof(in6));
}

/* Bytes that the addresses take; 0 for families that are not served here. */
static size_t read_addresses(const uint8_t *bytes, size_t length, struct proxy_header *out)
{
	const uint8_t *at = bytes + ADDRESSES;
	const size_t rest = length - ADDRESSES;
	if (bytes[FAMILY] == TCP_OVER_IPV4 && rest >= IPV4_BYTES) {
		read_ipv4(at, at + 8, &out->source);
		read_ipv4(at + 4, at + 10, &out->destination);
		return IPV4_BYTES;
	}
	if (bytes[FAMILY] == TCP_OVER_IPV6 && rest >= IPV6_BYTES) {
		read_ipv6(at, at + 32, &out->source);
		read_ipv6(at + 16, at + 34, &out->destination);
		return IPV6_BYTES;
	}
	return 0;
}

/* Type, length and value, one behind the other; only whether there is TLS is of interest. */
static bool read_tlvs(const uint8_t *at, size_t rest, struct proxy_header *out)
{
	while (rest >= TLV_HEAD) {
		const size_t length = number_at(at + 1);
		if (length > rest - TLV_HEAD)
			return false;
		if (at[0] == TLV_SSL && length > 0)
			out->is_tls = at[TLV_HEAD] & CLIENT_SSL;
		at += TLV_HEAD + length;
		rest -= TLV_HEAD + length;
	}
	return rest == 0;
}

bool proxy_header_read(const uint8_t *bytes, size_t length, struct proxy_header *out)
{
	memset(out, 0, sizeof(*out));
	if (bytes[COMMAND] == IS_LOCAL)
		return true;
	if (bytes[COMMAND] != IS_PROXIED)
		return false;
	if (bytes[FAMILY] == UNKNOWN)
		return true;
	const size_t used = read_addresses(bytes, length, out);
	out->has_addresses = used > 0;
	return used > 0 && read_tlvs(bytes + ADDRESSES + used, length - ADDRESSES - used, out);
}
