/* compression: the content codings gzip and deflate (RFC 9110, 8.4.1), of bodies that come and go.
 * What is inflated leaves in small pieces, so that its receiver can stop before memory is spent. */
#ifndef HTTP_COMPRESSION_H
#define HTTP_COMPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"

enum http_coding {
	HTTP_IDENTITY,
	HTTP_GZIP,
	HTTP_DEFLATE,     /* as the RFC says: in zlib's frame */
	HTTP_RAW_DEFLATE, /* "deflate" of clients that leave the frame out; told by the first bytes */
	HTTP_UNKNOWN_CODING,
};

/* Of a Content-Encoding header, NULL being identity; x-gzip is gzip. Several codings at once are
 * unknown. */
enum http_coding http_coding_by_name(const char *name);
/* "gzip" and so on, for a Content-Encoding header. */
const char *http_coding_name(enum http_coding coding);

enum http_inflation {
	HTTP_INFLATED,
	HTTP_INFLATE_BROKEN,  /* not of that coding */
	HTTP_INFLATE_BOMB,    /* it grows more than any text does: HTTP_MOST_GROWTH */
	HTTP_INFLATE_STOPPED, /* the receiver wanted no more */
};

enum {
	/* Bytes out for each byte in, once more than HTTP_FREE_GROWTH came out. The emptiest list of
	 * 20,000 parameters has 53. */
	HTTP_MOST_GROWTH = 150,
	HTTP_FREE_GROWTH = 256 * 1024,
	/* What an inflater holds: for those who keep count of memory. */
	HTTP_INFLATER_BYTES = 48 * 1024,
};

struct http_inflater;
/* A piece of what came out. False stops the inflation. */
typedef bool http_inflated_fn(const void *bytes, size_t length, void *arg);

/* coding: gzip or a deflate, which is told apart from the other by its first bytes. */
struct http_inflater *http_inflater_new(enum http_coding coding);
/* NULL is allowed. */
void http_inflater_free(struct http_inflater *inflater);
/* Inflates the next bytes of a body. After anything but HTTP_INFLATED only the end may follow. */
enum http_inflation http_inflater_add(struct http_inflater *inflater, const void *bytes,
	size_t length, http_inflated_fn *inflated, void *arg) MUST_CHECK;
/* The body is over: is its content, too? */
bool http_inflater_is_complete(const struct http_inflater *inflater);
/* Which it turned out to be. */
enum http_coding http_inflater_coding(const struct http_inflater *inflater);

/* A whole body at once: appends its content to out, which grows by `most` bytes and no further. */
enum http_inflation http_inflate(enum http_coding coding, const void *bytes, size_t length,
	size_t most, struct buffer *out) MUST_CHECK;
/* Appends bytes in a coding other than identity to out. */
void http_deflate(enum http_coding coding, const void *bytes, size_t length, struct buffer *out);

#endif
