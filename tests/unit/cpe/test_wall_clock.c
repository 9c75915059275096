/* Tests of cpe/wall_clock: delays that are never too short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cpe/wall_clock.h"

static double seconds(struct timeval wait)
{
	return (double)wait.tv_sec + (double)wait.tv_usec / 1e6;
}

/* So that a delay is asked for at every part of a second. */
static void pass_some_time(void)
{
	const struct timespec part = { .tv_nsec = 50 * 1000 * 1000 };
	nanosleep(&part, NULL);
}

static void test_no_delay_is_now(void **state)
{
	(void)state;
	const time_t before = time(NULL), moment = wall_clock_after(0);
	assert_true(moment >= before && moment <= time(NULL));
}

static void test_a_delay_ends_neither_early_nor_a_second_late(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++, pass_some_time()) {
		const double wait = seconds(wall_clock_wait(wall_clock_after(2)));
		assert_true(wait > 1.99 && wait <= 3);
	}
}

static void test_what_has_passed_is_not_waited_for(void **state)
{
	(void)state;
	assert_float_equal(seconds(wall_clock_wait(time(NULL))), 0, 0);
	assert_float_equal(seconds(wall_clock_wait(time(NULL) - 1000)), 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_delay_is_now),
		cmocka_unit_test(test_a_delay_ends_neither_early_nor_a_second_late),
		cmocka_unit_test(test_what_has_passed_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
