/* Tests of base/keyring: keys come and go, places hold, and the form of older servers is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/keyring.h"

static const uint8_t keys[3][SEAL_KEY_BYTES] = { "the first key of this test ring",
	"the second key of this test rin", "the third key, of no ring at al" };

static struct arena *arena;
static struct keyring *ring;
static uint8_t *sealed;
static size_t sealed_length, length;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	ring = keyring_new();
	keyring_set(ring, &keys[0], 1);
	sealed = keyring_seal(ring, arena, "task 1", "password", 8, &sealed_length);
	return 0;
}

static int end(void **state)
{
	(void)state;
	keyring_free(ring);
	arena_free(arena);
	return 0;
}

static char *open_at(const char *place)
{
	return keyring_unseal(ring, arena, place, sealed, sealed_length, &length);
}

static void test_what_was_sealed_comes_back_at_its_place_only(void **state)
{
	(void)state;
	assert_string_equal(open_at("task 1"), "password");
	assert_int_equal(length, 8);
	assert_null(open_at("task 2"));
	assert_null(open_at(""));
}

static void test_any_changed_byte_breaks_the_seal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sealed_length; i++) {
		sealed[i] ^= 1;
		assert_null(open_at("task 1"));
		sealed[i] ^= 1;
	}
	for (size_t shorter = 0; shorter < sealed_length; shorter++)
		assert_null(keyring_unseal(ring, arena, "task 1", sealed, shorter, &length));
}

static void test_an_older_key_opens_and_is_told_to_be_older(void **state)
{
	(void)state;
	assert_true(keyring_is_current(ring, sealed, sealed_length));
	keyring_set(ring, (const uint8_t[2][SEAL_KEY_BYTES]){ "the second key of this test rin",
				  "the first key of this test ring" },
		2);
	assert_string_equal(open_at("task 1"), "password");
	assert_false(keyring_is_current(ring, sealed, sealed_length));
	sealed = keyring_seal(ring, arena, "task 1", "password", 8, &sealed_length);
	assert_true(keyring_is_current(ring, sealed, sealed_length));
	keyring_set(ring, &keys[1], 1);
	assert_string_equal(open_at("task 1"), "password");
}

static void test_a_key_that_is_gone_opens_nothing(void **state)
{
	(void)state;
	keyring_set(ring, &keys[1], 2);
	assert_null(open_at("task 1"));
}

static void test_the_form_of_older_servers_is_read_and_written_on_request(void **state)
{
	(void)state;
	sealed = seal(arena, keys[0], "password", 8, &sealed_length);
	assert_string_equal(open_at("task 1"), "password");
	assert_false(keyring_is_current(ring, sealed, sealed_length));
	keyring_seal_in_old_form(ring, true);
	sealed = keyring_seal(ring, arena, "task 1", "password", 8, &sealed_length);
	assert_string_equal(unseal(arena, keys[0], sealed, sealed_length, &length), "password");
	assert_false(keyring_is_current(ring, sealed, sealed_length));
	assert_string_equal(open_at("task 1"), "password");
}

static void test_the_same_secret_never_looks_the_same(void **state)
{
	(void)state;
	size_t again_length;
	const uint8_t *again = keyring_seal(ring, arena, "task 1", "password", 8, &again_length);
	assert_int_equal(again_length, sealed_length);
	assert_memory_not_equal(again, sealed, sealed_length);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_sealed_comes_back_at_its_place_only),
		TEST(test_any_changed_byte_breaks_the_seal),
		TEST(test_an_older_key_opens_and_is_told_to_be_older),
		TEST(test_a_key_that_is_gone_opens_nothing),
		TEST(test_the_form_of_older_servers_is_read_and_written_on_request),
		TEST(test_the_same_secret_never_looks_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
