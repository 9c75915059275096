/* output: how server and client write: header lines, and the direct way to the kernel. */
#include "http/output.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <event2/buffer.h>

enum { ONE_RECORD = 16 * 1024 };

void output_header(struct buffer *head, const char *name, const char *value)
{
	if (strpbrk(name, "\r\n") || strpbrk(value, "\r\n"))
		return;
	buffer_append_text(head, name);
	buffer_append(head, ": ", 2);
	buffer_append_text(head, value);
	buffer_append(head, "\r\n", 2);
}

void output_headers(struct buffer *head, const struct http_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		output_header(head, headers[i].name, headers[i].value);
}

size_t output_length(struct bufferevent *io)
{
	return evbuffer_get_length(bufferevent_get_output(io));
}

static size_t send_directly(
	struct bufferevent *io, const struct buffer *head, const void *body, size_t body_length)
{
	struct iovec pieces[] = { { head->data, head->length },
		{ (void *)(uintptr_t)body, body_length } };
	const struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
	const ssize_t sent = sendmsg(bufferevent_getfd(io), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent > 0 ? (size_t)sent : 0;
}

static void write_rest(struct bufferevent *io, const char *bytes, size_t length, size_t sent)
{
	if (sent < length)
		bufferevent_write(io, bytes + sent, length - sent);
}

/* One piece of memory becomes one TLS record. */
static void write_together(
	struct bufferevent *io, const struct buffer *head, const void *body, size_t body_length)
{
	struct evbuffer *whole = evbuffer_new();
	if (!whole || evbuffer_expand(whole, head->length + body_length) != 0)
		abort();
	evbuffer_add(whole, head->data, head->length);
	evbuffer_add(whole, body, body_length);
	bufferevent_write_buffer(io, whole);
	evbuffer_free(whole);
}

void output_write(struct bufferevent *io, bool is_tls, const struct buffer *head, const void *body,
	size_t body_length)
{
	if (is_tls && body_length <= ONE_RECORD) {
		write_together(io, head, body, body_length);
		return;
	}
	const bool is_direct = !is_tls && output_length(io) == 0;
	const size_t sent = is_direct ? send_directly(io, head, body, body_length) : 0;
	write_rest(io, head->data, head->length, sent);
	write_rest(io, body, body_length, sent > head->length ? sent - head->length : 0);
}
