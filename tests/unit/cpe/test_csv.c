/* Tests of cpe/csv: quoting, line ends, and files that are no CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/model/csv.h"

struct reading {
	struct arena *arena;
	struct csv_reader reader;
	struct csv_row row;
};

static struct reading read_text(const char *text)
{
	struct reading reading = { .arena = arena_new() };
	csv_open(&reading.reader, text, strlen(text));
	return reading;
}

static enum csv_result next(struct reading *reading)
{
	return csv_next(&reading->reader, reading->arena, &reading->row);
}

static void test_fields_are_split_at_commas(void **state)
{
	(void)state;
	struct reading r = read_text("a,,c\n");
	assert_int_equal(next(&r), CSV_ROW);
	assert_int_equal(r.row.count, 3);
	assert_string_equal(r.row.fields[0], "a");
	assert_string_equal(r.row.fields[1], "");
	assert_string_equal(r.row.fields[2], "c");
	assert_int_equal(next(&r), CSV_END);
	arena_free(r.arena);
}

static void test_quoted_field_holds_commas_quotes_and_line_breaks(void **state)
{
	(void)state;
	struct reading r = read_text("\"Huawei, \"\"Ltd.\"\"\",\"two\r\nlines\"\r\nx,y\r\n");
	assert_int_equal(next(&r), CSV_ROW);
	assert_string_equal(r.row.fields[0], "Huawei, \"Ltd.\"");
	assert_string_equal(r.row.fields[1], "two\r\nlines");
	assert_int_equal(next(&r), CSV_ROW);
	assert_int_equal(r.row.count, 2);
	assert_int_equal(r.reader.line, 3);
	arena_free(r.arena);
}

static void test_byte_order_mark_and_blank_lines_are_skipped(void **state)
{
	(void)state;
	struct reading r = read_text("\xef\xbb\xbf\n\r\nname\n\n");
	assert_int_equal(next(&r), CSV_ROW);
	assert_string_equal(r.row.fields[0], "name");
	assert_int_equal(next(&r), CSV_END);
	arena_free(r.arena);
}

static void test_last_row_needs_no_line_end(void **state)
{
	(void)state;
	struct reading r = read_text("a,");
	assert_int_equal(next(&r), CSV_ROW);
	assert_int_equal(r.row.count, 2);
	assert_string_equal(r.row.fields[1], "");
	assert_int_equal(next(&r), CSV_END);
	arena_free(r.arena);
}

static void test_what_is_not_csv_is_refused(void **state)
{
	(void)state;
	const char *const texts[] = { "\"open", "\"a\"b,c\n",
		"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n" };
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		struct reading r = read_text(texts[i]);
		assert_int_equal(next(&r), CSV_BAD);
		assert_non_null(r.reader.why);
		arena_free(r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_split_at_commas),
		cmocka_unit_test(test_quoted_field_holds_commas_quotes_and_line_breaks),
		cmocka_unit_test(test_byte_order_mark_and_blank_lines_are_skipped),
		cmocka_unit_test(test_last_row_needs_no_line_end),
		cmocka_unit_test(test_what_is_not_csv_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
