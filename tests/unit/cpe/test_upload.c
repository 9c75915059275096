/* Tests of cpe/upload: which files a device has, and by which names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cpe/transfer/upload.h"

static void test_types_are_taken_as_they_stand_and_by_version(void **state)
{
	(void)state;
	assert_true(upload_is_possible("1 Vendor Configuration File", CWMP_1_0));
	assert_true(upload_is_possible("2 Vendor Log File", CWMP_1_0));
	assert_true(upload_is_possible("3 Vendor Configuration File 12", CWMP_1_2));
	assert_false(upload_is_possible("3 Vendor Configuration File 12", CWMP_1_1));
	assert_true(upload_is_possible("X 00D09E Crash Dump", CWMP_1_0));
}

static void test_other_types_are_refused(void **state)
{
	(void)state;
	static const char *const others[] = { "", "1", "1 Vendor Configuration File 1",
		"1 vendor configuration file", "3 Vendor Configuration File ",
		"4 Vendor Log File one", "5 Vendor Log File 1", "X ", "X" };
	for (size_t i = 0; i < LENGTH_OF(others); i++)
		assert_false(upload_is_possible(others[i], CWMP_1_4));
}

static void test_a_queue_tells_uploads_by_numbers_of_its_own(void **state)
{
	(void)state;
	static const struct {
		const char *type, *queued;
	} names[] = {
		{ "1 Vendor Configuration File", "3 Vendor Configuration File" },
		{ "2 Vendor Log File", "4 Vendor Log File" },
		{ "3 Vendor Configuration File 2", "6 Vendor Configuration File 2" },
		{ "4 Vendor Log File 10", "7 Vendor Log File 10" },
		{ "X 00D09E Dump", "X 00D09E Dump" },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		assert_string_equal(upload_queued_type(arena, names[i].type), names[i].queued);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_are_taken_as_they_stand_and_by_version),
		cmocka_unit_test(test_other_types_are_refused),
		cmocka_unit_test(test_a_queue_tells_uploads_by_numbers_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
