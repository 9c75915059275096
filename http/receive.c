/* receive: from bytes to requests.
 * Whatever stands in the input is taken step by step until a step has nothing to do. */
#include <ctype.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <event2/buffer.h>

#include "http/address.h"
#include "http/connection.h"
#include "http/forwarded.h"
#include "http/room.h"
#include "http/tls_internal.h"

enum { DISCARDED_BYTES = 1024 * 1024 };

static bool is_receiving_request(const struct connection *connection)
{
	return connection->state == CONNECTION_HEAD || connection->state == CONNECTION_BODY;
}

/* Some devices send a line break after a body, which is no part of a request (RFC 9112, 2.2). */
static bool skip_line_breaks(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->io);
	struct evbuffer_iovec piece;
	while (evbuffer_peek(input, -1, NULL, &piece, 1) > 0) {
		const char *bytes = piece.iov_base;
		size_t blank = 0;
		while (blank < piece.iov_len && (bytes[blank] == '\r' || bytes[blank] == '\n'))
			blank++;
		evbuffer_drain(input, blank);
		if (blank < piece.iov_len)
			return true;
	}
	return false;
}

static bool await_request(struct connection *connection)
{
	if (!skip_line_breaks(connection)) {
		if (connection->peer_closed)
			connection_close(connection);
		return false;
	}
	connection_set_state(connection, CONNECTION_HEAD);
	return true;
}

static unsigned count_headers(const struct http_request *request, const char *name)
{
	unsigned count = 0;
	for (size_t i = 0; i < request->header_count; i++)
		count += strcasecmp(request->headers[i].name, name) == 0;
	return count;
}

/* RFC 3986, 3.2: name or address, and port, and no user's name before them. */
static bool is_authority(const char *text)
{
	static const char marks[] = "-._~!$&'()*+,;=%:[]";
	while (isalnum((unsigned char)*text) || (*text && strchr(marks, *text)))
		text++;
	return !*text;
}

/* RFC 9112, 3.2: Host has to be good also where the target overrides it. */
static unsigned check_host(const struct http_request *request)
{
	const unsigned count = count_headers(request, "Host");
	if (count > 1 || (count == 0 && !request->is_http_1_0))
		return 400;
	if (count == 1 && !is_authority(http_request_header(request, "Host")))
		return 400;
	return request->host && !is_authority(request->host) ? 400 : 0;
}

/* Which of two would count is a matter of who reads them. */
static unsigned check_authorization(const struct http_request *request)
{
	return count_headers(request, "Authorization") > 1 ? 400 : 0;
}

/* RFC 9112, 6.1: framing by Transfer-Encoding is HTTP/1.1's, and only chunked is spoken here. An empty
 * one the parser passes over as if it were not there, which a proxy may not. */
static unsigned check_transfer_encoding(
	const struct connection *connection, const struct http_request *request)
{
	const char *coding = http_request_header(request, "Transfer-Encoding");
	if (!coding)
		return 0;
	if (request->is_http_1_0 || !*coding || count_headers(request, "Transfer-Encoding") > 1)
		return 400;
	const bool is_chunked = message_is_chunked(&connection->parser);
	return is_chunked && strcasecmp(coding, "chunked") == 0 ? 0 : 501;
}

static bool expects_continue(const struct http_request *request)
{
	const char *expect = http_request_header(request, "Expect");
	return expect && strcasecmp(expect, "100-continue") == 0 && !request->is_http_1_0;
}

static unsigned check_expect(const struct http_request *request)
{
	const char *expect = http_request_header(request, "Expect");
	return !expect || request->is_http_1_0 || expects_continue(request) ? 0 : 417;
}

/* 0, or the status to refuse the request with. */
static unsigned check_request(
	const struct connection *connection, const struct http_request *request)
{
	if (connection->parser.llhttp.http_major != 1)
		return 505;
	unsigned status = check_host(request);
	if (!status)
		status = check_authorization(request);
	if (!status)
		status = check_transfer_encoding(connection, request);
	return status ? status : check_expect(request);
}

/* Path and query of "/path?query", of an absolute URI, or of "*". The host of such a URI counts more than the
 * header (RFC 9112, 3.2.2). */
static void split_target(struct http_request *request)
{
	const char *path = request->target;
	const char *scheme = *path == '/' ? NULL : strstr(path, "://");
	request->host = http_request_header(request, "Host");
	if (scheme) {
		const char *authority = scheme + strlen("://");
		path = authority + strcspn(authority, "/?");
		request->host = arena_strndup(
			request->arena, authority, (size_t)(path - authority));
	}
	const size_t length = strcspn(path, "?");
	request->path = length ? arena_strndup(request->arena, path, length) : "/";
	request->query = path[length] == '?' ? path + length + 1 : "";
}

