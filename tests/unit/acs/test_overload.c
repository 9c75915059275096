/* Admission by what requests wait, and the places of those who are to come back. The clock is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "acs/overload.h"

enum { MS = 1000, SECOND = 1000000 };

static struct overload o;
static uint64_t now_us;

static int set_up(void **state)
{
	(void)state;
	now_us = 100 * (uint64_t)SECOND;
	overload_init(&o,
		&(const struct overload_settings){ .most_us = 200 * MS,
			.most_waiting = 3000,
			.retry_after_seconds = 10,
			.retry_after_max_seconds = 100 },
		now_us);
	return 0;
}

static bool refuses(void)
{
	return overload_refuses(&o, LANE_NEW_CONNECTION, now_us, false);
}

/* Requests come for so long, each of which had waited. */
static void arrive(unsigned for_ms, unsigned waited_ms)
{
	for (unsigned i = 0; i <= for_ms; i += 5) {
		overload_arrived(&o, LANE_NEW_CONNECTION, now_us, waited_ms * MS);
		now_us += 5 * MS;
	}
}

/* For so long, as many turns wait as may, and each gets its answer after waited_ms. */
static void serve(unsigned for_ms, unsigned waited_ms)
{
	for (unsigned i = 0; i < for_ms; i++) {
		while (o.waiting < o.room)
			overload_asked(&o);
		overload_answered(&o, now_us, waited_ms * MS);
		overload_served(&o);
		now_us += MS;
	}
}

static void test_a_stall_that_is_over_soon_refuses_nobody(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		overload_arrived(&o, LANE_NEW_CONNECTION, now_us, 900 * MS);
		now_us += 100;
		assert_false(refuses());
	}
	arrive(1, 1);
	now_us += SECOND / 10;
	assert_false(refuses());
}

static void test_a_queue_that_stands_refuses_until_somebody_comes_through_in_time(void **state)
{
	(void)state;
	arrive(300, 300);
	assert_true(refuses());
	overload_arrived(&o, LANE_NEW_CONNECTION, now_us, 10 * MS);
	assert_false(refuses());
}

static void test_what_comes_in_time_on_kept_connections_hides_no_queue_of_new_ones(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		overload_arrived(&o, LANE_NEW_CONNECTION, now_us, 300 * MS);
		overload_arrived(&o, LANE_KEPT_CONNECTION, now_us, 1 * MS);
		now_us += 5 * MS;
	}
	assert_true(overload_refuses(&o, LANE_NEW_CONNECTION, now_us, false));
	assert_false(overload_refuses(&o, LANE_KEPT_CONNECTION, now_us, false));
}

static void test_single_late_requests_with_pauses_between_are_no_queue(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		overload_arrived(&o, LANE_NEW_CONNECTION, now_us, 900 * MS);
		assert_false(refuses());
		now_us += 2 * SECOND;
	}
}

static void test_no_more_turns_wait_for_the_database_than_there_is_room(void **state)
{
	(void)state;
	while (!refuses())
		overload_asked(&o);
	assert_int_equal(o.waiting, o.room);
	assert_false(overload_refuses(&o, LANE_NEW_CONNECTION, now_us, true));
	while (!overload_refuses(&o, LANE_NEW_CONNECTION, now_us, true))
		overload_asked(&o);
	assert_int_equal(o.waiting, 4 * o.room);
	for (unsigned left = o.waiting; left >= o.room; left--)
		overload_abandoned(&o);
	assert_false(refuses());
}

static void test_room_shrinks_when_turns_wait_long_but_not_to_nothing(void **state)
{
	(void)state;
	serve(5000, 10);
	const unsigned before = o.room;
	serve(1000, 250);
	assert_true(o.room < before / 2);
	serve(20000, 250);
	assert_int_equal(o.room, 128);
}

static void test_one_slow_answer_among_fast_ones_changes_nothing(void **state)
{
	(void)state;
	const unsigned before = o.room;
	for (unsigned i = 0; i < 1000; i++) {
		overload_asked(&o);
		overload_answered(&o, now_us, i % 100 ? 1 * MS : 3 * SECOND);
		now_us += MS;
	}
	assert_int_equal(o.room, before);
}

static void answer_one_by_one(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		overload_asked(&o);
		overload_answered(&o, now_us, 1 * MS);
		now_us += MS;
	}
}

static void test_calm_times_make_room_for_a_burst_again(void **state)
{
	(void)state;
	serve(20000, 250);
	assert_int_equal(o.room, 128);
	while (o.waiting)
		overload_abandoned(&o);
	answer_one_by_one(10000);
	assert_in_range(o.room, 1000, 1100);
}

static void test_room_grows_only_when_it_was_full_and_up_to_the_setting(void **state)
{
	(void)state;
	const unsigned before = o.room;
	answer_one_by_one(1000);
	assert_int_equal(o.room, before);
	serve(10000, 10);
	assert_int_equal(o.room, 3000);
}

static void test_retry_after_is_at_least_the_setting_and_spread(void **state)
{
	(void)state;
	const unsigned first = overload_retry_after(&o, now_us, 0);
	const unsigned last = overload_retry_after(&o, now_us, UINT32_MAX);
	assert_int_equal(first, 10);
	assert_int_equal(last, 12);
}

static void test_places_are_given_twice_as_fast_as_others_were_served(void **state)
{
	(void)state;
	serve(5000, 10); /* a thousand a second */
	unsigned seconds = 0;
	for (unsigned i = 0; i < 20000; i++)
		seconds = overload_retry_after(&o, now_us, 0);
	assert_in_range(seconds, 18, 22);
	now_us += 20 * (uint64_t)SECOND;
	assert_in_range(overload_retry_after(&o, now_us, 0), 10, 12);
}

static void test_beyond_the_longest_wait_places_are_drawn_from_its_later_half(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		overload_retry_after(&o, now_us, 0);
	assert_int_equal(overload_retry_after(&o, now_us, 0), 55);
	assert_in_range(overload_retry_after(&o, now_us, UINT32_MAX), 99, 100);
	assert_in_range(overload_retry_after(&o, now_us, UINT32_MAX / 2), 76, 78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_stall_that_is_over_soon_refuses_nobody, set_up),
		cmocka_unit_test_setup(
			test_a_queue_that_stands_refuses_until_somebody_comes_through_in_time,
			set_up),
		cmocka_unit_test_setup(
			test_what_comes_in_time_on_kept_connections_hides_no_queue_of_new_ones,
			set_up),
		cmocka_unit_test_setup(
			test_single_late_requests_with_pauses_between_are_no_queue, set_up),
		cmocka_unit_test_setup(
			test_no_more_turns_wait_for_the_database_than_there_is_room, set_up),
		cmocka_unit_test_setup(
			test_room_shrinks_when_turns_wait_long_but_not_to_nothing, set_up),
		cmocka_unit_test_setup(
			test_one_slow_answer_among_fast_ones_changes_nothing, set_up),
		cmocka_unit_test_setup(test_calm_times_make_room_for_a_burst_again, set_up),
		cmocka_unit_test_setup(
			test_room_grows_only_when_it_was_full_and_up_to_the_setting, set_up),
		cmocka_unit_test_setup(test_retry_after_is_at_least_the_setting_and_spread, set_up),
		cmocka_unit_test_setup(
			test_places_are_given_twice_as_fast_as_others_were_served, set_up),
		cmocka_unit_test_setup(
			test_beyond_the_longest_wait_places_are_drawn_from_its_later_half, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
