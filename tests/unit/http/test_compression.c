/* Content codings: every frame there and back, in any pieces, and what is no such stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "http/compression.h"

enum { PLENTY = 64 * 1024 * 1024 };

static const enum http_coding codings[] = { HTTP_GZIP, HTTP_DEFLATE, HTTP_RAW_DEFLATE };
static struct buffer text, compressed, inflated;

static int set_up(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		buffer_printf(&text, "<Name>Device.%u</Name><Value>%x</Value>", i, i * 2654435761u);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_clear(&text);
	buffer_clear(&compressed);
	buffer_clear(&inflated);
	return 0;
}

static void compress_text(enum http_coding coding)
{
	buffer_reset(&compressed);
	buffer_reset(&inflated);
	http_deflate(coding, text.data, text.length, &compressed);
}

static void assert_inflated(void)
{
	assert_int_equal(inflated.length, text.length);
	assert_memory_equal(inflated.data, text.data, text.length);
}

/* A client says "deflate" for both frames of it. */
static enum http_coding as_told(enum http_coding coding)
{
	return http_coding_by_name(http_coding_name(coding));
}

static void test_every_coding_comes_back_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(codings); i++) {
		compress_text(codings[i]);
		assert_true(compressed.length < text.length / 2);
		assert_int_equal(http_inflate(as_told(codings[i]), compressed.data,
					 compressed.length, PLENTY, &inflated),
			HTTP_INFLATED);
		assert_inflated();
	}
}

static bool keep(const void *bytes, size_t length, void *arg)
{
	(void)arg;
	buffer_append(&inflated, bytes, length);
	return true;
}

static void test_a_stream_may_come_in_pieces_of_any_size(void **state)
{
	(void)state;
	static const size_t sizes[] = { 1, 2, 3, 1000 };
	for (size_t i = 0; i < LENGTH_OF(codings); i++) {
		for (size_t s = 0; s < LENGTH_OF(sizes); s++) {
			compress_text(codings[i]);
			struct http_inflater *inflater = http_inflater_new(as_told(codings[i]));
			for (size_t at = 0; at < compressed.length; at += sizes[s]) {
				const size_t left = compressed.length - at;
				assert_false(http_inflater_is_complete(inflater));
				assert_int_equal(
					http_inflater_add(inflater, compressed.data + at,
						left < sizes[s] ? left : sizes[s], keep, NULL),
					HTTP_INFLATED);
			}
			assert_true(http_inflater_is_complete(inflater));
			assert_int_equal(http_inflater_coding(inflater), codings[i]);
			assert_inflated();
			http_inflater_free(inflater);
		}
	}
}

static void test_what_stands_behind_the_stream_is_not_content(void **state)
{
	(void)state;
	compress_text(HTTP_GZIP);
	buffer_append(&compressed, "\r\n", 2);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length, PLENTY, &inflated),
		HTTP_INFLATED);
	assert_inflated();
}

/* The text cut in two halves, a gzip member each, with an empty one between them. */
static void compress_as_members(void)
{
	const size_t half = text.length / 2;
	compress_text(HTTP_GZIP);
	buffer_reset(&compressed);
	http_deflate(HTTP_GZIP, text.data, half, &compressed);
	http_deflate(HTTP_GZIP, "", 0, &compressed);
	http_deflate(HTTP_GZIP, text.data + half, text.length - half, &compressed);
}

static void test_members_of_gzip_follow_each_other(void **state)
{
	(void)state;
	compress_as_members();
	buffer_append(&compressed, "\r\n", 2);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length, PLENTY, &inflated),
		HTTP_INFLATED);
	assert_inflated();
}

static void test_members_of_gzip_may_come_byte_by_byte(void **state)
{
	(void)state;
	compress_as_members();
	struct http_inflater *inflater = http_inflater_new(HTTP_GZIP);
	for (size_t at = 0; at < compressed.length; at++)
		assert_int_equal(http_inflater_add(inflater, compressed.data + at, 1, keep, NULL),
			HTTP_INFLATED);
	assert_true(http_inflater_is_complete(inflater));
	assert_inflated();
	http_inflater_free(inflater);
}

static void test_a_later_member_is_bounded_like_the_first(void **state)
{
	(void)state;
	compress_as_members();
	assert_int_equal(http_inflate(HTTP_GZIP, compressed.data, compressed.length,
				 text.length - 1, &inflated),
		HTTP_INFLATE_STOPPED);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length - 1, PLENTY, &inflated),
		HTTP_INFLATE_BROKEN);
}

