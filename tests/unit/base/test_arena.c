/* Tests of base/arena: what is taken stays intact, and all of it goes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

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

static void test_memory_is_zeroed_and_aligned_for_any_type(void **state)
{
	for (size_t size = 1; size < 300; size += 7) {
		unsigned char *bytes = arena_alloc(*state, size);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xa5, size);
	}
}

static void test_pieces_do_not_overlap(void **state)
{
	enum { PIECES = 2000, LONGEST = 97 };
	char *pieces[PIECES];
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(*state, 1 + i % LONGEST);
		memset(pieces[i], (int)(i % 251), 1 + i % LONGEST);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < 1 + i % LONGEST; k++)
			assert_int_equal((unsigned char)pieces[i][k], i % 251);
}

static void test_a_piece_larger_than_a_block_is_had_too(void **state)
{
	size_t size = 5 << 20;
	char *large = arena_alloc(*state, size);
	large[0] = large[size - 1] = 'x';
	assert_true(arena_size(*state) >= size);
	assert_string_equal(arena_strdup(*state, "after"), "after");
}

static void test_texts_are_copied_with_their_end(void **state)
{
	char text[] = "InternetGatewayDevice.";
	char *copy = arena_strdup(*state, text);
	char *part = arena_strndup(*state, text, 8);
	memset(text, 'x', sizeof(text) - 1);
	assert_string_equal(copy, "InternetGatewayDevice.");
	assert_string_equal(part, "Internet");
	assert_null(arena_strdup(*state, NULL));
}

static void test_copied_bytes_keep_their_nuls(void **state)
{
	const char bytes[] = { 1, 0, 2, 0, 3 };
	assert_memory_equal(arena_memdup(*state, bytes, sizeof(bytes)), bytes, sizeof(bytes));
}

static void test_printf_takes_what_the_text_needs(void **state)
{
	char *text = arena_printf(*state, "%s.%d.%0*d", "Device", 7, 3000, 1);
	assert_int_equal(strlen(text), strlen("Device.7.") + 3000);
	assert_memory_equal(text, "Device.7.000", 12);
}

static void test_freeing_nothing_is_allowed(void **state)
{
	(void)state;
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_memory_is_zeroed_and_aligned_for_any_type, arena_begin, arena_end),
		cmocka_unit_test_setup_teardown(test_pieces_do_not_overlap, arena_begin, arena_end),
		cmocka_unit_test_setup_teardown(
			test_a_piece_larger_than_a_block_is_had_too, arena_begin, arena_end),
		cmocka_unit_test_setup_teardown(
			test_texts_are_copied_with_their_end, arena_begin, arena_end),
		cmocka_unit_test_setup_teardown(
			test_copied_bytes_keep_their_nuls, arena_begin, arena_end),
		cmocka_unit_test_setup_teardown(
			test_printf_takes_what_the_text_needs, arena_begin, arena_end),
		cmocka_unit_test(test_freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
