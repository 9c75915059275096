/* How much of what anybody can cause gets into the audit. The clock is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "acs/refusals.h"

#define MINUTE UINT64_C(60000000)

enum { PER_MINUTE = 100, PER_ADDRESS = 10 };

static struct refusals *refusals;
static uint64_t now_us, left_out;

static int set_up(void **state)
{
	(void)state;
	now_us = 1000 * MINUTE;
	refusals = refusals_new(PER_MINUTE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	refusals_free(refusals);
	return 0;
}

static bool is_written(const char *address, const char *what)
{
	return refusals_admit(refusals, address, what, now_us, &left_out);
}

/* How many of so many different ones, of as many addresses. */
static unsigned count_written(unsigned count, unsigned addresses, const char *kind)
{
	unsigned written = 0;
	for (unsigned i = 0; i < count; i++) {
		char address[32], what[32];
		snprintf(address, sizeof(address), "192.0.2.%u", i % addresses);
		snprintf(what, sizeof(what), "%s %u", kind, i);
		written += is_written(address, what);
	}
	return written;
}

static void test_the_same_is_written_once_a_minute_and_counted_meanwhile(void **state)
{
	(void)state;
	assert_true(is_written("::1", "a"));
	for (int i = 0; i < 50; i++)
		assert_false(is_written("::1", "a"));
	now_us += MINUTE;
	assert_true(is_written("::1", "a"));
	assert_int_equal(left_out, 50);
	now_us += MINUTE;
	assert_true(is_written("::1", "a"));
	assert_int_equal(left_out, 0);
}

static void test_an_address_fills_no_more_than_its_share(void **state)
{
	(void)state;
	assert_int_equal(count_written(1000, 1, "flood"), PER_ADDRESS);
	assert_true(is_written("198.51.100.1", "something else"));
	now_us += MINUTE / 2;
	assert_int_equal(count_written(1000, 1, "still"), PER_ADDRESS / 2);
}

static void test_many_addresses_fill_no_more_than_there_is(void **state)
{
	(void)state;
	assert_int_equal(count_written(20000, 200, "flood"), PER_MINUTE);
	now_us += MINUTE / 10;
	assert_int_equal(count_written(20000, 200, "still"), PER_MINUTE / 10);
}

static void test_none_is_written_where_none_is_wanted(void **state)
{
	(void)state;
	refusals_free(refusals);
	refusals = refusals_new(0);
	assert_int_equal(count_written(10, 10, "any"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_is_written_once_a_minute_and_counted_meanwhile),
		TEST(test_an_address_fills_no_more_than_its_share),
		TEST(test_many_addresses_fill_no_more_than_there_is),
		TEST(test_none_is_written_where_none_is_wanted),
	};
	return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
