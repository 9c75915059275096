/* connection: the life of one server connection: its states, deadlines and end.
 * A deadline is absolute: bytes that drip in do not move it. */
#include "http/connection.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>

#include "base/clock.h"
#include "http/output.h"
#include "http/room.h"
#include "http/tls_internal.h"

enum { LINGER_SECONDS = 3, INPUT_BYTES = 64 * 1024 };

uint64_t connection_next_id(void)
{
	static atomic_uint_fast64_t last;
	return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

/* Seconds that a connection may stay in its state; 0 for as long as the handler likes. */
static unsigned seconds_of_state(const struct connection *connection)
{
	const struct http_limits *limits = &connection->listener->limits;
	switch (connection->state) {
	case CONNECTION_IDLE:
		return connection->requests ? limits->idle_seconds : limits->head_seconds;
	case CONNECTION_HEAD:
		return limits->head_seconds;
	case CONNECTION_BODY:
		return limits->body_seconds;
	case CONNECTION_ANSWERING:
	case CONNECTION_WRITING:
		return limits->write_seconds;
	case CONNECTION_LINGERING:
		return LINGER_SECONDS;
	case CONNECTION_HANDLED:
	case CONNECTION_CLOSED:
		break;
	}
	return 0;
}

/* The first head is timed from the accept. */
void connection_set_state(struct connection *connection, enum connection_state state)
{
	const bool keeps_deadline = connection->state == CONNECTION_IDLE &&
				    state == CONNECTION_HEAD && connection->requests == 0;
	connection->state = state;
	if (!keeps_deadline)
		connection->deadline_due = true;
	room_note(connection);
}

/* Its end is noted by the clock that never jumps; libevent tells it by the calendar only. */
static void start_deadline(struct connection *connection, uint64_t us)
{
	const struct timeval length = { .tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000) };
	connection->deadline_us = clock_us() + us;
	event_add(connection->deadline, &length);
}

static void set_deadline(struct connection *connection)
{
	const uint64_t us = seconds_of_state(connection) * UINT64_C(1000000);
	connection->deadline_due = false;
	connection->body_us_left = us;
	connection->output_left = output_length(connection->io);
	if (us)
		start_deadline(connection, us);
	else
		event_del(connection->deadline);
}

/* The peer is not charged for the time in which its body is not read. */
static void stop_deadline(struct connection *connection)
{
	if (!event_pending(connection->deadline, EV_TIMEOUT, NULL))
		return;
	const uint64_t now_us = clock_us(), end_us = connection->deadline_us;
	connection->body_us_left = end_us > now_us ? end_us - now_us : 0;
	event_del(connection->deadline);
}

static void keep_body_deadline(struct connection *connection)
{
	if (connection->is_paused)
		stop_deadline(connection);
	else if (!event_pending(connection->deadline, EV_TIMEOUT, NULL))
		start_deadline(connection, connection->body_us_left);
}

static bool has_input(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_input(connection->io)) > 0;
}

