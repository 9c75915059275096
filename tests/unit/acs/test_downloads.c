/* How many downloads there are at once, and when the next piece of one may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "acs/files/downloads.h"

static const struct config config = {
	.files = { .downloads = 3, .downloads_per_device = 2, .bytes_per_second = 1000 },
};

static void test_each_device_and_all_together_have_a_limit(void **state)
{
	(void)state;
	struct downloads *downloads = downloads_new(&config);
	assert_int_equal(downloads_begin(downloads, 1), 0);
	assert_int_equal(downloads_begin(downloads, 1), 0);
	assert_int_equal(downloads_begin(downloads, 1), 429);
	assert_int_equal(downloads_begin(downloads, 2), 0);
	assert_int_equal(downloads_begin(downloads, 3), 503);
	assert_int_equal(downloads_begin(downloads, 1), 429);
	downloads_free(downloads);
}

static void test_a_download_that_ended_makes_room(void **state)
{
	(void)state;
	struct downloads *downloads = downloads_new(&config);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(downloads_begin(downloads, 1), 0);
		assert_int_equal(downloads_begin(downloads, 1), 0);
		assert_int_equal(downloads_begin(downloads, 1), 429);
		downloads_end(downloads, 1);
		downloads_end(downloads, 1);
	}
	downloads_free(downloads);
}

static void test_pieces_go_one_after_the_other_at_the_rate(void **state)
{
	(void)state;
	struct download_pace pace = { .bytes_per_second = 1000 };
	assert_int_equal(download_pace_take(&pace, 500, 7000000), 7000000);
	assert_int_equal(download_pace_take(&pace, 500, 7000000), 7500000);
	assert_int_equal(download_pace_take(&pace, 500, 7100000), 8000000);
	/* Time that nobody used is not saved up. */
	assert_int_equal(download_pace_take(&pace, 500, 20000000), 20000000);
	assert_int_equal(download_pace_take(&pace, 500, 20000000), 20500000);
}

static void test_all_downloads_share_one_rate(void **state)
{
	(void)state;
	struct downloads *downloads = downloads_new(&config);
	assert_int_equal(downloads_take(downloads, 1000, 1000000), 1000000);
	assert_int_equal(downloads_take(downloads, 1000, 1000000), 2000000);
	downloads_free(downloads);
}

static void test_without_a_rate_everything_goes_at_once(void **state)
{
	(void)state;
	struct download_pace pace = { 0 };
	assert_int_equal(download_pace_take(&pace, 1 << 30, 5), 5);
	assert_int_equal(download_pace_take(&pace, 1 << 30, 5), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_device_and_all_together_have_a_limit),
		cmocka_unit_test(test_a_download_that_ended_makes_room),
		cmocka_unit_test(test_pieces_go_one_after_the_other_at_the_rate),
		cmocka_unit_test(test_all_downloads_share_one_rate),
		cmocka_unit_test(test_without_a_rate_everything_goes_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
