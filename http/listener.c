/* listener: accepts connections on one event loop and holds them to their limits.
 * Several loops may listen on one socket; each counts for itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/address.h"
#include "http/connection.h"
#include "http/introduction.h"
#include "http/room.h"

enum { ACCEPTS_AT_ONCE = 16, TURNED_AWAY_AT_ONCE = 64, PAUSE_MILLISECONDS = 100 };

void listener_limit(struct http_listener *listener, enum http_limit limit)
{
	if (listener->options.on_limit)
		listener->options.on_limit(limit, listener->options.arg);
}

/* Out of file descriptors or memory: accepting again at once would spin. */
static void on_accept_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct http_listener *listener = arg;
	(void)fd, (void)what;
	if (!listener->is_draining)
		event_add(listener->acceptable, NULL);
}

static void pause_accepting(struct http_listener *listener)
{
	const struct timeval pause = { .tv_usec = PAUSE_MILLISECONDS * 1000 };
	listener_limit(listener, HTTP_LIMIT_DESCRIPTORS);
	event_del(listener->acceptable);
	event_add(listener->resume_accepting, &pause);
}

/* Whose connection was closed gives its descriptor back before the loop comes here again. (The system
 * says so before it looks whether anybody is there: only the first accept() of a round counts.) */
static void await_descriptors(struct http_listener *listener, bool has_accepted)
{
	if (!has_accepted && !room_clear_one(listener))
		pause_accepting(listener);
}

/* Whoever has one IPv6 address has the other 2^64 of its network, so these count as one. */
static void countable_address(const struct sockaddr_storage *peer, uint8_t address[16])
{
	struct sockaddr_storage plain = *peer;
	address_unmap(&plain);
	address_bytes((const struct sockaddr *)&plain, address);
	if (plain.ss_family == AF_INET6)
		memset(address + 8, 0, 8);
}

static struct address_count *find_address(
	const struct http_listener *listener, const uint8_t address[16])
{
	struct address_count *found;
	HASH_FIND(hh, listener->addresses, address, 16, found);
	return found;
}

static struct address_count *count_address(
	struct http_listener *listener, const struct sockaddr_storage *peer)
{
	uint8_t address[16];
	countable_address(peer, address);
	struct address_count *found = find_address(listener, address);
	if (!found) {
		found = calloc(1, sizeof(*found));
		if (!found)
			abort();
		memcpy(found->address, address, sizeof(address));
		HASH_ADD(hh, listener->addresses, address, sizeof(found->address), found);
	}
	found->connections++;
	return found;
}

static bool has_too_many(const struct http_listener *listener, const struct sockaddr_storage *peer)
{
	uint8_t address[16];
	countable_address(peer, address);
	const struct address_count *found = find_address(listener, address);
	return found && found->connections >= listener->limits.connections_per_address;
}

bool listener_is_proxy(const struct http_listener *listener, const struct sockaddr_storage *address)
{
	const struct http_listener_options *options = &listener->options;
	return options->is_proxy &&
	       options->is_proxy((const struct sockaddr *)address, options->arg);
}

/* Behind a proxy stand many. */
static bool is_exempt(const struct http_listener *listener, const struct sockaddr_storage *peer)
{
	const struct http_listener_options *options = &listener->options;
	return listener_is_proxy(listener, peer) ||
	       (options->is_exempt &&
		       options->is_exempt((const struct sockaddr *)peer, options->arg));
}

void listener_count(struct http_listener *listener)
{
	listener->connection_count++;
	if (listener->options.room)
		listener->options.room->count++;
	if (listener->options.connections)
		atomic_fetch_add_explicit(listener->options.connections, 1, memory_order_relaxed);
}

void listener_uncount(struct http_listener *listener)
{
	listener->connection_count--;
	if (listener->options.room)
		listener->options.room->count--;
	if (listener->options.connections)
		atomic_fetch_sub_explicit(listener->options.connections, 1, memory_order_relaxed);
}

static void welcome(struct http_listener *listener, const struct arrival *arrival, bool is_counted)
{
	struct connection *connection = connection_new(listener, arrival);
	connection->address = is_counted ? count_address(listener, &arrival->peer) : NULL;
	listener_count(listener);
	connection_set_state(connection, CONNECTION_IDLE);
	connection_settle(connection);
}

/* A handshake would cost more than the peer is worth, so over TLS it only sees the close. */
static void turn_away(
	struct http_listener *listener, const struct arrival *arrival, enum http_limit limit)
{
	listener_limit(listener, limit);
	if (listener->options.tls || listener->turned_away_count >= TURNED_AWAY_AT_ONCE) {
		close(arrival->fd);
		return;
	}
	struct connection *connection = connection_new(listener, arrival);
	connection->is_turned_away = true;
	listener->turned_away_count++;
	connection_refuse(connection, 503);
	connection_settle(connection);
}

