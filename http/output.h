/* output: how server and client write: header lines, and the direct way to the kernel. */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/bufferevent.h>

#include "base/buffer.h"
#include "http/http.h"

/* One header line. A name or value with a line break is left out: it would begin another header. */
void output_header(struct buffer *head, const char *name, const char *value);
void output_headers(struct buffer *head, const struct http_header *headers, size_t count);
/* Bytes that still wait to be sent. */
size_t output_length(struct bufferevent *io);
/* Sends head and body: on plain TCP with nothing waiting in one call to the kernel, so that usually
 * nothing is left to wait for. What the kernel does not take, and any error, is left to the loop.
 */
void output_write(struct bufferevent *io, bool is_tls, const struct buffer *head, const void *body,
	size_t body_length);

#endif