static void test_half_the_beginning_of_a_member_is_not_content(void **state)
{
	(void)state;
	compress_text(HTTP_GZIP);
	buffer_append(&compressed, "\x1f", 1);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length, PLENTY, &inflated),
		HTTP_INFLATED);
	assert_inflated();
}

static void test_a_stream_cut_short_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(codings); i++) {
		compress_text(codings[i]);
		for (size_t length = 0; length < compressed.length; length += 1 + length / 3)
			assert_int_equal(http_inflate(as_told(codings[i]), compressed.data, length,
						 PLENTY, &inflated),
				HTTP_INFLATE_BROKEN);
	}
}

static void test_bytes_of_no_coding_are_broken(void **state)
{
	(void)state;
	static const char xml[] = "<?xml version=\"1.0\"?><Envelope/>";
	for (size_t i = 0; i < LENGTH_OF(codings); i++)
		assert_int_equal(
			http_inflate(as_told(codings[i]), xml, sizeof(xml) - 1, PLENTY, &inflated),
			HTTP_INFLATE_BROKEN);
}

static void test_a_wrong_checksum_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		compress_text(codings[i]);
		/* The checksum is deflate's last word; in gzip the length stands behind it. */
		compressed.data[compressed.length - (codings[i] == HTTP_GZIP ? 5 : 1)] ^= 1;
		assert_int_equal(http_inflate(codings[i], compressed.data, compressed.length,
					 PLENTY, &inflated),
			HTTP_INFLATE_BROKEN);
	}
}

static void test_content_stops_growing_at_the_limit(void **state)
{
	(void)state;
	compress_text(HTTP_GZIP);
	assert_int_equal(http_inflate(HTTP_GZIP, compressed.data, compressed.length,
				 text.length - 1, &inflated),
		HTTP_INFLATE_STOPPED);
	assert_true(inflated.length < text.length);
	buffer_reset(&inflated);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length, text.length, &inflated),
		HTTP_INFLATED);
}

static void test_a_bomb_is_told_by_its_growth(void **state)
{
	(void)state;
	const size_t length = 32 * 1024 * 1024;
	void *zeros = calloc(1, length);
	buffer_reset(&compressed);
	buffer_reset(&inflated);
	http_deflate(HTTP_GZIP, zeros, length, &compressed);
	assert_int_equal(
		http_inflate(HTTP_GZIP, compressed.data, compressed.length, PLENTY, &inflated),
		HTTP_INFLATE_BOMB);
	assert_true(inflated.length <= HTTP_MOST_GROWTH * compressed.length);
	free(zeros);
}

static void test_codings_are_known_by_their_names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum http_coding coding;
	} cases[] = {
		{ NULL, HTTP_IDENTITY },
		{ "", HTTP_IDENTITY },
		{ "Identity", HTTP_IDENTITY },
		{ "gzip", HTTP_GZIP },
		{ "X-GZip", HTTP_GZIP },
		{ "deflate", HTTP_DEFLATE },
		{ "br", HTTP_UNKNOWN_CODING },
		{ "gzip, gzip", HTTP_UNKNOWN_CODING },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_int_equal(http_coding_by_name(cases[i].name), cases[i].coding);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_coding_comes_back_as_it_was),
		cmocka_unit_test(test_a_stream_may_come_in_pieces_of_any_size),
		cmocka_unit_test(test_what_stands_behind_the_stream_is_not_content),
		cmocka_unit_test(test_members_of_gzip_follow_each_other),
		cmocka_unit_test(test_members_of_gzip_may_come_byte_by_byte),
		cmocka_unit_test(test_a_later_member_is_bounded_like_the_first),
		cmocka_unit_test(test_half_the_beginning_of_a_member_is_not_content),
		cmocka_unit_test(test_a_stream_cut_short_is_broken),
		cmocka_unit_test(test_bytes_of_no_coding_are_broken),
		cmocka_unit_test(test_a_wrong_checksum_is_broken),
		cmocka_unit_test(test_content_stops_growing_at_the_limit),
		cmocka_unit_test(test_a_bomb_is_told_by_its_growth),
		cmocka_unit_test(test_codings_are_known_by_their_names),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
