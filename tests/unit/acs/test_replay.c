/* Answers to digest challenges that are given again. Time is what the nonces tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "acs/replay.h"

enum { NOW = 1700000000 };

static const uint8_t key[32] = "the key of our nonces";
static struct replays *replays;
static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	replays = replays_new(NOW);
	return 0;
}

static int end(void **state)
{
	(void)state;
	replays_free(replays);
	arena_free(arena);
	return 0;
}

static bool counts(const char *nonce, const char *username, const char *nc)
{
	const struct http_authorization answer = {
		.nonce = nonce, .username = username, .qop = nc ? "auth" : NULL, .nc = nc
	};
	return replay_count(replays, &answer);
}

static void test_an_answer_counts_once(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, NOW);
	assert_true(counts(nonce, "u", "00000001"));
	assert_false(counts(nonce, "u", "00000001"));
	assert_true(counts(nonce, "u", "00000002"));
	assert_false(counts(nonce, "u", "00000002"));
	assert_false(counts(nonce, "u", "00000001"));
}

static void test_requests_may_overtake_each_other(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, NOW);
	assert_true(counts(nonce, "u", "00000009"));
	assert_true(counts(nonce, "u", "00000008"));
	assert_true(counts(nonce, "u", "0000000a"));
	assert_false(counts(nonce, "u", "00000008"));
}

static void test_what_is_too_old_to_be_remembered_is_not_new(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, NOW);
	assert_true(counts(nonce, "u", "00000001"));
	assert_true(counts(nonce, "u", "00000100"));
	assert_false(counts(nonce, "u", "000000c0"));
	assert_true(counts(nonce, "u", "000000c1"));
}

static void test_an_answer_without_a_count_is_good_once(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, NOW);
	assert_true(counts(nonce, "u", NULL));
	assert_false(counts(nonce, "u", NULL));
	assert_false(counts(nonce, "u", "nonsense"));
}

static void test_devices_that_share_a_nonce_are_counted_apart(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, NOW);
	assert_true(counts(nonce, "one", "00000001"));
	assert_true(counts(nonce, "other", "00000001"));
	assert_false(counts(nonce, "one", "00000001"));
}

static void test_a_nonce_from_before_the_start_is_used_up(void **state)
{
	(void)state;
	assert_false(counts(digest_nonce(arena, key, NOW - 1), "u", "00000001"));
	assert_true(counts(digest_nonce(arena, key, NOW), "u", "00000001"));
}

/* Many more than there is room for: the oldest are pushed out, and none of those is taken for new. */
static void test_what_was_pushed_out_is_used_up(void **state)
{
	(void)state;
	enum { OLD = 2000, FLOOD = 400000 };
	const char *nonces[OLD];
	for (int i = 0; i < OLD; i++) {
		nonces[i] = digest_nonce(arena, key, NOW + 1);
		assert_true(counts(nonces[i], "u", "00000001"));
	}
	char nonce[57] = "0000000065540000ffffffffffffffffffffffffffffffffffffffff";
	for (unsigned i = 0; i < FLOOD; i++) {
		snprintf(nonce + 8, 49, "%08x%040u", NOW + 2 + i / 1000, i);
		assert_true(counts(nonce, "v", "00000001"));
	}
	for (int i = 0; i < OLD; i++)
		assert_false(counts(nonces[i], "u", "00000001"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_an_answer_counts_once),
		TEST(test_requests_may_overtake_each_other),
		TEST(test_what_is_too_old_to_be_remembered_is_not_new),
		TEST(test_an_answer_without_a_count_is_good_once),
		TEST(test_devices_that_share_a_nonce_are_counted_apart),
		TEST(test_a_nonce_from_before_the_start_is_used_up),
		TEST(test_what_was_pushed_out_is_used_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
