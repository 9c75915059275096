/* Devices that come too often, each by itself. The clock is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "acs/pace.h"

#define SECOND UINT64_C(1000000)

enum { DEVICE = 7, INFORMS = 30, BOOTS = 6 };

static struct paces *paces;
static uint64_t now_us;

static int set_up(void **state)
{
	(void)state;
	now_us = 1000 * SECOND;
	paces = paces_new(INFORMS, BOOTS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	paces_free(paces);
	return 0;
}

static unsigned wait_of(int64_t device_id, bool is_boot)
{
	return pace_check(paces, device_id, now_us, is_boot).seconds;
}

/* How many of its Informs are accepted when it tries once a second for so long. */
static unsigned try_each_second(int64_t device_id, unsigned seconds, bool is_boot)
{
	unsigned accepted = 0;
	for (unsigned i = 0; i < seconds; i++, now_us += SECOND) {
		if (wait_of(device_id, is_boot))
			continue;
		pace_note(paces, device_id, now_us, is_boot);
		accepted++;
	}
	return accepted;
}

static bool is_slowed(int64_t device_id)
{
	struct pace_state state;
	return pace_state(paces, device_id, now_us, &state);
}

static void test_a_device_in_a_loop_gets_through_at_its_pace_and_never_not_at_all(void **state)
{
	(void)state;
	assert_in_range(try_each_second(DEVICE, 60, false), 58, 60);
	assert_in_range(try_each_second(DEVICE, 600, false), 299, 301);
	assert_true(is_slowed(DEVICE));
}

static void test_a_boot_loop_is_slowed_while_other_informs_of_it_pass(void **state)
{
	(void)state;
	assert_int_equal(try_each_second(DEVICE, 100, true), BOOTS);
	assert_in_range(wait_of(DEVICE, true), 490, 510);
	assert_int_equal(wait_of(DEVICE, false), 0);
	assert_in_range(try_each_second(DEVICE, 36000, true), 59, 61);
}

static void test_another_device_is_not_slowed(void **state)
{
	(void)state;
	try_each_second(DEVICE, 200, false);
	assert_true(is_slowed(DEVICE));
	assert_false(is_slowed(DEVICE + 1));
	assert_int_equal(wait_of(DEVICE + 1, true), 0);
}

static void test_it_is_news_once_and_forgotten_when_it_calms_down(void **state)
{
	(void)state;
	for (unsigned i = 0; i < INFORMS; i++)
		pace_note(paces, DEVICE, now_us, false);
	assert_true(pace_check(paces, DEVICE, now_us, false).is_news);
	assert_false(pace_check(paces, DEVICE, now_us, false).is_news);
	struct pace_state told;
	assert_true(pace_state(paces, DEVICE, now_us, &told));
	assert_string_equal(told.limit, "cwmp.informs_per_minute");
	assert_int_equal(told.refused, 2);
	assert_int_equal(paces_slowed(paces, now_us), 1);
	now_us += 31 * SECOND;
	assert_false(is_slowed(DEVICE));
	assert_int_equal(paces_slowed(paces, now_us), 0);
}

static void test_a_boot_that_we_ordered_passes_and_does_not_count(void **state)
{
	(void)state;
	assert_int_equal(try_each_second(DEVICE, 30, true), BOOTS);
	const unsigned before = wait_of(DEVICE, true);
	pace_expect(paces, DEVICE, now_us);
	assert_int_equal(wait_of(DEVICE, true), 0);
	pace_note(paces, DEVICE, now_us, true);
	assert_int_equal(wait_of(DEVICE, true), before);
}

static void test_refused_informs_do_not_make_it_wait_longer(void **state)
{
	(void)state;
	try_each_second(DEVICE, 30, true);
	const unsigned before = wait_of(DEVICE, true);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(wait_of(DEVICE, true), before);
}

static void test_a_slowed_device_is_kept_in_mind_while_a_million_others_come(void **state)
{
	(void)state;
	try_each_second(DEVICE, 30, true);
	for (int64_t other = 1000; other < 1001000; other++)
		pace_note(paces, other, now_us, false);
	assert_true(wait_of(DEVICE, true) > 0);
}

static void test_without_limits_nobody_is_slowed(void **state)
{
	(void)state;
	paces_free(paces);
	paces = paces_new(0, 0);
	for (unsigned i = 0; i < 100000; i++)
		pace_note(paces, DEVICE, now_us, true);
	assert_int_equal(wait_of(DEVICE, true), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_device_in_a_loop_gets_through_at_its_pace_and_never_not_at_all),
		TEST(test_a_boot_loop_is_slowed_while_other_informs_of_it_pass),
		TEST(test_another_device_is_not_slowed),
		TEST(test_it_is_news_once_and_forgotten_when_it_calms_down),
		TEST(test_a_boot_that_we_ordered_passes_and_does_not_count),
		TEST(test_refused_informs_do_not_make_it_wait_longer),
		TEST(test_a_slowed_device_is_kept_in_mind_while_a_million_others_come),
		TEST(test_without_limits_nobody_is_slowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
