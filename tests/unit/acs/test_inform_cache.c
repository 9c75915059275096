/* test_inform_cache: what a node remembers of devices, and what it forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "acs/inform_cache.h"

/* All ids of the tests are multiples of the number of shards, so they share one. */
enum { SHARDS = 64, ROOM = SHARDS * 16 * 1024, DEVICES = 1000, TOO_MANY = 1001 };

static struct arena *arena;
static struct inform_cache *cache;
static const struct inform_known *known;
static const struct auth_credential *credential;
static uint64_t values[TOO_MANY];

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	cache = inform_cache_new(ROOM);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	inform_cache_free(cache);
	arena_free(arena);
	return 0;
}

static void put(int64_t device, uint64_t news, size_t count)
{
	const struct inform_known told = {
		.hash = { (uint8_t)news }, .news = news, .values = values, .count = count
	};
	inform_cache_put(cache, device * SHARDS, &told, NULL);
}

static bool is_known(int64_t device)
{
	inform_cache_find(cache, device * SHARDS, arena, &known, &credential);
	return known != NULL;
}

static void test_what_was_put_is_found_with_its_credential(void **state)
{
	(void)state;
	static const uint64_t three[] = { 1, 2, 3 };
	const struct inform_known told = { .news = 7, .values = three, .count = 3 };
	const struct auth_credential proven = { "user", "", "md5", "sha256", false };
	inform_cache_put(cache, SHARDS, &told, &proven);
	assert_true(is_known(1));
	assert_int_equal(known->news, 7);
	assert_int_equal(known->count, 3);
	assert_memory_equal(known->values, three, sizeof(three));
	assert_string_equal(credential->username, "user");
	assert_string_equal(credential->realm, "");
	assert_string_equal(credential->ha1_md5, "md5");
	assert_string_equal(credential->ha1_sha256, "sha256");
	assert_false(is_known(2));
	assert_null(credential);
}

static void test_the_latest_inform_counts_alone(void **state)
{
	(void)state;
	put(1, 1, 10);
	const uint64_t bytes = inform_cache_bytes(cache);
	put(1, 2, 10);
	assert_true(is_known(1));
	assert_int_equal(known->news, 2);
	assert_null(credential);
	assert_int_equal(inform_cache_bytes(cache), bytes);
}

static void test_of_an_inform_with_too_many_values_nothing_is_remembered_nor_of_the_one_before(
	void **state)
{
	(void)state;
	put(1, 1, 10);
	put(1, 2, TOO_MANY);
	assert_false(is_known(1));
	assert_int_equal(inform_cache_bytes(cache), 0);
}

static void test_a_device_that_comes_often_stays_while_others_come_and_go(void **state)
{
	(void)state;
	put(1, 1, 10);
	for (int64_t device = 2; device <= DEVICES; device++) {
		put(device, 1, 10);
		assert_true(is_known(1));
	}
	assert_false(is_known(2));
	assert_true(is_known(DEVICES));
	assert_true(inform_cache_bytes(cache) <= ROOM / SHARDS);
}

static void test_a_cache_without_room_remembers_nothing(void **state)
{
	(void)state;
	inform_cache_free(cache);
	cache = inform_cache_new(0);
	put(1, 1, 10);
	assert_false(is_known(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_put_is_found_with_its_credential),
		TEST(test_the_latest_inform_counts_alone),
		TEST(test_of_an_inform_with_too_many_values_nothing_is_remembered_nor_of_the_one_before),
		TEST(test_a_device_that_comes_often_stays_while_others_come_and_go),
		TEST(test_a_cache_without_room_remembers_nothing),
	};
	return cmocka_run_group_tests_name("inform_cache", tests, NULL, NULL);
}
