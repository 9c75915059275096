/* Tests of base/crypto against published vectors, and of what must not be accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"

static int arena_begin(void **state)
{
	*state = arena_new();
	return 0;
}

static int arena_end(void **state)
{
	arena_free(*state);
	return 0;
}

static void test_sha256_of_abc_is_that_of_fips_180(void **state)
{
	(void)state;
	char hex[SHA256_HEX_BYTES];
	sha256_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_sha256_in_pieces_equals_that_of_the_whole(void **state)
{
	(void)state;
	uint8_t whole[SHA256_BYTES], pieces[SHA256_BYTES];
	sha256("abcdefghij", 10, whole);
	struct sha256_stream *stream = sha256_begin();
	sha256_add(stream, "abc", 3);
	sha256_add(stream, "", 0);
	sha256_add(stream, "defghij", 7);
	sha256_end(stream, pieces);
	assert_memory_equal(whole, pieces, SHA256_BYTES);
	sha256_free(sha256_begin());
}

static void test_md5_of_abc_is_that_of_rfc_1321(void **state)
{
	(void)state;
	char hex[MD5_HEX_BYTES];
	md5_hex("abc", 3, hex);
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
}

static void test_hmac_is_that_of_rfc_4231_case_2(void **state)
{
	(void)state;
	uint8_t digest[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
	hex_encode(digest, sizeof(digest), hex);
	assert_string_equal(
		hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_hex_takes_nothing_but_the_expected_digits(void **state)
{
	(void)state;
	uint8_t bytes[3];
	assert_true(hex_decode("00fFa5", bytes, 3));
	assert_memory_equal(bytes, "\x00\xff\xa5", 3);
	assert_false(hex_decode("00ff", bytes, 3));
	assert_false(hex_decode("00ffa5a5", bytes, 3));
	assert_false(hex_decode("00ffxx", bytes, 3));
}

static void test_base64_is_that_of_rfc_4648(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foobar", "Zm9vYmFy" },
	};
	for (size_t i = 0; i < LENGTH_OF(pairs); i++) {
		size_t length;
		const char *plain = pairs[i][0], *coded = pairs[i][1];
		assert_string_equal(base64_encode(*state, plain, strlen(plain)), coded);
		assert_string_equal(base64_decode(*state, coded, &length), plain);
		assert_int_equal(length, strlen(plain));
	}
}

static void test_broken_base64_is_refused(void **state)
{
	size_t length;
	assert_null(base64_decode(*state, "Zg=", &length));
	assert_null(base64_decode(*state, "Z!==", &length));
	assert_null(base64url_decode(*state, "Z!", &length));
}

static void test_base64url_round_trip_needs_no_escaping(void **state)
{
	uint8_t bytes[64];
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		random_bytes(bytes, n);
		char *text = base64url_encode(*state, bytes, n);
		assert_int_equal(
			strspn(text,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
			strlen(text));
		size_t length;
		char *back = base64url_decode(*state, text, &length);
		assert_int_equal(length, n);
		assert_memory_equal(back, bytes, n);
	}
}

static void test_random_texts_have_their_length_and_differ(void **state)
{
	char *a = random_text(*state, 24), *b = random_text(*state, 24);
	assert_int_equal(strlen(a), 24);
	assert_string_not_equal(a, b);
}

static int compare_draws(const void *a, const void *b)
{
	return memcmp(a, b, 8);
}

static void test_random_bytes_never_come_twice(void **state)
{
	enum { DRAWS = 5000, BYTES = 8 };
	uint8_t(*draws)[BYTES] = arena_array(*state, DRAWS, BYTES);
	uint8_t other[100];
	for (int i = 0; i < DRAWS; i++) {
		random_bytes(draws[i], BYTES);
		random_bytes(other, (size_t)i % sizeof(other));
	}
	qsort(draws, DRAWS, BYTES, compare_draws);
	for (int i = 1; i < DRAWS; i++)
		assert_memory_not_equal(draws[i - 1], draws[i], BYTES);
}

static void test_comparison_sees_length_and_content(void **state)
{
	(void)state;
	assert_true(text_equal_in_constant_time("secret", "secret"));
	assert_false(text_equal_in_constant_time("secret", "secreT"));
	assert_false(text_equal_in_constant_time("secret", "secrets"));
	assert_true(equal_in_constant_time("a\0b", 3, "a\0b", 3));
	assert_false(equal_in_constant_time("a\0b", 3, "a\0c", 3));
}

static void test_what_was_sealed_comes_back(void **state)
{
	uint8_t key[SEAL_KEY_BYTES];
	random_bytes(key, sizeof(key));
	size_t sealed_length, length;
	uint8_t *sealed = seal(*state, key, "password", 8, &sealed_length);
	assert_int_equal(sealed_length, 8 + 28);
	assert_string_equal(unseal(*state, key, sealed, sealed_length, &length), "password");
	assert_int_equal(length, 8);
}

static void test_any_changed_byte_breaks_the_seal(void **state)
{
	uint8_t key[SEAL_KEY_BYTES];
	random_bytes(key, sizeof(key));
	size_t sealed_length, length;
	uint8_t *sealed = seal(*state, key, "password", 8, &sealed_length);
	for (size_t i = 0; i < sealed_length; i++) {
		sealed[i] ^= 1;
		assert_null(unseal(*state, key, sealed, sealed_length, &length));
		sealed[i] ^= 1;
	}
	assert_null(unseal(*state, key, sealed, sealed_length - 1, &length));
	assert_null(unseal(*state, key, sealed, 3, &length));
	key[0] ^= 1;
	assert_null(unseal(*state, key, sealed, sealed_length, &length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_of_abc_is_that_of_fips_180),
		cmocka_unit_test(test_sha256_in_pieces_equals_that_of_the_whole),
		cmocka_unit_test(test_md5_of_abc_is_that_of_rfc_1321),
		cmocka_unit_test(test_hmac_is_that_of_rfc_4231_case_2),
		cmocka_unit_test(test_hex_takes_nothing_but_the_expected_digits),
		cmocka_unit_test(test_comparison_sees_length_and_content),
		cmocka_unit_test(test_base64_is_that_of_rfc_4648),
		cmocka_unit_test(test_broken_base64_is_refused),
		cmocka_unit_test(test_base64url_round_trip_needs_no_escaping),
		cmocka_unit_test(test_random_bytes_never_come_twice),
		cmocka_unit_test(test_random_texts_have_their_length_and_differ),
		cmocka_unit_test(test_what_was_sealed_comes_back),
		cmocka_unit_test(test_any_changed_byte_breaks_the_seal),
	};
	return cmocka_run_group_tests_name("crypto", tests, arena_begin, arena_end);
}
