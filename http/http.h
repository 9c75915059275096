/* http: what a request and a response are, for server and client alike.
 * All text is borrowed from the connection unless a function says otherwise. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct http_header {
	const char *name;
	const char *value; /* blanks around it removed, folded lines joined */
};

/* Every number a peer could grow. Zero means "no limit" nowhere: each has a default. */
struct http_limits {
	size_t header_bytes; /* request line or status line, all headers, trailers, chunk extensions
			      */
	size_t body_bytes;   /* of one message, after de-chunking */
	unsigned head_seconds;  /* from the first byte (or the accept) to the end of the headers */
	unsigned body_seconds;  /* from the end of the headers to the end of the body, absolute */
	unsigned idle_seconds;  /* between two requests of one connection */
	unsigned write_seconds; /* in which a peer takes what waits for it, or at least … */
	unsigned write_bytes_per_second; /* … so much of it in each of them */
	unsigned requests_per_connection;
	unsigned connections; /* of one listener on one event loop */
	unsigned connections_per_address;
};

extern const struct http_limits http_default_limits;

/* The value of the first header of that name (any case), or NULL. */
const char *http_header(const struct http_header *headers, size_t count, const char *name);
/* The charset parameter of a Content-Type value, quotes removed; NULL without one. */
char *http_charset(struct arena *arena, const char *content_type);
/* The reason phrase that RFC 9110 gives, "Unknown" for codes it does not list. */
const char *http_reason(unsigned status);
/* Has an answer of this status no body, whatever its headers say (RFC 9112, 6.3)? */
bool http_status_is_bodyless(unsigned status);

#endif
