/* Tests of cpe/windows: when a ScheduleDownload may run, TR-069 A.4.1.8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cpe/transfer/windows.h"

enum { NOW = 1000 };

/* Windows of modes[i] at 10 to 20 and 30 to 40 seconds after NOW. */
static bool make(struct windows *windows, size_t count, const char *mode, int max_retries)
{
	struct cwmp_time_window from[] = {
		{ .start = 10, .end = 20, .mode = mode, .max_retries = max_retries },
		{ .start = 30, .end = 40, .mode = mode, .max_retries = max_retries },
	};
	const struct cwmp_schedule_download request = { .windows = from, .window_count = count };
	return windows_set(windows, &request, NOW);
}

static void assert_waits(struct windows *windows, time_t now, time_t expected)
{
	time_t until = 0;
	assert_int_equal(windows_check(windows, now, &until), WINDOWS_WAIT);
	assert_int_equal(until, expected);
}

static void assert_verdict(struct windows *windows, time_t now, enum windows_verdict expected)
{
	time_t until;
	assert_int_equal(windows_check(windows, now, &until), expected);
}

static void test_window_is_open_from_its_start_to_its_end(void **state)
{
	(void)state;
	struct windows windows;
	assert_true(make(&windows, 2, "2 Immediately", 0));
	assert_waits(&windows, NOW, NOW + 10);
	assert_verdict(&windows, NOW + 10, WINDOWS_OPEN);
	assert_verdict(&windows, NOW + 19, WINDOWS_OPEN);
	assert_waits(&windows, NOW + 20, NOW + 30);
	assert_verdict(&windows, NOW + 39, WINDOWS_OPEN);
	assert_verdict(&windows, NOW + 40, WINDOWS_MISSED);
}

static void test_window_that_needs_confirmation_waits_for_it(void **state)
{
	(void)state;
	struct windows windows;
	assert_true(make(&windows, 1, "4 Confirmation Needed", 0));
	assert_waits(&windows, NOW + 15, NOW + 20);
	windows.is_confirmed = true;
	assert_verdict(&windows, NOW + 15, WINDOWS_OPEN);
	assert_verdict(&windows, NOW + 20, WINDOWS_MISSED);
}

static void test_retries_are_counted_in_each_window(void **state)
{
	(void)state;
	struct windows windows;
	assert_true(make(&windows, 2, "1 At Any Time", 1));
	assert_verdict(&windows, NOW + 10, WINDOWS_OPEN);
	assert_true(windows_retry(&windows));
	assert_verdict(&windows, NOW + 11, WINDOWS_OPEN);
	assert_true(windows_retry(&windows));
	assert_waits(&windows, NOW + 12, NOW + 30);
	assert_verdict(&windows, NOW + 30, WINDOWS_OPEN);
	assert_true(windows_retry(&windows));
	assert_false(windows_retry(&windows));
}

static void test_retries_without_limit_end_with_the_window(void **state)
{
	(void)state;
	struct windows windows;
	assert_true(make(&windows, 1, "3 When Idle", -1));
	for (int i = 0; i < 100; i++)
		assert_true(windows_retry(&windows));
	assert_verdict(&windows, NOW + 20, WINDOWS_MISSED);
	assert_false(windows_retry(&windows));
}

static void test_windows_that_cannot_be_are_refused(void **state)
{
	(void)state;
	struct windows windows;
	assert_false(make(&windows, 0, "2 Immediately", 0));
	assert_false(make(&windows, 1, "2", 0));
	assert_false(make(&windows, 1, "2 Immediately", -2));
	struct cwmp_time_window overlapping[] = {
		{ .start = 0, .end = 10, .mode = "2 Immediately" },
		{ .start = 9, .end = 20, .mode = "2 Immediately" },
	};
	struct cwmp_schedule_download request = { .windows = overlapping, .window_count = 2 };
	assert_false(windows_set(&windows, &request, NOW));
	overlapping[1].start = 10;
	assert_true(windows_set(&windows, &request, NOW));
	overlapping[0].end = 0;
	assert_false(windows_set(&windows, &request, NOW));
}

static void test_windows_come_back_from_the_state(void **state)
{
	(void)state;
	struct windows windows, again;
	assert_true(make(&windows, 2, "4 Confirmation Needed", 3));
	windows.current = 1;
	windows.tries = 2;
	windows.is_confirmed = true;
	json_t *object = windows_to_json(&windows);
	windows_from_json(&again, object);
	json_decref(object);
	assert_memory_equal(&again.items[1], &windows.items[1], sizeof(windows.items[1]));
	assert_int_equal(again.count, 2);
	assert_int_equal(again.current, 1);
	assert_int_equal(again.tries, 2);
	assert_true(again.is_confirmed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_is_open_from_its_start_to_its_end),
		cmocka_unit_test(test_window_that_needs_confirmation_waits_for_it),
		cmocka_unit_test(test_retries_are_counted_in_each_window),
		cmocka_unit_test(test_retries_without_limit_end_with_the_window),
		cmocka_unit_test(test_windows_that_cannot_be_are_refused),
		cmocka_unit_test(test_windows_come_back_from_the_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
