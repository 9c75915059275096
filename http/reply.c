/* reply: from answers to bytes.
 * A small answer goes to the kernel in one call; only what it does not take waits in the output. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>

#include "http/connection.h"

enum { ONE_RECORD = 16 * 1024 };

static struct exchange *exchange_of(struct http_request *request)
{
	return (struct exchange *)(void *)request;
}

/* Formatting a date costs more than the rest of a head, so each thread keeps the second's text. */
static const char *date_now(void)
{
	static _Thread_local time_t second;
	static _Thread_local char text[32];
	const time_t now = time(NULL);
	if (now != second) {
		struct tm utc;
		gmtime_r(&now, &utc);
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
		second = now;
	}
	return text;
}

/* Decides what becomes of the connection afterwards, while it is known how far the request got. */
static void decide_end(struct connection *connection, bool close)
{
	const struct http_listener *listener = connection->listener;
	const bool is_read = connection->state == CONNECTION_HANDLED;
	const size_t pending = evbuffer_get_length(bufferevent_get_input(connection->io));
	connection->closes = close || !is_read || connection->peer_closes || listener->is_draining ||
		connection->requests + 1 >= listener->limits.requests_per_connection;
	connection->lingers = !is_read || !connection->peer_closes || pending > 0;
}

static bool is_bodyless(unsigned status)
{
	return status < 200 || status == 204 || status == 304;
}

static void put_text(struct buffer *head, const char *name, const char *value)
{
	buffer_append_text(head, name);
	buffer_append_text(head, ": ");
	buffer_append_text(head, value);
	buffer_append(head, "\r\n", 2);
}

/* A line break that found its way into a value must not begin a header of its own. */
static void put_headers(struct buffer *head, const struct http_response *response)
{
	for (size_t i = 0; i < response->header_count; i++) {
		const struct http_header *header = &response->headers[i];
		if (!strpbrk(header->name, "\r\n") && !strpbrk(header->value, "\r\n"))
			put_text(head, header->name, header->value);
	}
}

static struct buffer *build_head(struct connection *connection, const struct http_response *response)
{
	struct http_listener *listener = connection->listener;
	struct buffer *head = &listener->head;
	buffer_reset(head);
	buffer_printf(head, "HTTP/1.1 %u %s\r\n", response->status, http_reason(response->status));
	if (listener->options.server_name)
		put_text(head, "Server", listener->options.server_name);
	put_text(head, "Date", date_now());
	put_headers(head, response);
	if (connection->closes)
		put_text(head, "Connection", "close");
	return head;
}

static void finish_head(struct buffer *head, unsigned status, uint64_t content_length)
{
	if (!is_bodyless(status) && content_length != UINT64_MAX)
		buffer_printf(head, "Content-Length: %llu\r\n", (unsigned long long)content_length);
	buffer_append(head, "\r\n", 2);
}

/* What the kernel takes at once of a plain connection's answer; 0 when it cannot be asked. An error
 * is left to the event loop, which meets it again with the rest. */
static size_t send_directly(struct connection *connection, const void *head, size_t head_length,
	const void *body, size_t body_length)
{
	struct iovec pieces[] = { { (void *)(uintptr_t)head, head_length },
		{ (void *)(uintptr_t)body, body_length } };
	const struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
	if (connection->ssl || evbuffer_get_length(bufferevent_get_output(connection->io)) > 0)
		return 0;
	const ssize_t sent =
		sendmsg(bufferevent_getfd(connection->io), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent > 0 ? (size_t)sent : 0;
}

static void write_rest(struct connection *connection, const char *bytes, size_t length, size_t sent)
{
	if (sent < length)
		bufferevent_write(connection->io, bytes + sent, length - sent);
}

static void write_answer(struct connection *connection, struct buffer *head, const void *body,
	size_t body_length)
{
	/* One write is one TLS record. */
	if (connection->ssl && body_length <= ONE_RECORD) {
		buffer_append(head, body, body_length);
		body_length = 0;
	}
	const size_t sent = send_directly(connection, head->data, head->length, body, body_length);
	write_rest(connection, head->data, head->length, sent);
	write_rest(connection, body, body_length, sent > head->length ? sent - head->length : 0);
}

/* The request is over for the handler; its answer may still wait in the output. */
static void end_answer(struct connection *connection)
{
	connection_end_exchange(connection);
	connection_set_state(connection, CONNECTION_WRITING);
	if (evbuffer_get_length(bufferevent_get_output(connection->io)) == 0)
		connection_answered(connection);
}

void http_reply(struct http_request *request, const struct http_response *response)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	const bool has_no_body = exchange->is_head || is_bodyless(response->status);
	decide_end(connection, response->close);
	struct buffer *head = build_head(connection, response);
	finish_head(head, response->status, response->body_length);
	write_answer(connection, head, response->body, has_no_body ? 0 : response->body_length);
	end_answer(connection);
	connection_settle(connection);
}

