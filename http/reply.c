/* reply: from answers to bytes.
 * An answer that the kernel takes whole ends its request at once, else its rest waits. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>

#include "http/connection.h"
#include "http/output.h"

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

/* A request without a body is read as soon as its headers are. */
static bool is_request_read(const struct connection *connection)
{
	const struct exchange *exchange = connection->exchange;
	return connection->state == CONNECTION_HANDLED ||
	       (connection->state == CONNECTION_BODY && exchange && !exchange->request.has_body);
}

/* Has a POST come whole, read or not? No peer sends more before that is answered (RFC 9112, 9.3.2). */
static bool is_whole_post(const struct connection *connection, size_t pending)
{
	const struct exchange *exchange = connection->exchange;
	if (!exchange || exchange->body_received || strcmp(exchange->request.method, "POST") != 0)
		return false;
	return exchange->request.has_body ? pending == exchange->request.content_length
					  : pending == 0;
}

/* Decides what becomes of the connection afterwards, while it is known how far the request got. */
static void decide_end(struct connection *connection, bool close)
{
	const struct http_listener *listener = connection->listener;
	const bool is_read = is_request_read(connection);
	const size_t pending = evbuffer_get_length(bufferevent_get_input(connection->io));
	connection->closes = close || !is_read || connection->peer_closes ||
			     listener->is_draining ||
			     connection->requests + 1 >= listener->limits.requests_per_connection;
	connection->lingers = (!is_read || !connection->peer_closes || pending > 0) &&
			      !is_whole_post(connection, pending);
}

static struct buffer *build_head(
	struct connection *connection, const struct http_response *response)
{
	struct http_listener *listener = connection->listener;
	struct buffer *head = &listener->head;
	buffer_reset(head);
	buffer_append_text(head, "HTTP/1.1 ");
	buffer_append_number(head, response->status);
	buffer_append(head, " ", 1);
	buffer_append_text(head, http_reason(response->status));
	buffer_append(head, "\r\n", 2);
	output_header(head, "Date", date_now());
	output_headers(head, response->headers, response->header_count);
	if (connection->closes)
		output_header(head, "Connection", "close");
	return head;
}

static void finish_head(struct buffer *head, unsigned status, uint64_t content_length)
{
	if (!http_status_is_bodyless(status) && content_length != UINT64_MAX)
		buffer_printf(head, "Content-Length: %llu\r\n", (unsigned long long)content_length);
	buffer_append(head, "\r\n", 2);
}

/* The request is over for the handler; its answer may still wait in the output. */
static void end_answer(struct connection *connection)
{
	connection_end_exchange(connection);
	connection_set_state(connection, CONNECTION_WRITING);
	if (output_length(connection->io) == 0)
		connection_answered(connection);
}

void http_reply(struct http_request *request, const struct http_response *response)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	const bool has_no_body = exchange->is_head || http_status_is_bodyless(response->status);
	decide_end(connection, response->close);
	struct buffer *head = build_head(connection, response);
	finish_head(head, response->status, response->body_length);
	output_write(connection->io, connection->ssl != NULL, head, response->body,
		has_no_body ? 0 : response->body_length);
	end_answer(connection);
	connection_settle(connection);
}

void http_reply_begin(
	struct http_request *request, const struct http_response *response, uint64_t content_length)
{
	struct exchange *exchange = exchange_of(request);
	struct connection *connection = exchange->connection;
	const bool is_bounded = content_length != UINT64_MAX;
	exchange->has_no_body = exchange->is_head || http_status_is_bodyless(response->status);
	exchange->is_chunked = !is_bounded && !request->is_http_1_0 &&
			       !http_status_is_bodyless(response->status);
	exchange->unsent = content_length;
	decide_end(connection, response->close);
	struct buffer *head = build_head(connection, response);
	if (exchange->is_chunked)
		output_header(head, "Transfer-Encoding", "chunked");
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
	connection->deadline_due = true;
	connection_settle(connection);
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

/* Who is turned away was counted when that was decided. */
static void tell_limit(const struct connection *connection, unsigned status)
{
	struct http_listener *listener = connection->listener;
	if (status == 431)
		listener_limit(listener, HTTP_LIMIT_HEADER_BYTES);
	else if (status == 413)
		listener_limit(listener, HTTP_LIMIT_BODY_BYTES);
	else if (status == 408)
		listener_limit(listener, connection->state == CONNECTION_BODY
						 ? HTTP_LIMIT_BODY_SECONDS
						 : HTTP_LIMIT_HEAD_SECONDS);
	else if (status == 503 && !connection->is_turned_away)
		listener_limit(listener, HTTP_LIMIT_BODY_BUDGET);
}

static unsigned retry_after(const struct http_listener_options *options)
{
	return options->retry_after ? options->retry_after(options->arg) : 10;
}

void connection_refuse(struct connection *connection, unsigned status)
{
	char text[64], seconds[16];
	const struct http_header headers[] = {
		{ "Content-Type", "text/plain" },
		{ "Retry-After", seconds },
	};
	const int length = snprintf(text, sizeof(text), "%s\n", http_reason(status));
	const struct http_response response = {
		.status = status,
		.headers = headers,
		.header_count = status == 503 ? 2 : 1,
	};
	tell_limit(connection, status);
	snprintf(seconds, sizeof(seconds), "%u", retry_after(&connection->listener->options));
	drop_request(connection);
	decide_end(connection, true);
	struct buffer *head = build_head(connection, &response);
	finish_head(head, status, (uint64_t)length);
	output_write(connection->io, connection->ssl != NULL, head, text, (size_t)length);
	end_answer(connection);
}

void connection_continue(struct connection *connection)
{
	bufferevent_write(connection->io, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}
