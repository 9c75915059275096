/* compression: the content codings gzip and deflate, by zlib.
 * zlib knows three frames around one format; what they are called in HTTP stands in a table. */
#include "http/compression.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

enum { PIECE_BYTES = 16 * 1024, MEMORY_LEVEL = 8 };
static const unsigned char gzip_beginning[] = { 0x1f,
	0x8b }; /* of every member (RFC 1952, 2.3.1) */

static const struct coding {
	const char *name;
	int window_bits; /* and the frame, as inflateInit2() wants it */
} codings[] = {
	[HTTP_IDENTITY] = { "identity", 0 },
	[HTTP_GZIP] = { "gzip", MAX_WBITS + 16 },
	[HTTP_DEFLATE] = { "deflate", MAX_WBITS },
	[HTTP_RAW_DEFLATE] = { "deflate", -MAX_WBITS },
};

enum http_coding http_coding_by_name(const char *name)
{
	if (!name || !*name)
		return HTTP_IDENTITY;
	if (strcasecmp(name, "x-gzip") == 0)
		return HTTP_GZIP;
	for (size_t i = 0; i < LENGTH_OF(codings); i++)
		if (strcasecmp(name, codings[i].name) == 0)
			return (enum http_coding)i;
	return HTTP_UNKNOWN_CODING;
}

const char *http_coding_name(enum http_coding coding)
{
	return codings[coding].name;
}

struct http_inflater {
	z_stream stream;
	enum http_coding coding;
	unsigned char first; /* of a deflate stream whose second byte has not come yet */
	size_t beginning;    /* bytes of gzip_beginning behind a member's end */
	bool has_first, is_begun, is_complete;
	bool is_over; /* what follows is no content */
	uint64_t bytes_in, bytes_out;
};

struct http_inflater *http_inflater_new(enum http_coding coding)
{
	struct http_inflater *inflater = calloc(1, sizeof(*inflater));
	if (!inflater)
		abort();
	inflater->coding = coding;
	return inflater;
}

void http_inflater_free(struct http_inflater *inflater)
{
	if (!inflater)
		return;
	if (inflater->is_begun)
		inflateEnd(&inflater->stream);
	free(inflater);
}

/* RFC 1950, 2.2: method 8, and a checksum. A raw stream that begins so would be a stored block with
 * padding that is not zero, which no compressor writes. */
static bool begins_frame(unsigned char first, unsigned char second)
{
	return (first & 0x0f) == Z_DEFLATED && (first << 8 | second) % 31 == 0;
}

static void begin(struct http_inflater *inflater)
{
	inflater->is_begun = true;
	if (inflateInit2(&inflater->stream, codings[inflater->coding].window_bits) != Z_OK)
		abort(); /* out of memory */
}

/* Pieces come out until the input is used up, the stream ends or somebody objects. */
static enum http_inflation run(
	struct http_inflater *inflater, http_inflated_fn *inflated, void *arg)
{
	unsigned char piece[PIECE_BYTES];
	z_stream *stream = &inflater->stream;
	do {
		stream->next_out = piece;
		stream->avail_out = sizeof(piece);
		const int result = inflate(stream, Z_NO_FLUSH);
		const size_t length = sizeof(piece) - stream->avail_out;
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return HTTP_INFLATE_BROKEN;
		inflater->is_complete = result == Z_STREAM_END;
		inflater->bytes_out += length;
		if (inflater->bytes_out > HTTP_FREE_GROWTH &&
			inflater->bytes_out > HTTP_MOST_GROWTH * inflater->bytes_in)
			return HTTP_INFLATE_BOMB;
		if (length && !inflated(piece, length, arg))
			return HTTP_INFLATE_STOPPED;
	} while (!inflater->is_complete && stream->avail_out == 0);
	return HTTP_INFLATED;
}

static void give(z_stream *stream, const void *bytes, size_t length)
{
	stream->next_in = (unsigned char *)(uintptr_t)bytes;
	stream->avail_in = (unsigned)length;
}

static enum http_inflation begin_member(
	struct http_inflater *inflater, http_inflated_fn *inflated, void *arg)
{
	z_stream *stream = &inflater->stream;
	const z_stream rest = *stream;
	inflater->beginning = 0;
	inflateReset(stream);
	give(stream, gzip_beginning, sizeof(gzip_beginning));
	const enum http_inflation result = run(inflater, inflated, arg);
	give(stream, rest.next_in, rest.avail_in);
	return result;
}