/* A pipelined request waits in the input for its turn: have it read from the loop. */
void connection_settle(struct connection *connection)
{
	if (connection->is_receiving || connection->state == CONNECTION_CLOSED)
		return;
	if (connection->deadline_due)
		set_deadline(connection);
	if (connection->state == CONNECTION_BODY)
		keep_body_deadline(connection);
	if (connection->state == CONNECTION_IDLE && has_input(connection))
		bufferevent_trigger(connection->io, EV_READ,
			BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static bool is_writing(const struct connection *connection)
{
	return connection->state == CONNECTION_ANSWERING || connection->state == CONNECTION_WRITING;
}

/* A peer that takes its answer byte by byte would hold it for ever, if each byte gained it time. */
static bool has_taken_enough(const struct connection *connection)
{
	const struct http_limits *limits = &connection->listener->limits;
	const size_t left = output_length(connection->io);
	const uint64_t least = (uint64_t)limits->write_seconds * limits->write_bytes_per_second;
	return left == 0 || connection->output_left - left >= least;
}

static bool is_shaking_hands(const struct connection *connection)
{
	return connection->ssl && !SSL_is_init_finished(connection->ssl);
}

/* Of those that are closed without a word. */
static void tell_deadline(const struct connection *connection)
{
	if (is_writing(connection))
		listener_limit(connection->listener, HTTP_LIMIT_WRITE_SECONDS);
	else if (is_shaking_hands(connection))
		listener_limit(connection->listener, HTTP_LIMIT_HEAD_SECONDS);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct connection *connection = arg;
	(void)fd, (void)what;
	if (connection->state == CONNECTION_HEAD || connection->state == CONNECTION_BODY) {
		connection_refuse(connection, 408);
		connection_settle(connection);
	} else if (is_writing(connection) && has_taken_enough(connection)) {
		set_deadline(connection);
	} else {
		tell_deadline(connection);
		connection_close(connection);
	}
}

static void on_readable(struct bufferevent *io, void *arg)
{
	(void)io;
	connection_receive(arg);
}

static void on_writable(struct bufferevent *io, void *arg)
{
	struct connection *connection = arg;
	if (output_length(io) > 0)
		return;
	if (connection->state == CONNECTION_WRITING) {
		connection_answered(connection);
		connection_settle(connection);
	} else if (connection->state == CONNECTION_ANSWERING) {
		struct http_request *request = &connection->exchange->request;
		if (request->on_drained)
			request->on_drained(request);
	}
}

/* Closing a socket that has unread bytes resets the connection, and a reset may overtake the
 * answer: so the peer is told that nothing more comes, and is listened to for a while. */
static void linger(struct connection *connection)
{
	connection_set_state(connection, CONNECTION_LINGERING);
	if (connection->ssl)
		tls_say_goodbye(connection->ssl);
	shutdown(bufferevent_getfd(connection->io), SHUT_WR);
}

/* A handshake that failed has sent an alert, which a reset would destroy like an answer. */
static bool failed_handshake(const struct connection *connection, short what)
{
	return (what & BEV_EVENT_ERROR) && is_shaking_hands(connection);
}

/* The peer's end of stream says nothing about its other direction: a request that is complete still
 * gets its answer, and a body that waits for http_request_resume() is still read. */
static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct connection *connection = arg;
	(void)io;
	if (what & BEV_EVENT_CONNECTED)
		return;
	if (failed_handshake(connection, what) && connection->state == CONNECTION_IDLE) {
		connection_tell_handshake(connection);
		linger(connection);
		connection_settle(connection);
		return;
	}
	const bool half_closed = (what & BEV_EVENT_EOF) && !connection->ssl;
	const bool waits = connection->state == CONNECTION_HANDLED || is_writing(connection) ||
			   (connection->state == CONNECTION_BODY && connection->is_paused);
	connection->peer_closed = true;
	if (!half_closed || !waits)
		connection_close(connection);
}

static struct bufferevent *open_io(struct http_listener *listener, evutil_socket_t fd, SSL **ssl)
{
	*ssl = NULL;
	if (!listener->options.tls)
		return bufferevent_socket_new(listener->base, fd, BEV_OPT_CLOSE_ON_FREE);
	*ssl = tls_accept(listener->options.tls);
	/* Deferred, or an error met while writing would call back from inside http_reply(). */
	struct bufferevent *io = *ssl ? bufferevent_openssl_socket_new(listener->base, fd, *ssl,
						BUFFEREVENT_SSL_ACCEPTING,
						BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS)
				      : NULL;
	if (io)
		bufferevent_openssl_set_allow_dirty_shutdown(io, 1);
	return io;
}

static struct sockaddr_storage local_address(evutil_socket_t fd)
{
	struct sockaddr_storage local = { 0 };
	socklen_t length = sizeof(local);
	getsockname(fd, (struct sockaddr *)&local, &length);
	return local;
}

struct connection *connection_new(struct http_listener *listener, const struct arrival *arrival)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	const evutil_socket_t fd = arrival->fd;
	if (!connection)
		abort();
	connection->listener = listener;
	connection->id = connection_next_id();
	connection->peer = arrival->peer;
	connection->local = arrival->local.ss_family ? arrival->local : local_address(fd);
	connection->has_tls_before = arrival->is_tls;
	connection->is_of_proxy = listener_is_proxy(listener, &arrival->peer);
	connection->io = open_io(listener, fd, &connection->ssl);
	connection->deadline = event_new(listener->base, -1, 0, on_deadline, connection);
	if (!connection->io || !connection->deadline)
		abort();
	connection->accept_ms = connection_silent_ms(connection);
	message_parser_init(&connection->parser, HTTP_REQUEST, listener->limits.header_bytes);
	bufferevent_setcb(connection->io, on_readable, on_writable, on_event, connection);
	bufferevent_setwatermark(connection->io, EV_READ, 0, INPUT_BYTES);
	bufferevent_enable(connection->io, EV_READ | EV_WRITE);
	TAILQ_INSERT_TAIL(&listener->connections, connection, link);
	return connection;
}

void connection_answered(struct connection *connection)
{
	connection->requests++;
	const bool is_last = connection->closes ||
			     (connection->peer_closed && !has_input(connection));
	if (!is_last) {
		message_parser_restart(&connection->parser, false);
		connection_set_state(connection, CONNECTION_IDLE);
	} else if (connection->lingers && !connection->peer_closed) {
		linger(connection);
	} else {
		connection_close(connection);
	}
}

static void release_body(const struct connection *connection, struct exchange *exchange)
{
	struct http_budget *budget = connection->listener->options.body_budget;
	if (budget)
		atomic_fetch_sub_explicit(&budget->used, exchange->charged, memory_order_relaxed);
	http_inflater_free(exchange->inflater);
	buffer_clear(&exchange->body);
}

void connection_end_exchange(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	connection->exchange = NULL;
	connection->is_paused = false;
	if (!exchange)
		return;
	release_body(connection, exchange);
	arena_free(exchange->request.arena);
}

void connection_close(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	if (connection->state == CONNECTION_CLOSED)
		return;
	connection->state = CONNECTION_CLOSED;
	room_note(connection);
	bufferevent_setcb(connection->io, NULL, NULL, NULL, NULL);
	bufferevent_disable(connection->io, EV_READ | EV_WRITE);
	event_del(connection->deadline);
	if (exchange && exchange->request.on_gone)
		exchange->request.on_gone(&exchange->request);
	connection_end_exchange(connection);
	listener_forget(connection);
}

void connection_free(struct connection *connection)
{
	if (connection->ssl)
		tls_say_goodbye(connection->ssl);
	message_parser_clear(&connection->parser);
	event_free(connection->deadline);
	bufferevent_free(connection->io);
	free(connection);
}
