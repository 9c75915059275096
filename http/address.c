/* address: socket addresses as bytes and text, and the binding of listening sockets. */
#include "http/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http/server.h"

/* Devices that come all at once wait there; the kernel has a limit of its own, 4096 by default. */
enum { BACKLOG = 4096, LONGEST_HOST = 256 };

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

void address_bytes(const struct sockaddr *address, uint8_t bytes[16])
{
	memset(bytes, 0, 16);
	if (address->sa_family == AF_INET6) {
		memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	} else if (address->sa_family == AF_INET) {
		memcpy(bytes, mapped_prefix, sizeof(mapped_prefix));
		memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
			4);
	}
}

void address_unmap(struct sockaddr_storage *address)
{
	const struct sockaddr_in6 in6 = *(const struct sockaddr_in6 *)address;
	if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return;
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = in6.sin6_port };
	memcpy(&in.sin_addr, &in6.sin6_addr.s6_addr[12], 4);
	memset(address, 0, sizeof(*address));
	memcpy(address, &in, sizeof(in));
}

char *address_text(struct arena *arena, const struct sockaddr_storage *address)
{
	struct sockaddr_storage plain = *address;
	char *text = arena_alloc(arena, INET6_ADDRSTRLEN);
	address_unmap(&plain);
	if (plain.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&plain)->sin6_addr, text,
			INET6_ADDRSTRLEN);
	else if (plain.ss_family == AF_INET)
		inet_ntop(
			AF_INET, &((struct sockaddr_in *)&plain)->sin_addr, text, INET6_ADDRSTRLEN);
	return text;
}

/* The address alone, without the port that may stand behind it. */
static bool copy_host(const char *text, char host[LONGEST_HOST])
{
	const char *colon = strchr(text, ':');
	size_t length = strlen(text);
	if (*text == '[') {
		text++;
		length = strcspn(text, "]");
		if (text[length] != ']' || (text[length + 1] && text[length + 1] != ':'))
			return false;
	} else if (colon && !strchr(colon + 1, ':')) {
		length = (size_t)(colon - text);
	}
	if (length >= LONGEST_HOST)
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	return true;
}

bool address_parse(const char *text, struct sockaddr_storage *out)
{
	char host[LONGEST_HOST];
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	memset(out, 0, sizeof(*out));
	if (!copy_host(text, host))
		return false;
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		memcpy(out, &in, sizeof(in));
	else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		memcpy(out, &in6, sizeof(in6));
	return out->ss_family != AF_UNSPEC;
}

socklen_t address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

/* "HOST:PORT", "[IPv6]:PORT" or ":PORT" split into host and port. */
static bool split(const char *address, char host[LONGEST_HOST], const char **port)
{
	const char *colon = strrchr(address, ':');
	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	size_t length = (size_t)(colon - address);
	const bool has_brackets = length >= 2 && address[0] == '[' && colon[-1] == ']';
	if (has_brackets) {
		address++;
		length -= 2;
	}
	if (length >= LONGEST_HOST || (!has_brackets && memchr(address, ':', length)))
		return false;
	memcpy(host, address, length);
	host[length] = '\0';
	*port = colon + 1;
	return true;
}

/* Accepted sockets inherit TCP_NODELAY; without it answers over TLS wait for the peer's ACK. */
static void set_options(int fd, const struct addrinfo *address)
{
	const int on = 1, off = 0;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
}

static int listen_on(const struct addrinfo *address)
{
	const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	set_options(fd, address);
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	const int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A host without IPv6 still serves "[::]" and "" by IPv4. */
static bool is_wildcard(const char *host)
{
	return !*host || strcmp(host, "::") == 0;
}

static int bind_host(const char *host, const char *port, char *why, size_t why_size)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	const int error = getaddrinfo(host, port, &hints, &found);
	if (error) {
		snprintf(why, why_size, "%s", gai_strerror(error));
		return -1;
	}
	int fd = -1;
	for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
		fd = listen_on(a);
	if (fd < 0)
		snprintf(why, why_size, "%s", strerror(errno));
	freeaddrinfo(found);
	return fd;
}

evutil_socket_t http_bind(const char *address, char *why, size_t why_size)
{
	char host[LONGEST_HOST];
	const char *port;
	if (!split(address, host, &port)) {
		snprintf(why, why_size, "not HOST:PORT or [IPv6]:PORT");
		return -1;
	}
	if (!is_wildcard(host))
		return bind_host(host, port, why, why_size);
	const int fd = bind_host("::", port, why, why_size);
	if (fd >= 0 || (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
		return fd;
	return bind_host("0.0.0.0", port, why, why_size);
}

bool address_is_any(const struct sockaddr *address)
{
	static const uint8_t any4[16] = { [10] = 0xff, [11] = 0xff }, any6[16] = { 0 };
	uint8_t bytes[16];
	address_bytes(address, bytes);
	return memcmp(bytes, any4, 16) == 0 || memcmp(bytes, any6, 16) == 0;
}

char *http_bound_address(struct arena *arena, evutil_socket_t fd)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr plain;
		struct sockaddr_in v4;
	} bound = { 0 };
	socklen_t length = sizeof(bound);
	if (getsockname(fd, &bound.plain, &length) != 0)
		return NULL;
	/* sin_port and sin6_port lie at the same place. */
	const unsigned port = ntohs(bound.v4.sin_port);
	const char *host = address_is_any(&bound.plain) ? "127.0.0.1"
							: address_text(arena, &bound.any);
	return arena_printf(arena, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}
