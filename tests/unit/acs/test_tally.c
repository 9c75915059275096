/* What the hot path counts, added up over threads, and its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "acs/tally.h"

static bool has_text(const char *text)
{
	struct buffer out = { 0 };
	tally_write(&out);
	const bool found = strstr(out.data, text) != NULL;
	buffer_clear(&out);
	return found;
}

static void *count(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 10000; i++) {
		tally_turn(CWMP_INFORM, i % 2 ? 200 : 503);
		tally_observe(TALLY_BATCH, i % 4 + 1);
	}
	return NULL;
}

static void test_the_counts_of_all_threads_are_added_up_when_they_have_ended(void **state)
{
	pthread_t threads[4];
	(void)state;
	for (unsigned i = 0; i < LENGTH_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (unsigned i = 0; i < LENGTH_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_true(has_text("\nacs_turns_total{method=\"Inform\",status=\"200\"} 20000\n"));
	assert_true(has_text("\nacs_turns_total{method=\"Inform\",status=\"503\"} 20000\n"));
	assert_true(has_text("\nacs_inform_batch_size_bucket{le=\"1\"} 10000\n"
			     "acs_inform_batch_size_bucket{le=\"2\"} 20000\n"
			     "acs_inform_batch_size_bucket{le=\"4\"} 40000\n"));
	assert_true(has_text("\nacs_inform_batch_size_bucket{le=\"+Inf\"} 40000\n"
			     "acs_inform_batch_size_sum 100000\n"
			     "acs_inform_batch_size_count 40000\n"));
}

static void test_times_are_told_in_seconds_and_fall_below_their_bound(void **state)
{
	(void)state;
	tally_observe(TALLY_DECODE, 10);
	tally_observe(TALLY_DECODE, 11);
	tally_observe(TALLY_DECODE, 20000000);
	assert_true(has_text("\nacs_decode_seconds_bucket{le=\"1e-05\"} 1\n"
			     "acs_decode_seconds_bucket{le=\"2.5e-05\"} 2\n"));
	assert_true(has_text("\nacs_decode_seconds_bucket{le=\"10\"} 2\n"
			     "acs_decode_seconds_bucket{le=\"+Inf\"} 3\n"
			     "acs_decode_seconds_sum 20.000021\n"
			     "acs_decode_seconds_count 3\n"));
}

static void test_an_empty_request_and_a_strange_method_and_status_have_words(void **state)
{
	(void)state;
	tally_turn(CWMP_METHOD_COUNT, 204);
	tally_turn(CWMP_UNKNOWN_METHOD, 0);
	tally_turn(CWMP_KICKED, 418);
	assert_true(has_text("\nacs_turns_total{method=\"empty\",status=\"204\"} 1\n"));
	assert_true(has_text("\nacs_turns_total{method=\"other\",status=\"gone\"} 1\n"));
	assert_true(has_text("\nacs_turns_total{method=\"Kicked\",status=\"other\"} 1\n"));
}

static void test_a_limit_never_hit_is_told_as_zero(void **state)
{
	(void)state;
	tally_limit(LIMIT_SESSIONS);
	assert_true(has_text("\nacs_limit_hits_total{limit=\"cwmp.sessions\"} 1\n"));
	assert_true(has_text("\nacs_limit_hits_total{limit=\"tasks.queue\"} 0\n"));
	assert_int_equal(tally_limit_hits(LIMIT_SESSIONS), 1);
}

static void test_hits_and_misses_of_a_cache_stand_apart(void **state)
{
	(void)state;
	tally_cache(CACHE_CREDENTIAL, true);
	tally_cache(CACHE_CREDENTIAL, true);
	tally_cache(CACHE_CREDENTIAL, false);
	assert_true(has_text("\nacs_cache_hits_total{cache=\"credential\"} 2\n"));
	assert_true(has_text("\nacs_cache_misses_total{cache=\"credential\"} 1\n"));
}

static void test_faults_and_ends_of_sessions_are_counted_by_their_kind(void **state)
{
	(void)state;
	tally_fault(8005);
	tally_session_begun();
	tally_session_over(TALLY_SESSION_BROKEN_OFF);
	assert_true(has_text("\nacs_faults_total{code=\"8005\"} 1\n"));
	assert_true(has_text("\nacs_sessions_begun_total 1\n"));
	assert_true(has_text("\nacs_sessions_total{outcome=\"broken off\"} 1\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_counts_of_all_threads_are_added_up_when_they_have_ended),
		cmocka_unit_test(test_times_are_told_in_seconds_and_fall_below_their_bound),
		cmocka_unit_test(test_an_empty_request_and_a_strange_method_and_status_have_words),
		cmocka_unit_test(test_a_limit_never_hit_is_told_as_zero),
		cmocka_unit_test(test_hits_and_misses_of_a_cache_stand_apart),
		cmocka_unit_test(test_faults_and_ends_of_sessions_are_counted_by_their_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