void http_reply_begin(struct http_request *request, const struct http_response *response,
	uint64_t content_length)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	const bool is_bounded = content_length != UINT64_MAX;
	exchange->has_no_body = exchange->is_head || is_bodyless(response->status);
	exchange->is_chunked = !is_bounded && !request->is_http_1_0 && !is_bodyless(response->status);
	exchange->unsent = content_length;
	decide_end(connection, response->close);
	struct buffer *head = build_head(connection, response);
	if (exchange->is_chunked)
		put_text(head, "Transfer-Encoding", "chunked");
	finish_head(head, response->status, content_length);
	bufferevent_write(connection->io, head->data, head->length);
	connection_set_state(connection, CONNECTION_ANSWERING);
	connection_settle(connection);
}

static void write_chunk(struct connection *connection, const void *bytes, size_t length)
{
	struct evbuffer *output = bufferevent_get_output(connection->io);
	evbuffer_add_printf(output, "%zx\r\n", length);
	evbuffer_add(output, bytes, length);
	evbuffer_add(output, "\r\n", 2);
}

void http_reply_body(struct http_request *request, const void *bytes, size_t length)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	assert(connection->state == CONNECTION_ANSWERING && length <= exchange->unsent);
	if (exchange->unsent != UINT64_MAX)
		exchange->unsent -= length;
	if (exchange->has_no_body || length == 0)
		bufferevent_trigger(connection->io, EV_WRITE,
			BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
	else if (exchange->is_chunked)
		write_chunk(connection, bytes, length);
	else
		bufferevent_write(connection->io, bytes, length);
}

void http_reply_end(struct http_request *request)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	const bool is_short = exchange->unsent != UINT64_MAX && exchange->unsent > 0;
	if (is_short && !exchange->has_no_body) {
		http_reply_abort(request);
		return;
	}
	if (exchange->is_chunked && !exchange->has_no_body)
		bufferevent_write(connection->io, "0\r\n\r\n", 5);
	end_answer(connection);
	connection_settle(connection);
}

/* A reset, since an answer that only the close ends would look complete. */
void http_reply_abort(struct http_request *request)
{
	struct connection *connection = exchange_of(request)->connection;
	const struct linger reset = { .l_onoff = 1 };
	setsockopt(bufferevent_getfd(connection->io), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connection->ssl)
		SSL_set_shutdown(connection->ssl, SSL_SENT_SHUTDOWN);
	request->on_gone = NULL;
	connection_close(connection);
}

static void drop_request(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	if (exchange && exchange->request.on_gone)
		exchange->request.on_gone(&exchange->request);
	connection_end_exchange(connection);
}

void connection_refuse(struct connection *connection, unsigned status)
{
	static const struct http_header headers[] = {
		{ "Content-Type", "text/plain" },
		{ "Retry-After", "10" },
	};
	char text[64];
	const int length = snprintf(text, sizeof(text), "%s\n", http_reason(status));
	const struct http_response response = {
		.status = status,
		.headers = headers,
		.header_count = status == 503 ? 2 : 1,
	};
	drop_request(connection);
	decide_end(connection, true);
	struct buffer *head = build_head(connection, &response);
	finish_head(head, status, (uint64_t)length);
	write_answer(connection, head, text, (size_t)length);
	end_answer(connection);
}

void connection_continue(struct connection *connection)
{
	bufferevent_write(connection->io, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}
