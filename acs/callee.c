/* callee: whom a connection request may call. */
#include "acs/callee.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acs/address.h"
#include "acs/server.h"
#include "http/address.h"

/* The next "80" or "1024-65535" of a list that *ports moves along. False at its end; one that is none has
 * *first above *last. */
static bool next_ports(const char **ports, unsigned long *first, unsigned long *last)
{
	char *end;
	*ports += strspn(*ports, ", \t");
	if (!**ports)
		return false;
	*first = *last = strtoul(*ports, &end, 10);
	const bool has_first = isdigit((unsigned char)**ports);
	const bool has_last = *end == '-' && isdigit((unsigned char)end[1]);
	if (has_last)
		*last = strtoul(end + 1, &end, 10);
	if (!has_first || (*end && !strchr(", \t", *end)) || *last > UINT16_MAX)
		*first = *last + 1;
	*ports += strcspn(*ports, ", \t");
	return true;
}

bool port_is_in(uint16_t port, const char *ports)
{
	unsigned long first, last;
	while (next_ports(&ports, &first, &last))
		if (port >= first && port <= last)
			return true;
	return false;
}

bool ports_are_good(const char *ports)
{
	unsigned long first, last;
	while (next_ports(&ports, &first, &last))
		if (first > last || first == 0)
			return false;
	return true;
}

/* sin_port and sin6_port lie at the same place. */
static uint16_t port_of(const struct sockaddr *address)
{
	return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

static bool is_listener(const struct server *server, uint16_t port)
{
	for (int i = 0; i < LISTENER_COUNT; i++)
		if (server->addresses[i] &&
			strtoul(strrchr(server->addresses[i], ':') + 1, NULL, 10) == port)
			return true;
	return false;
}

/* Is it an address of this host? The kernel would then speak from the very same. Nothing is sent. */
static bool is_own(const struct sockaddr *address)
{
	struct sockaddr_storage local = { 0 };
	socklen_t length = sizeof(local);
	const socklen_t size = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							      : sizeof(struct sockaddr_in);
	const int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	const bool is_routed = connect(fd, address, size) == 0 &&
			       getsockname(fd, (struct sockaddr *)&local, &length) == 0;
	close(fd);
	if (!is_routed)
		return false;
	uint8_t theirs[16], ours[16];
	address_bytes(address, theirs);
	address_bytes((const struct sockaddr *)&local, ours);
	return memcmp(theirs, ours, sizeof(ours)) == 0;
}

/* A proxy that told nobody behind it: whose Inform it was nobody knows. */
static bool is_of_proxy(const struct config *config, const char *source)
{
	struct sockaddr_storage peer;
	return source && address_parse(source, &peer) &&
	       address_is_in((const struct sockaddr *)&peer, config->server.proxies);
}

const char *callee_objection(
	const struct server *server, const struct sockaddr *address, const char *source)
{
	const struct config *config = server->config;
	const char *ranges = config->connection_request.allow;
	if (!address_is_allowed(address, source, ranges))
		return "the URL's address is neither the device's own nor in "
		       "connection_request.allow";
	if (!port_is_in(port_of(address), config->connection_request.ports))
		return "the URL's port is not in connection_request.ports";
	const bool is_loopback = address_is_loopback(address);
	if (!is_loopback && !is_own(address) && !address_is_in(address, config->server.proxies))
		return NULL;
	if (is_listener(server, port_of(address)))
		return "the URL is that of this server itself";
	if ((!is_loopback || is_of_proxy(config, source)) && !address_is_in(address, ranges))
		return "the URL's address is this server's own or its proxy's, and not in "
		       "connection_request.allow";
	return NULL;
}
