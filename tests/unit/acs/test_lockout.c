/* Lock-out of who fails to prove who he is, under a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "acs/lockout.h"

#define SECOND UINT64_C(1000000)
#define START (UINT64_C(1000000) * SECOND)

enum { FREE = 3, MOST = 60 };

static int begin(void **state)
{
	*state = lockout_new(FREE, MOST);
	return 0;
}

static int end(void **state)
{
	lockout_free(*state);
	return 0;
}

static struct lockout_keys keys_of(
	struct lockout *all, const char *address, const char *account, const char *token)
{
	struct sockaddr_storage peer = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&peer;
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1)
		peer.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1)
		peer.ss_family = AF_INET6;
	return lockout_keys(all, (struct sockaddr *)&peer, account, token);
}

static void fail_times(
	struct lockout *all, const struct lockout_keys *keys, unsigned times, uint64_t now)
{
	for (unsigned i = 0; i < times; i++)
		(void)lockout_failed(all, keys, now);
}

static void test_the_wait_doubles_with_each_failure_up_to_the_most(void **state)
{
	static const unsigned expected[] = { 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct lockout *all = *state;
	const struct lockout_keys keys = keys_of(all, "192.0.2.1", "alice", NULL);
	uint64_t now = START;
	assert_int_equal(lockout_seconds(all, &keys, now), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(lockout_failed(all, &keys, now), i == FREE);
		assert_int_equal(lockout_seconds(all, &keys, now), expected[i]);
		now += expected[i] * SECOND;
		assert_int_equal(lockout_seconds(all, &keys, now), 0);
	}
}

static void test_an_hour_without_failure_is_a_new_beginning(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys keys = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &keys, 10, START);
	const uint64_t later = START + (3600 + MOST + 1) * SECOND;
	fail_times(all, &keys, FREE, later);
	assert_int_equal(lockout_seconds(all, &keys, later), 0);
}

static void test_an_account_waits_from_every_address_and_an_address_for_every_account(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys alice = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &alice, FREE + 1, START);
	const struct lockout_keys elsewhere = keys_of(all, "192.0.2.2", "alice", NULL);
	const struct lockout_keys bob = keys_of(all, "192.0.2.1", "bob", NULL);
	const struct lockout_keys nobody = keys_of(all, "192.0.2.1", NULL, "token");
	const struct lockout_keys far = keys_of(all, "192.0.2.2", "bob", NULL);
	assert_int_equal(lockout_seconds(all, &elsewhere, START), 1);
	assert_int_equal(lockout_seconds(all, &bob, START), 1);
	assert_int_equal(lockout_seconds(all, &nobody, START), 1);
	assert_int_equal(lockout_seconds(all, &far, START), 0);
}

static void test_success_clears_the_account_and_not_the_address(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys alice = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &alice, FREE, START);
	lockout_succeeded(all, &alice, START);
	const struct lockout_keys elsewhere = keys_of(all, "192.0.2.2", "alice", NULL);
	const struct lockout_keys bob = keys_of(all, "192.0.2.1", "bob", NULL);
	fail_times(all, &elsewhere, 1, START);
	assert_int_equal(lockout_seconds(all, &elsewhere, START), 0);
	fail_times(all, &bob, 1, START);
	assert_int_equal(lockout_seconds(all, &bob, START), 1);
}

static void test_who_came_in_from_here_is_not_locked_out_by_guesses_from_elsewhere(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys home = keys_of(all, "192.0.2.1", "alice", NULL);
	const struct lockout_keys attacker = keys_of(all, "198.51.100.1", "alice", NULL);
	lockout_succeeded(all, &home, START);
	fail_times(all, &attacker, 20, START);
	assert_int_equal(lockout_seconds(all, &attacker, START), MOST);
	assert_int_equal(lockout_seconds(all, &home, START), 0);
	fail_times(all, &home, FREE + 1, START);
	assert_int_equal(lockout_seconds(all, &home, START), 1);
}

static void test_a_token_in_use_is_not_held_by_failures_of_its_address(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys good = keys_of(all, "127.0.0.1", NULL, "good");
	const struct lockout_keys other = keys_of(all, "127.0.0.1", NULL, "other");
	const struct lockout_keys guess = keys_of(all, "127.0.0.1", "alice", "guess");
	lockout_succeeded(all, &good, START);
	fail_times(all, &guess, 20, START);
	assert_int_equal(lockout_seconds(all, &good, START), 0);
	assert_int_equal(lockout_seconds(all, &other, START), MOST);
	assert_int_equal(lockout_seconds(all, &good, START + 86401 * SECOND), 0);
}

static void test_a_token_in_use_is_not_held_by_failures_of_a_name_beside_it(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys bare = keys_of(all, "192.0.2.1", NULL, "good");
	const struct lockout_keys named = keys_of(all, "192.0.2.1", "alice", "good");
	const struct lockout_keys guess = keys_of(all, "192.0.2.1", "alice", "guess");
	const struct lockout_keys elsewhere = keys_of(all, "192.0.2.2", "alice", "other");
	lockout_succeeded(all, &bare, START);
	fail_times(all, &elsewhere, 20, START);
	assert_int_equal(lockout_seconds(all, &named, START), 0);
	assert_int_equal(lockout_seconds(all, &guess, START), MOST);
}

static void test_a_mapped_address_is_the_plain_one_and_ipv6_counts_by_its_first_half(void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys plain = keys_of(all, "192.0.2.1", NULL, NULL);
	const struct lockout_keys mapped = keys_of(all, "::ffff:192.0.2.1", NULL, NULL);
	const struct lockout_keys one = keys_of(all, "2001:db8::1", NULL, NULL);
	const struct lockout_keys same = keys_of(all, "2001:db8::ffff:1", NULL, NULL);
	const struct lockout_keys other = keys_of(all, "2001:db8:0:1::1", NULL, NULL);
	assert_true(plain.address == mapped.address);
	assert_true(one.address == same.address);
	assert_true(one.address != other.address);
}

static void test_a_try_is_counted_before_it_is_checked_and_taken_back_when_it_was_right(
	void **state)
{
	struct lockout *all = *state;
	const struct lockout_keys keys = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &keys, FREE + 1, START);
	assert_int_equal(lockout_seconds(all, &keys, START), 1);
	lockout_take_back(all, &keys, START);
	assert_int_equal(lockout_seconds(all, &keys, START), 0);
	fail_times(all, &keys, 3, START);
	lockout_take_back(all, &keys, START);
	assert_int_equal(lockout_seconds(all, &keys, START), 4);
	lockout_confirm(all, &keys, START + 3 * SECOND);
	assert_int_equal(lockout_seconds(all, &keys, START + 3 * SECOND), 2);
}

static void test_a_flood_of_accounts_takes_no_more_memory_and_frees_nobody_who_waits_long(
	void **state)
{
	struct lockout *all = *state;
	char name[32];
	const struct lockout_keys alice = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &alice, 20, START);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "user %u", i);
		struct lockout_keys other = keys_of(all, "198.51.100.1", name, NULL);
		other.address = 0;
		fail_times(all, &other, 1, START);
	}
	assert_int_equal(lockout_seconds(all, &alice, START), MOST);
}

static void test_without_a_number_nobody_waits(void **state)
{
	(void)state;
	struct lockout *all = lockout_new(0, MOST);
	const struct lockout_keys keys = keys_of(all, "192.0.2.1", "alice", NULL);
	fail_times(all, &keys, 100, START);
	assert_int_equal(lockout_seconds(all, &keys, START), 0);
	lockout_free(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_wait_doubles_with_each_failure_up_to_the_most),
		TEST(test_an_hour_without_failure_is_a_new_beginning),
		TEST(test_an_account_waits_from_every_address_and_an_address_for_every_account),
		TEST(test_success_clears_the_account_and_not_the_address),
		TEST(test_who_came_in_from_here_is_not_locked_out_by_guesses_from_elsewhere),
		TEST(test_a_token_in_use_is_not_held_by_failures_of_its_address),
		TEST(test_a_token_in_use_is_not_held_by_failures_of_a_name_beside_it),
		TEST(test_a_mapped_address_is_the_plain_one_and_ipv6_counts_by_its_first_half),
		TEST(test_a_try_is_counted_before_it_is_checked_and_taken_back_when_it_was_right),
		TEST(test_a_flood_of_accounts_takes_no_more_memory_and_frees_nobody_who_waits_long),
		TEST(test_without_a_number_nobody_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