static void ask_proxy(struct connection *connection, struct http_request *request)
{
	request->connection_id = connection_next_id();
	forwarded_read(request, &connection->listener->options);
}

/* Is the body in chunks? llhttp passes over blanks around the word, but not over tabs, which are as good
 * (RFC 9110, 5.6.3). */
static bool read_coding(struct message_parser *parser, const struct message_head *head)
{
	const char *coding = http_header(head->headers, head->header_count, "Transfer-Encoding");
	if (coding && strcasecmp(coding, "chunked") == 0)
		message_take_chunks(parser);
	return message_is_chunked(parser);
}

static void read_head(struct connection *connection)
{
	struct arena *arena = arena_new();
	struct exchange *exchange = ARENA_NEW(arena, struct exchange);
	const llhttp_t *llhttp = &connection->parser.llhttp;
	struct message_head head;
	message_head(&connection->parser, arena, &head);
	const bool is_chunked = read_coding(&connection->parser, &head);
	exchange->connection = connection;
	exchange->is_head = llhttp->method == HTTP_HEAD;
	exchange->request = (struct http_request){
		.method = llhttp_method_name(llhttp->method),
		.target = head.target,
		.headers = head.headers,
		.header_count = head.header_count,
		.is_http_1_0 = llhttp->http_minor == 0,
		.is_tls = connection->ssl || connection->has_tls_before,
		.is_first = connection->requests == 0,
		.has_body = is_chunked || llhttp->content_length > 0,
		.content_length = is_chunked ? UINT64_MAX : llhttp->content_length,
		.body = "",
		.connection_id = connection->id,
		.peer = connection->peer,
		.local = connection->local,
		.arena = arena,
		.body_limit = connection->listener->limits.body_bytes,
	};
	split_target(&exchange->request);
	if (connection->is_of_proxy)
		ask_proxy(connection, &exchange->request);
	connection->exchange = exchange;
}

static bool is_too_long(const struct http_request *request)
{
	return request->content_length != UINT64_MAX &&
	       request->content_length > request->body_limit;
}

static void on_head(struct connection *connection)
{
	const struct http_listener_options *options = &connection->listener->options;
	read_head(connection);
	struct http_request *request = &connection->exchange->request;
	const unsigned status = connection_has_stranger(connection)
					? 403
					: check_request(connection, request);
	if (status) {
		connection_refuse(connection, status);
		return;
	}
	connection->peer_closes = request->is_http_1_0 || message_closes(&connection->parser);
	connection_set_state(connection, CONNECTION_BODY);
	if (options->on_headers)
		options->on_headers(request, options->arg);
	if (connection->state != CONNECTION_BODY)
		return;
	if (is_too_long(request))
		connection_refuse(connection, 413);
	else if (request->has_body && expects_continue(request))
		connection_continue(connection);
}

/* Only what has come is charged: a peer cannot take room by announcing a length. */
static bool charge_body(struct exchange *exchange, size_t length)
{
	struct http_budget *budget = exchange->connection->listener->options.body_budget;
	if (!budget)
		return true;
	exchange->charged += length;
	return atomic_fetch_add_explicit(&budget->used, length, memory_order_relaxed) + length <=
	       budget->limit;
}

/* 0, or the status to refuse the request with. */
static unsigned collect(struct exchange *exchange, const void *bytes, size_t length)
{
	if (exchange->body.length + length > exchange->request.body_limit)
		return 413;
	if (!charge_body(exchange, length))
		return 503;
	buffer_append(&exchange->body, bytes, length);
	return 0;
}

struct inflating {
	struct exchange *exchange;
	unsigned status;
};

static bool on_inflated(const void *bytes, size_t length, void *arg)
{
	struct inflating *inflating = arg;
	inflating->status = collect(inflating->exchange, bytes, length);
	return inflating->status == 0;
}

static unsigned inflate_and_collect(struct exchange *exchange, const char *bytes, size_t length)
{
	struct inflating inflating = { .exchange = exchange };
	if (!exchange->inflater) {
		if (!charge_body(exchange, HTTP_INFLATER_BYTES))
			return 503;
		exchange->inflater = http_inflater_new(exchange->request.body_coding);
	}
	switch (http_inflater_add(exchange->inflater, bytes, length, on_inflated, &inflating)) {
	case HTTP_INFLATE_BROKEN:
		return 400;
	case HTTP_INFLATE_BOMB:
		return 413;
	case HTTP_INFLATED:
	case HTTP_INFLATE_STOPPED:
		break;
	}
	return inflating.status;
}

static void on_body(struct connection *connection, const char *bytes, size_t length)
{
	struct exchange *exchange = connection->exchange;
	struct http_request *request = &exchange->request;
	unsigned status = 0;
	exchange->body_received += length;
	if (exchange->body_received > request->body_limit)
		status = 413;
	else if (request->on_body)
		request->on_body(request, bytes, length);
	else if (request->body_coding != HTTP_IDENTITY)
		status = inflate_and_collect(exchange, bytes, length);
	else
		status = collect(exchange, bytes, length);
	if (status)
		connection_refuse(connection, status);
}

