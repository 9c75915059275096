/* Range headers, as RFC 9110, 14.1.2 has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "acs/files/send.h"
#include "base/compiler.h"

enum { SIZE = 1000 };

struct expectation {
	const char *header;
	enum range_kind kind;
	int64_t first, length;
};

static void check(const struct expectation *expected, size_t count, int64_t size)
{
	for (size_t i = 0; i < count; i++) {
		int64_t first = 0, length = 0;
		print_message("%s\n", expected[i].header);
		assert_int_equal(
			range_read(expected[i].header, size, &first, &length), expected[i].kind);
		if (expected[i].kind != RANGE_SINGLE)
			continue;
		assert_int_equal(first, expected[i].first);
		assert_int_equal(length, expected[i].length);
	}
}

static void test_a_single_range_is_cut_to_the_file(void **state)
{
	static const struct expectation expected[] = {
		{ "bytes=0-0", RANGE_SINGLE, 0, 1 },
		{ "bytes=0-999", RANGE_SINGLE, 0, SIZE },
		{ "bytes=0-5000", RANGE_SINGLE, 0, SIZE },
		{ "bytes=500-", RANGE_SINGLE, 500, 500 },
		{ "bytes=999-", RANGE_SINGLE, 999, 1 },
		{ "bytes=-1", RANGE_SINGLE, 999, 1 },
		{ "bytes=-5000", RANGE_SINGLE, 0, SIZE },
		{ "Bytes=1-2", RANGE_SINGLE, 1, 2 },
	};
	(void)state;
	check(expected, LENGTH_OF(expected), SIZE);
}

static void test_what_lies_behind_the_end_is_unsatisfiable(void **state)
{
	static const struct expectation expected[] = {
		{ "bytes=1000-", RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=1000-2000", RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=-0", RANGE_UNSATISFIABLE, 0, 0 },
	};
	static const struct expectation of_nothing[] = {
		{ "bytes=0-", RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=-1", RANGE_UNSATISFIABLE, 0, 0 },
	};
	(void)state;
	check(expected, LENGTH_OF(expected), SIZE);
	check(of_nothing, LENGTH_OF(of_nothing), 0);
}

static void test_everything_else_means_the_whole_file(void **state)
{
	static const struct expectation expected[] = {
		{ "bytes=", RANGE_NONE, 0, 0 },
		{ "bytes=-", RANGE_NONE, 0, 0 },
		{ "bytes=5-4", RANGE_NONE, 0, 0 },
		{ "bytes=0-1,5-6", RANGE_NONE, 0, 0 },
		{ "bytes=a-b", RANGE_NONE, 0, 0 },
		{ "bytes=0-1x", RANGE_NONE, 0, 0 },
		{ "bytes=99999999999999999999-", RANGE_NONE, 0, 0 },
		{ "lines=0-1", RANGE_NONE, 0, 0 },
		{ "", RANGE_NONE, 0, 0 },
	};
	int64_t first, length;
	(void)state;
	check(expected, LENGTH_OF(expected), SIZE);
	assert_int_equal(range_read(NULL, SIZE, &first, &length), RANGE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_single_range_is_cut_to_the_file),
		cmocka_unit_test(test_what_lies_behind_the_end_is_unsatisfiable),
		cmocka_unit_test(test_everything_else_means_the_whole_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
