/* dial: from a host name to a connected TCP socket, on the loop.
 * Addresses are tried one after another; each may take its share of the time that is left. */
#include "http/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <event2/dns.h>
#include <event2/event.h>

#include "base/clock.h"
#include "http/address.h"

enum { MOST_ADDRESSES = 16 };

/* Outlives a cancelled dial: evdns calls back even then. */
struct resolution {
	struct dial *dial; /* NULL once cancelled */
	struct evdns_getaddrinfo_request *request;
};

struct dial {
	struct event_base *base;
	struct arena *arena;
	struct dial_target target;
	struct resolution *resolution; /* while it is under way */
	struct sockaddr_storage addresses[MOST_ADDRESSES];
	size_t address_count, next;
	struct event *step;      /* next address: now, or when the one that is tried had its time */
	struct event *connected; /* of the attempt under way, else NULL */
	evutil_socket_t fd;
	uint64_t deadline_us; /* by clock_us() */
	enum http_error error;
	const char *text;
	dial_done_fn *done;
	void *arg;
};

static void end_attempt(struct dial *dial)
{
	if (dial->connected)
		event_free(dial->connected);
	dial->connected = NULL;
	if (dial->fd >= 0)
		close(dial->fd);
	dial->fd = -1;
}

static void dial_free(struct dial *dial)
{
	end_attempt(dial);
	event_free(dial->step);
	arena_free(dial->arena);
}

static void finish(struct dial *dial, enum http_error error, const char *text)
{
	dial_done_fn *done = dial->done;
	void *arg = dial->arg;
	const evutil_socket_t fd = dial->fd;
	dial->fd = -1;
	dial_free(dial);
	done(error, text, fd, arg);
}

static void note(struct dial *dial, enum http_error error, const char *text)
{
	dial->error = error;
	dial->text = text;
}

static void add_address(struct dial *dial, const struct sockaddr_storage *found)
{
	struct sockaddr_storage address = *found;
	address_unmap(&address); /* the filter must not be passed by in disguise */
	((struct sockaddr_in *)&address)->sin_port = htons(dial->target.port);
	http_allow_address_fn *allow = dial->target.allow_address;
	if (allow && !allow((const struct sockaddr *)&address, dial->target.allow_arg))
		note(dial, HTTP_ADDRESS_FORBIDDEN, "address not allowed");
	else if (dial->address_count < MOST_ADDRESSES)
		dial->addresses[dial->address_count++] = address;
}

static bool parse_address(const char *text, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	address->ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	void *bytes = address->ss_family == AF_INET6
			      ? (void *)&((struct sockaddr_in6 *)address)->sin6_addr
			      : (void *)&((struct sockaddr_in *)address)->sin_addr;
	return inet_pton(address->ss_family, text, bytes) == 1;
}

static bool add_literal(struct dial *dial, const char *text)
{
	struct sockaddr_storage address;
	if (!parse_address(text, &address))
		return false;
	add_address(dial, &address);
	return true;
}

/* Binds to the local address asked for; one of another family cannot reach this peer. */
static bool bind_locally(const struct dial *dial, int fd, int family)
{
	struct sockaddr_storage local;
	if (!dial->target.bind_address)
		return true;
	if (!parse_address(dial->target.bind_address, &local) || local.ss_family != family) {
		errno = EADDRNOTAVAIL;
		return false;
	}
	/* The port is chosen by connect(), so that only the pair of both ends has to be a new one. */
	const int on = 1;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return bind(fd, (struct sockaddr *)&local, address_length(&local)) == 0;
}

static void on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct dial *dial = arg;
	int error = 0;
	socklen_t length = sizeof(error);
	(void)what;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (!error) {
		finish(dial, HTTP_OK, "");
		return;
	}
	note(dial, HTTP_REFUSED, strerror(error));
	end_attempt(dial);
	event_active(dial->step, EV_TIMEOUT, 0);
}

