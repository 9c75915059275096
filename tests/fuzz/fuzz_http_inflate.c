/* Fuzzes compressed bodies: what comes out is bounded, and ours come back as they went. */
#include "base/buffer.h"
#include "fuzz.h"
#include "http/compression.h"

enum { MOST = 1024 * 1024 };

static void inflate_as(enum http_coding coding, const uint8_t *bytes, size_t length)
{
	struct buffer out = { 0 };
	if (http_inflate(coding, bytes, length, MOST, &out) == HTTP_INFLATED)
		HOLDS(out.length <= MOST);
	buffer_clear(&out);
}

static void there_and_back(enum http_coding coding, const uint8_t *bytes, size_t length)
{
	struct buffer packed = { 0 }, out = { 0 };
	http_deflate(coding, bytes, length, &packed);
	HOLDS(http_inflate(coding, packed.data, packed.length, length, &out) == HTTP_INFLATED);
	HOLDS(out.length == length && (length == 0 || memcmp(out.data, bytes, length) == 0));
	buffer_clear(&packed);
	buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	inflate_as(HTTP_GZIP, bytes, length);
	inflate_as(HTTP_DEFLATE, bytes, length);
	there_and_back(HTTP_GZIP, bytes, length);
	there_and_back(HTTP_DEFLATE, bytes, length);
	return 0;
}
