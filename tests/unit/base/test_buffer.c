/* Tests of base/buffer: bytes that grow, always with a NUL behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static void test_pieces_are_joined_in_order(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	buffer_append_text(&b, "one ");
	buffer_append(&b, "two", 3);
	buffer_printf(&b, " %d", 3);
	assert_string_equal(b.data, "one two 3");
	assert_int_equal(b.length, strlen("one two 3"));
	buffer_clear(&b);
}

static void test_bytes_may_hold_nuls(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	buffer_append(&b, "a\0b", 3);
	buffer_append(&b, "\0c", 2);
	assert_int_equal(b.length, 5);
	assert_memory_equal(b.data, "a\0b\0c", 6);
	buffer_clear(&b);
}

static void test_growth_keeps_what_was_there(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	for (int i = 0; i < 100000; i++)
		buffer_printf(&b, "%d,", i % 10);
	assert_int_equal(b.length, 200000);
	for (size_t i = 0; i < b.length; i += 2)
		assert_int_equal(b.data[i], '0' + (int)(i / 2 % 10));
	buffer_clear(&b);
}

static void test_texts_longer_than_the_room_are_printed_whole(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	for (int length = 250; length < 260; length++) {
		buffer_clear(&b);
		buffer_printf(&b, "%0*d", length, 7);
		assert_int_equal(b.length, length);
		assert_int_equal(strlen(b.data), length);
		assert_int_equal(b.data[length - 1], '7');
	}
	buffer_clear(&b);
}

static void test_numbers_are_decimal(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	const int64_t numbers[] = { 0, 7, -7, 1234567890, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		buffer_append_number(&b, numbers[i]);
		buffer_append(&b, " ", 1);
	}
	assert_string_equal(b.data, "0 7 -7 1234567890 9223372036854775807 -9223372036854775808 ");
	buffer_clear(&b);
}

static void test_reset_forgets_the_content_only(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	buffer_append_text(&b, "something long enough to matter");
	size_t capacity = b.capacity;
	buffer_reset(&b);
	assert_int_equal(b.length, 0);
	assert_int_equal(b.capacity, capacity);
	buffer_append_text(&b, "new");
	assert_string_equal(b.data, "new");
	buffer_clear(&b);
	assert_null(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_joined_in_order),
		cmocka_unit_test(test_bytes_may_hold_nuls),
		cmocka_unit_test(test_growth_keeps_what_was_there),
		cmocka_unit_test(test_texts_longer_than_the_room_are_printed_whole),
		cmocka_unit_test(test_numbers_are_decimal),
		cmocka_unit_test(test_reset_forgets_the_content_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