/* Members of gzip follow each other (RFC 1952, 2.2). What begins otherwise is no content, up to the body's
 * end: some devices end every body with a line break. */
static enum http_inflation look_behind_end(
	struct http_inflater *inflater, http_inflated_fn *inflated, void *arg)
{
	z_stream *stream = &inflater->stream;
	inflater->is_over = inflater->coding != HTTP_GZIP ||
			    *stream->next_in != gzip_beginning[inflater->beginning];
	if (inflater->is_over)
		return HTTP_INFLATED;
	give(stream, stream->next_in + 1, stream->avail_in - 1);
	if (++inflater->beginning < sizeof(gzip_beginning))
		return HTTP_INFLATED;
	return begin_member(inflater, inflated, arg);
}

static enum http_inflation add(struct http_inflater *inflater, const void *bytes, size_t length,
	http_inflated_fn *inflated, void *arg)
{
	enum http_inflation result = HTTP_INFLATED;
	give(&inflater->stream, bytes, length);
	inflater->bytes_in += length;
	while (result == HTTP_INFLATED && inflater->stream.avail_in && !inflater->is_over)
		result = inflater->is_complete ? look_behind_end(inflater, inflated, arg)
					       : run(inflater, inflated, arg);
	return result;
}

/* Two bytes tell whether a deflate stream has its frame. */
static enum http_inflation begin_deflate(struct http_inflater *inflater, const unsigned char *bytes,
	size_t length, http_inflated_fn *inflated, void *arg)
{
	if (!inflater->has_first) {
		inflater->first = *bytes++;
		inflater->has_first = true;
		length--;
	}
	if (length == 0)
		return HTTP_INFLATED;
	inflater->coding = begins_frame(inflater->first, *bytes) ? HTTP_DEFLATE : HTTP_RAW_DEFLATE;
	begin(inflater);
	const enum http_inflation result = add(inflater, &inflater->first, 1, inflated, arg);
	return result == HTTP_INFLATED ? add(inflater, bytes, length, inflated, arg) : result;
}

enum http_inflation http_inflater_add(struct http_inflater *inflater, const void *bytes,
	size_t length, http_inflated_fn *inflated, void *arg)
{
	if (length == 0)
		return HTTP_INFLATED;
	if (length > UINT_MAX)
		return HTTP_INFLATE_BROKEN;
	if (!inflater->is_begun && inflater->coding != HTTP_GZIP)
		return begin_deflate(inflater, bytes, length, inflated, arg);
	if (!inflater->is_begun)
		begin(inflater);
	return add(inflater, bytes, length, inflated, arg);
}

bool http_inflater_is_complete(const struct http_inflater *inflater)
{
	return inflater->is_complete;
}

enum http_coding http_inflater_coding(const struct http_inflater *inflater)
{
	return inflater->coding;
}

struct room {
	struct buffer *out;
	size_t left;
};

static bool take(const void *bytes, size_t length, void *arg)
{
	struct room *room = arg;
	if (length > room->left)
		return false;
	room->left -= length;
	buffer_append(room->out, bytes, length);
	return true;
}

enum http_inflation http_inflate(
	enum http_coding coding, const void *bytes, size_t length, size_t most, struct buffer *out)
{
	struct http_inflater *inflater = http_inflater_new(coding);
	struct room room = { .out = out, .left = most };
	enum http_inflation result = http_inflater_add(inflater, bytes, length, take, &room);
	if (result == HTTP_INFLATED && !http_inflater_is_complete(inflater))
		result = HTTP_INFLATE_BROKEN;
	http_inflater_free(inflater);
	return result;
}

void http_deflate(enum http_coding coding, const void *bytes, size_t length, struct buffer *out)
{
	z_stream stream = { .next_in = (unsigned char *)(uintptr_t)bytes,
		.avail_in = (unsigned)length };
	unsigned char piece[PIECE_BYTES];
	int result;
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, codings[coding].window_bits,
		    MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory */
	do {
		stream.next_out = piece;
		stream.avail_out = sizeof(piece);
		result = deflate(&stream, Z_FINISH);
		buffer_append(out, piece, sizeof(piece) - stream.avail_out);
	} while (result == Z_OK);
	deflateEnd(&stream);
}