/* A body that is over in the middle of its content was cut short. */
static bool is_content_whole(struct exchange *exchange)
{
	if (!exchange->inflater)
		return true;
	exchange->request.body_coding = http_inflater_coding(exchange->inflater);
	return http_inflater_is_complete(exchange->inflater);
}

static void on_end(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	const struct http_listener_options *options = &connection->listener->options;
	if (!is_content_whole(exchange)) {
		connection_refuse(connection, 400);
		return;
	}
	if (exchange->body.data) {
		exchange->request.body = exchange->body.data;
		exchange->request.body_length = exchange->body.length;
	}
	connection_set_state(connection, CONNECTION_HANDLED);
	options->on_request(&exchange->request, options->arg);
}

static void on_message_event(struct connection *connection, enum message_event event)
{
	switch (event) {
	case MESSAGE_HEAD:
		on_head(connection);
		break;
	case MESSAGE_BODY:
		on_body(connection, connection->parser.piece, connection->parser.piece_length);
		break;
	case MESSAGE_END:
		on_end(connection);
		break;
	case MESSAGE_HEAD_TOO_LARGE:
		connection_refuse(connection, 431);
		break;
	case MESSAGE_BAD:
		connection_refuse(connection, 400);
		break;
	case MESSAGE_MORE:
		break;
	}
}

/* A piece of the body lies in the input, so these bytes are drained after it was handled. */
static bool parse(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->io);
	struct evbuffer_iovec piece = { .iov_base = (void *)(uintptr_t) "", .iov_len = 0 };
	size_t used;
	evbuffer_peek(input, -1, NULL, &piece, 1);
	const enum message_event event = message_parse(
		&connection->parser, piece.iov_base, piece.iov_len, &used);
	if (event != MESSAGE_BODY)
		evbuffer_drain(input, used);
	on_message_event(connection, event);
	if (event == MESSAGE_BODY)
		evbuffer_drain(input, used);
	return event != MESSAGE_MORE || evbuffer_get_length(input) > 0;
}

/* What comes after an answer that closes the connection. */
static bool discard(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->io);
	const size_t length = evbuffer_get_length(input);
	evbuffer_drain(input, length);
	connection->discarded += length;
	if (connection->discarded > DISCARDED_BYTES)
		connection_close(connection);
	return false;
}

static bool receive_step(struct connection *connection)
{
	switch (connection->state) {
	case CONNECTION_IDLE:
		return await_request(connection);
	case CONNECTION_HEAD:
		return parse(connection);
	case CONNECTION_BODY:
		return !connection->is_paused && parse(connection);
	case CONNECTION_ANSWERING:
	case CONNECTION_WRITING:
	case CONNECTION_LINGERING:
		return connection->closes && discard(connection);
	case CONNECTION_HANDLED:
	case CONNECTION_CLOSED:
		break;
	}
	return false;
}

void connection_receive(struct connection *connection)
{
	connection->is_receiving = true;
	while (receive_step(connection))
		;
	connection->is_receiving = false;
	if (connection->peer_closed && is_receiving_request(connection) && !connection->is_paused)
		connection_close(connection);
	connection_settle(connection);
}

static struct connection *connection_of(struct http_request *request)
{
	return ((struct exchange *)(void *)request)->connection;
}

void http_request_keep(struct http_request *request, bool is_kept)
{
	struct connection *connection = connection_of(request);
	connection->is_kept = is_kept;
	room_note(connection);
}

void http_request_pause(struct http_request *request)
{
	struct connection *connection = connection_of(request);
	connection->is_paused = true;
	connection_settle(connection);
}

void http_request_resume(struct http_request *request)
{
	struct connection *connection = connection_of(request);
	connection->is_paused = false;
	connection_settle(connection);
	if (!connection->is_receiving)
		bufferevent_trigger(connection->io, EV_READ,
			BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	return http_header(request->headers, request->header_count, name);
}

unsigned connection_silent_ms(const struct connection *connection)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);
	getsockopt(bufferevent_getfd(connection->io), IPPROTO_TCP, TCP_INFO, &info, &length);
	return info.tcpi_last_data_recv;
}

/* Under TLS the first request comes after a handshake, which had waited in its place. */
unsigned http_request_waited_ms(const struct http_request *request)
{
	const struct connection *connection =
		((const struct exchange *)(const void *)request)->connection;
	const unsigned silent_ms = connection_silent_ms(connection);
	return request->is_first && connection->accept_ms > silent_ms ? connection->accept_ms
								      : silent_ms;
}

char *http_peer_address(struct arena *arena, const struct http_request *request)
{
	return address_text(arena, &request->peer);
}
