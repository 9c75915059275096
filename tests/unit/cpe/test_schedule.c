/* Tests of cpe/schedule: the retry table of TR-069 3.2.1.1, periodic phases, and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/compiler.h"
#include "cpe/schedule.h"

static void test_default_retries_follow_the_table(void **state)
{
	(void)state;
	double least = 5;
	for (unsigned n = 1; n <= 10; n++, least *= 2) {
		const struct retry_bounds bounds = retry_bounds(n, 5, 2000);
		assert_float_equal(bounds.least, least, 1e-6);
		assert_float_equal(bounds.most, least * 2, 1e-6);
	}
}

static void test_tenth_and_later_retries_wait_alike(void **state)
{
	(void)state;
	for (unsigned n = 10; n < 100; n += 30) {
		assert_float_equal(retry_bounds(n, 5, 2000).least, 2560, 1e-6);
		assert_float_equal(retry_bounds(n, 5, 2000).most, 5120, 1e-6);
	}
}

static void test_interval_and_multiplier_are_the_devices_own(void **state)
{
	(void)state;
	assert_float_equal(retry_bounds(1, 3, 1500).least, 3, 1e-6);
	assert_float_equal(retry_bounds(1, 3, 1500).most, 4.5, 1e-6);
	assert_float_equal(retry_bounds(2, 3, 1500).most, 6.75, 1e-6);
}

static void test_periodic_informs_keep_their_phase(void **state)
{
	(void)state;
	assert_int_equal(periodic_next(1000, 300, 1000), 1300);
	assert_int_equal(periodic_next(1000, 300, 1299), 1300);
	assert_int_equal(periodic_next(1000, 300, 1300), 1600);
	/* a phase in the future counts backwards */
	assert_int_equal(periodic_next(10000, 300, 1000), 1300);
	assert_int_equal(periodic_next(10001, 300, 1000), 1001);
}

static void test_times_are_read_with_any_zone(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		time_t time;
	} times[] = {
		{ "1970-01-01T00:00:10Z", 10 },
		{ "2025-03-02T14:21:07Z", 1740925267 },
		{ "2025-03-02T15:21:07+01:00", 1740925267 },
		{ "2025-03-02T09:51:07.250-04:30", 1740925267 },
		{ "2025-03-02T14:21:07", 1740925267 },
	};
	for (size_t i = 0; i < LENGTH_OF(times); i++) {
		time_t time = 0;
		assert_true(time_parse(times[i].text, &time));
		assert_int_equal(time, times[i].time);
	}
}

static void test_unknown_and_relative_times_are_no_phase(void **state)
{
	(void)state;
	time_t time;
	assert_false(time_parse("0001-01-01T00:00:00Z", &time));
	assert_false(time_parse("0001-01-03T03:04:05", &time));
	assert_false(time_parse("", &time));
	assert_false(time_parse("tomorrow", &time));
}

static void test_time_is_written_in_utc(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(time_text(arena, 1740925267), "2025-03-02T14:21:07Z");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_retries_follow_the_table),
		cmocka_unit_test(test_tenth_and_later_retries_wait_alike),
		cmocka_unit_test(test_interval_and_multiplier_are_the_devices_own),
		cmocka_unit_test(test_periodic_informs_keep_their_phase),
		cmocka_unit_test(test_times_are_read_with_any_zone),
		cmocka_unit_test(test_unknown_and_relative_times_are_no_phase),
		cmocka_unit_test(test_time_is_written_in_utc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