static bool begin_attempt(struct dial *dial, const struct sockaddr_storage *address)
{
	const int on = 1;
	dial->fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dial->fd < 0 || !bind_locally(dial, dial->fd, address->ss_family))
		return false;
	setsockopt(dial->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(dial->fd, (const struct sockaddr *)address, address_length(address)) != 0 &&
		errno != EINPROGRESS)
		return false;
	dial->connected = event_new(dial->base, dial->fd, EV_WRITE, on_connected, dial);
	if (!dial->connected || event_add(dial->connected, NULL) != 0)
		abort();
	return true;
}

static void limit_attempt(struct dial *dial)
{
	const uint64_t now = clock_us();
	const uint64_t left = dial->deadline_us > now ? dial->deadline_us - now : 0;
	const uint64_t share = left / (dial->address_count - dial->next + 1);
	const struct timeval length = { (time_t)(share / 1000000), (suseconds_t)(share % 1000000) };
	event_add(dial->step, &length);
}

static void on_step(evutil_socket_t fd, short what, void *arg)
{
	struct dial *dial = arg;
	(void)fd, (void)what;
	if (dial->connected)
		note(dial, HTTP_TIMEOUT, "no answer to the connection attempt");
	end_attempt(dial);
	while (dial->next < dial->address_count) {
		if (begin_attempt(dial, &dial->addresses[dial->next++])) {
			limit_attempt(dial);
			return;
		}
		note(dial, HTTP_REFUSED, strerror(errno));
		end_attempt(dial);
	}
	finish(dial, dial->error, dial->text);
}

static void on_resolved(int error, struct evutil_addrinfo *found, void *arg)
{
	struct resolution *resolution = arg;
	struct dial *dial = resolution->dial;
	free(resolution);
	if (dial) {
		dial->resolution = NULL;
		if (error)
			note(dial, HTTP_DNS_FAILED, evutil_gai_strerror(error));
		for (const struct evutil_addrinfo *a = found; a; a = a->ai_next) {
			struct sockaddr_storage address = { 0 };
			memcpy(&address, a->ai_addr, a->ai_addrlen);
			add_address(dial, &address);
		}
		event_active(dial->step, EV_TIMEOUT, 0);
	}
	if (found)
		evutil_freeaddrinfo(found);
}

static void resolve(struct dial *dial, struct evdns_base *dns)
{
	const struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct resolution *resolution = calloc(1, sizeof(*resolution));
	if (!resolution)
		abort();
	resolution->dial = dial;
	dial->resolution = resolution;
	struct evdns_getaddrinfo_request *request = evdns_getaddrinfo(
		dns, dial->target.host, NULL, &hints, on_resolved, resolution);
	if (dial->resolution) /* else it was answered, and freed, inside that call */
		resolution->request = request;
}

static void find_addresses(struct dial *dial, struct evdns_base *dns)
{
	const char *host = dial->target.host;
	if (strcasecmp(host, "localhost") == 0) {
		add_literal(dial, "127.0.0.1");
		add_literal(dial, "::1");
	} else if (!add_literal(dial, host) && dns) {
		resolve(dial, dns);
		return;
	}
	event_active(dial->step, EV_TIMEOUT, 0);
}

struct dial *dial_begin(struct event_base *base, struct evdns_base *dns,
	const struct dial_target *target, dial_done_fn *done, void *arg)
{
	struct arena *arena = arena_new();
	struct dial *dial = ARENA_NEW(arena, struct dial);
	dial->base = base;
	dial->arena = arena;
	dial->target = *target;
	dial->target.host = arena_strdup(arena, target->host);
	dial->target.bind_address = arena_strdup(arena, target->bind_address);
	dial->fd = -1;
	dial->deadline_us = clock_us() + target->seconds * UINT64_C(1000000);
	dial->done = done;
	dial->arg = arg;
	note(dial, HTTP_DNS_FAILED, "no address known for this name");
	dial->step = event_new(base, -1, 0, on_step, dial);
	if (!dial->step)
		abort();
	find_addresses(dial, dns);
	return dial;
}

void dial_cancel(struct dial *dial)
{
	if (dial->resolution) {
		dial->resolution->dial = NULL;
		evdns_getaddrinfo_cancel(dial->resolution->request);
	}
	dial_free(dial);
}
