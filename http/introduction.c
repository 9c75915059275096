/* introduction: a connection from a proxy that has yet to say for whom, before it becomes a connection.
 * Not a byte is read beyond its header: what follows is for HTTP, or for the handshake of TLS. */
#include "http/introduction.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/proxy_header.h"

struct introduction {
	LIST_ENTRY(introduction) link;
	struct http_listener *listener;
	struct arrival arrival;
	struct event *readable;
	uint64_t end_us; /* by clock_us() */
	size_t length;
	uint8_t bytes[PROXY_HEADER_MAX];
};

static void forget(struct introduction *introduction)
{
	LIST_REMOVE(introduction, link);
	listener_uncount(introduction->listener);
	event_free(introduction->readable);
	free(introduction);
}

static void give_up(struct introduction *introduction)
{
	close(introduction->arrival.fd);
	forget(introduction);
}

static void await_more(struct introduction *introduction)
{
	const uint64_t now_us = clock_us(), end_us = introduction->end_us;
	const uint64_t us = end_us > now_us ? end_us - now_us : 1;
	const struct timeval rest = { .tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000) };
	event_add(introduction->readable, &rest);
}

static void hand_over(struct introduction *introduction, const struct proxy_header *header)
{
	struct http_listener *listener = introduction->listener;
	struct arrival arrival = introduction->arrival;
	arrival.is_tls = header->is_tls;
	if (header->has_addresses) {
		arrival.peer = header->source;
		arrival.local = header->destination;
	}
	forget(introduction);
	listener_admit(listener, &arrival);
}

static size_t whole_length(const struct introduction *introduction)
{
	return proxy_header_length(introduction->bytes, introduction->length);
}

/* False when nothing more comes. */
static bool receive(struct introduction *introduction)
{
	const size_t rest = whole_length(introduction) - introduction->length;
	const ssize_t got = recv(
		introduction->arrival.fd, introduction->bytes + introduction->length, rest, 0);
	if (got > 0)
		introduction->length += (size_t)got;
	return got > 0 || (got < 0 && errno == EAGAIN);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct introduction *introduction = arg;
	struct proxy_header header;
	(void)fd;
	if (what & EV_TIMEOUT)
		listener_limit(introduction->listener, HTTP_LIMIT_HEAD_SECONDS);
	if ((what & EV_TIMEOUT) || !receive(introduction)) {
		give_up(introduction);
		return;
	}
	const size_t whole = whole_length(introduction);
	if (whole > introduction->length)
		await_more(introduction);
	else if (whole && proxy_header_read(introduction->bytes, whole, &header))
		hand_over(introduction, &header);
	else
		give_up(introduction);
}

void introduction_begin(struct http_listener *listener, const struct arrival *arrival)
{
	struct introduction *introduction = calloc(1, sizeof(*introduction));
	if (!introduction)
		abort();
	introduction->listener = listener;
	introduction->arrival = *arrival;
	introduction->end_us = clock_us() + listener->limits.head_seconds * UINT64_C(1000000);
	introduction->readable = event_new(
		listener->base, arrival->fd, EV_READ, on_readable, introduction);
	if (!introduction->readable)
		abort();
	LIST_INSERT_HEAD(&listener->introductions, introduction, link);
	listener_count(listener);
	await_more(introduction);
}

void introductions_end(struct http_listener *listener)
{
	struct introduction *introduction;
	while ((introduction = LIST_FIRST(&listener->introductions)))
		give_up(introduction);
}