/* Who has too many already drives nobody out. */
void listener_admit(struct http_listener *listener, const struct arrival *arrival)
{
	const bool is_counted = !is_exempt(listener, &arrival->peer);
	if (is_counted && has_too_many(listener, &arrival->peer))
		turn_away(listener, arrival, HTTP_LIMIT_CONNECTIONS_PER_ADDRESS);
	else if (!room_has_place(listener))
		turn_away(listener, arrival, HTTP_LIMIT_CONNECTIONS);
	else
		welcome(listener, arrival, is_counted);
}

static void receive(struct http_listener *listener, const struct arrival *arrival)
{
	const bool is_introduced = listener->options.has_proxy_header &&
				   listener_is_proxy(listener, &arrival->peer);
	if (!is_introduced)
		listener_admit(listener, arrival);
	else if (room_has_place(listener))
		introduction_begin(listener, arrival);
	else
		turn_away(listener, arrival, HTTP_LIMIT_CONNECTIONS);
}

static void on_acceptable(evutil_socket_t listening, short what, void *arg)
{
	struct http_listener *listener = arg;
	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct arrival arrival = { 0 };
		socklen_t length = sizeof(arrival.peer);
		arrival.fd = accept4(listening, (struct sockaddr *)&arrival.peer, &length,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (arrival.fd >= 0)
			receive(listener, &arrival);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			return await_descriptors(listener, i > 0);
		else if (errno == EAGAIN)
			return;
	}
}

void listener_forget(struct connection *connection)
{
	struct http_listener *listener = connection->listener;
	struct address_count *address = connection->address;
	TAILQ_REMOVE(&listener->connections, connection, link);
	TAILQ_INSERT_TAIL(&listener->dead, connection, link);
	event_active(listener->reaper, EV_TIMEOUT, 0);
	if (connection->is_turned_away)
		listener->turned_away_count--;
	else
		listener_uncount(listener);
	if (address && --address->connections == 0) {
		HASH_DELETE(hh, listener->addresses, address);
		free(address);
	}
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct http_listener *listener = arg;
	struct connection *connection;
	(void)fd, (void)what;
	while ((connection = TAILQ_FIRST(&listener->dead))) {
		TAILQ_REMOVE(&listener->dead, connection, link);
		connection_free(connection);
	}
}

#define OR_DEFAULT(limits, member) \
	((limits)->member ? (limits)->member : http_default_limits.member)

static struct http_limits complete_limits(const struct http_limits *limits)
{
	return (struct http_limits){
		.header_bytes = OR_DEFAULT(limits, header_bytes),
		.body_bytes = OR_DEFAULT(limits, body_bytes),
		.head_seconds = OR_DEFAULT(limits, head_seconds),
		.body_seconds = OR_DEFAULT(limits, body_seconds),
		.idle_seconds = OR_DEFAULT(limits, idle_seconds),
		.write_seconds = OR_DEFAULT(limits, write_seconds),
		.write_bytes_per_second = OR_DEFAULT(limits, write_bytes_per_second),
		.requests_per_connection = OR_DEFAULT(limits, requests_per_connection),
		.connections = OR_DEFAULT(limits, connections),
		.connections_per_address = OR_DEFAULT(limits, connections_per_address),
	};
}

struct http_listener *http_listener_new(
	struct event_base *base, const struct http_listener_options *options)
{
	struct http_listener *listener = calloc(1, sizeof(*listener));
	if (!listener)
		abort();
	listener->base = base;
	listener->options = *options;
	listener->limits = complete_limits(
		options->limits ? options->limits : &http_default_limits);
	TAILQ_INIT(&listener->connections);
	TAILQ_INIT(&listener->dead);
	TAILQ_INIT(&listener->waiting);
	LIST_INIT(&listener->introductions);
	if (options->room)
		LIST_INSERT_HEAD(&options->room->listeners, listener, roommates);
	listener->acceptable = event_new(
		base, options->fd, EV_READ | EV_PERSIST, on_acceptable, listener);
	listener->resume_accepting = event_new(base, -1, 0, on_accept_pause_over, listener);
	listener->reaper = event_new(base, -1, 0, on_reap, listener);
	if (!listener->acceptable || !listener->resume_accepting || !listener->reaper ||
		event_add(listener->acceptable, NULL) != 0)
		abort();
	return listener;
}

void http_listener_drain(struct http_listener *listener)
{
	struct connection *next;
	listener->is_draining = true;
	event_del(listener->acceptable);
	introductions_end(listener);
	for (struct connection *c = TAILQ_FIRST(&listener->connections); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CONNECTION_IDLE)
			connection_close(c);
	}
}

void http_listener_free(struct http_listener *listener)
{
	struct connection *connection;
	if (!listener)
		return;
	while ((connection = TAILQ_FIRST(&listener->connections)))
		connection_close(connection);
	introductions_end(listener);
	on_reap(-1, 0, listener);
	if (listener->options.room)
		LIST_REMOVE(listener, roommates);
	event_free(listener->acceptable);
	event_free(listener->resume_accepting);
	event_free(listener->reaper);
	buffer_clear(&listener->head);
	free(listener);
}
