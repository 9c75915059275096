/* The table of sessions: who finds one, who may hold it, and when it is over.
 * What is freed too early or never is told by the sanitizers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acs/session.h"

enum { NOW = 1000, IDLE_SECONDS = 30, WHOLE_SECONDS = 600, LIMIT = 3, LATE_SECONDS = 10 };
enum { DEVICE = 7, OTHER_DEVICE = 8, CONNECTION = 100, OTHER_CONNECTION = 101 };

static struct sessions *all;

static int begin(void **state)
{
	(void)state;
	all = sessions_new(LIMIT);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sessions_free(all);
	return 0;
}

/* A session whose Inform is committed; still checked out. */
static struct session *informed(int64_t device_id, uint64_t connection_id, int64_t epoch)
{
	struct session *s = session_new(all, NOW);
	s->rpc.device_id = device_id;
	s->rpc.id = "00AA11-Lab-S1";
	s->rpc.epoch = epoch;
	s->connection_id = connection_id;
	s->idle_seconds = IDLE_SECONDS;
	session_set_phase(s, SESSION_CPE_TURN);
	return s;
}

/* The same, with its first turn over. */
static struct session *open_session(int64_t device_id, uint64_t connection_id)
{
	struct session *s = informed(device_id, connection_id, 1);
	assert_null(session_list(s));
	session_check_in(s, NOW);
	return s;
}

static struct session *found(const char *cookie, uint64_t connection_id)
{
	struct session *s = NULL;
	assert_int_equal(session_find(all, cookie, connection_id, NOW, &s), SESSION_FOUND);
	return s;
}

static void assert_finds(enum session_find expected, const char *cookie, uint64_t connection_id)
{
	struct session *s = NULL;
	assert_int_equal(session_find(all, cookie, connection_id, NOW, &s), expected);
	assert_null(s);
}

static void test_session_is_found_by_its_cookie(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	open_session(OTHER_DEVICE, OTHER_CONNECTION);
	assert_ptr_equal(found(s->cookie, OTHER_CONNECTION), s);
	session_check_in(s, NOW);
}

static void test_session_is_found_by_its_connection_when_no_cookie_comes(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	assert_ptr_equal(found(NULL, CONNECTION), s);
	session_check_in(s, NOW);
	assert_finds(SESSION_NOT_FOUND, NULL, OTHER_CONNECTION);
}

static void test_session_of_a_device_with_cookies_is_not_found_by_its_connection(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	found(s->cookie, CONNECTION);
	session_check_in(s, NOW);
	assert_finds(SESSION_NOT_FOUND, NULL, CONNECTION);
}

static void test_wrong_cookie_finds_nothing_even_on_the_right_connection(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	char almost[SESSION_COOKIE_BYTES];
	memcpy(almost, s->cookie, sizeof(almost));
	almost[0] = almost[0] == '0' ? '1' : '0';
	assert_finds(SESSION_NOT_FOUND, almost, CONNECTION);
	assert_finds(SESSION_NOT_FOUND, "", CONNECTION);
	almost[8] = '\0';
	assert_finds(SESSION_NOT_FOUND, almost, CONNECTION);
}

static void test_cookies_are_never_the_same(void **state)
{
	(void)state;
	struct session *one = session_new(all, NOW), *two = session_new(all, NOW);
	assert_int_equal(strlen(one->cookie), SESSION_COOKIE_BYTES - 1);
	assert_string_not_equal(one->cookie, two->cookie);
	assert_null(strstr(one->cookie, one->name));
	session_free(one);
	session_free(two);
}

static void test_session_follows_its_cookie_to_another_connection(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	session_check_in(found(s->cookie, OTHER_CONNECTION), NOW);
	assert_ptr_equal(found(s->cookie, CONNECTION), s);
	session_check_in(s, NOW);
}

static void test_session_is_busy_while_a_turn_holds_it(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	found(NULL, CONNECTION);
	assert_finds(SESSION_BUSY, s->cookie, CONNECTION);
	assert_finds(SESSION_BUSY, NULL, CONNECTION);
	session_check_in(s, NOW);
	session_check_in(found(s->cookie, CONNECTION), NOW);
}

static void test_session_that_is_not_committed_cannot_be_found(void **state)
{
	(void)state;
	struct session *s = informed(DEVICE, CONNECTION, 1);
	assert_finds(SESSION_NOT_FOUND, s->cookie, CONNECTION);
	assert_finds(SESSION_NOT_FOUND, NULL, CONNECTION);
	assert_int_equal(sessions_count(all), 0);
	session_check_in(s, NOW);
}

static void test_new_session_of_a_device_ends_its_older_one(void **state)
{
	(void)state;
	struct session *older = open_session(DEVICE, CONNECTION);
	char cookie[SESSION_COOKIE_BYTES];
	memcpy(cookie, older->cookie, sizeof(cookie));
	struct session *newer = informed(DEVICE, OTHER_CONNECTION, 2);
	assert_ptr_equal(session_list(newer), older);
	assert_int_equal(sessions_count(all), 1);
	session_free(older);
	session_check_in(newer, NOW);
	assert_finds(SESSION_NOT_FOUND, cookie, CONNECTION);
	session_check_in(found(newer->cookie, OTHER_CONNECTION), NOW);
}

static void test_older_session_that_a_turn_holds_is_gone_when_that_turn_ends(void **state)
{
	(void)state;
	struct session *older = open_session(DEVICE, CONNECTION);
	char cookie[SESSION_COOKIE_BYTES];
	memcpy(cookie, older->cookie, sizeof(cookie));
	found(cookie, CONNECTION);
	struct session *newer = informed(DEVICE, OTHER_CONNECTION, 2);
	assert_null(session_list(newer));
	session_check_in(newer, NOW);
	assert_true(older->is_dropped);
	assert_false(session_check_in(older, NOW));
	session_free(older);
	assert_finds(SESSION_NOT_FOUND, cookie, CONNECTION);
	assert_int_equal(sessions_count(all), 1);
}

static void test_of_two_informs_at_once_the_one_that_committed_last_wins(void **state)
{
	(void)state;
	struct session *first = informed(DEVICE, CONNECTION, 1);
	struct session *last = informed(DEVICE, OTHER_CONNECTION, 2);
	assert_null(session_list(last));
	session_check_in(last, NOW);
	assert_null(session_list(first));
	assert_true(first->is_dropped);
	assert_false(session_check_in(first, NOW));
	session_free(first);
	assert_int_equal(sessions_count(all), 1);
	session_check_in(found(last->cookie, OTHER_CONNECTION), NOW);
}

static void test_second_device_on_a_connection_takes_it_and_the_first_keeps_its_cookie(void **state)
{
	(void)state;
	struct session *first = open_session(DEVICE, CONNECTION);
	struct session *second = open_session(OTHER_DEVICE, CONNECTION);
	assert_ptr_equal(found(NULL, CONNECTION), second);
	session_free(second);
	assert_finds(SESSION_NOT_FOUND, NULL, CONNECTION);
	session_check_in(found(first->cookie, CONNECTION), NOW);
	assert_int_equal(sessions_count(all), 1);
}

static struct session *ended_session(void)
{
	struct session *s = open_session(DEVICE, CONNECTION);
	found(s->cookie, CONNECTION);
	session_set_phase(s, SESSION_ENDED);
	session_check_in(s, NOW);
	return s;
}

static void test_ended_session_answers_late_posts_but_is_not_counted(void **state)
{
	(void)state;
	struct session *s = ended_session();
	assert_int_equal(sessions_count(all), 0);
	assert_ptr_equal(found(s->cookie, OTHER_CONNECTION), s);
	session_check_in(s, NOW);
	assert_int_equal(sessions_count(all), 0);
	assert_finds(SESSION_NOT_FOUND, NULL, CONNECTION);
	assert_finds(SESSION_NOT_FOUND, NULL, OTHER_CONNECTION);
}

static void test_ended_session_is_forgotten_after_a_while(void **state)
{
	(void)state;
	char cookie[SESSION_COOKIE_BYTES];
	memcpy(cookie, ended_session()->cookie, sizeof(cookie));
	assert_null(sessions_next_expired(all, NOW + LATE_SECONDS, WHOLE_SECONDS));
	session_check_in(found(cookie, CONNECTION), NOW);
	assert_null(sessions_next_expired(all, NOW + LATE_SECONDS + 1, WHOLE_SECONDS));
	assert_finds(SESSION_NOT_FOUND, cookie, CONNECTION);
}

static void test_ended_session_is_not_superseded(void **state)
{
	(void)state;
	struct session *older = ended_session();
	struct session *newer = informed(DEVICE, CONNECTION, 2);
	assert_null(session_list(newer));
	session_check_in(newer, NOW);
	assert_int_equal(sessions_count(all), 1);
	session_check_in(found(older->cookie, CONNECTION), NOW);
	assert_ptr_equal(found(NULL, CONNECTION), newer);
	session_check_in(newer, NOW);
}

static void test_idle_session_expires(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	assert_null(sessions_next_expired(all, NOW + IDLE_SECONDS, WHOLE_SECONDS));
	assert_ptr_equal(sessions_next_expired(all, NOW + IDLE_SECONDS + 1, WHOLE_SECONDS), s);
	assert_int_equal(sessions_count(all), 0);
	assert_null(sessions_next_expired(all, NOW + IDLE_SECONDS + 1, WHOLE_SECONDS));
	session_free(s);
}

static void test_request_keeps_a_session_alive_until_its_whole_time_is_over(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	const time_t late = NOW + WHOLE_SECONDS;
	for (time_t now = NOW; now <= late; now += IDLE_SECONDS) {
		assert_int_equal(session_find(all, s->cookie, CONNECTION, now, &s), SESSION_FOUND);
		session_check_in(s, now);
	}
	assert_null(sessions_next_expired(all, late, WHOLE_SECONDS));
	assert_ptr_equal(sessions_next_expired(all, late + 1, WHOLE_SECONDS), s);
	session_free(s);
}

static void test_idle_session_is_not_found_though_nobody_has_taken_it_out(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION), *out;
	const time_t last = NOW + IDLE_SECONDS;
	assert_int_equal(
		session_find(all, s->cookie, CONNECTION, last + 1, &out), SESSION_NOT_FOUND);
	assert_int_equal(session_find(all, NULL, CONNECTION, last + 1, &out), SESSION_NOT_FOUND);
	assert_int_equal(session_find(all, s->cookie, CONNECTION, last, &out), SESSION_FOUND);
	session_check_in(out, last);
}

static const struct auth_credential user = { .username = "user" };

/* A session that this address and user name began. */
static struct session *session_of_client(
	int64_t device_id, uint64_t connection_id, const char *address)
{
	struct session *s = informed(device_id, connection_id, 1);
	s->credential = &user;
	s->rpc.source_address = address;
	assert_null(session_list(s));
	session_check_in(s, NOW);
	return s;
}

static enum session_find find_client(
	const char *address, const char *username, struct session **out)
{
	return session_find_by_client(all, address, username, NOW, out);
}

static void test_session_follows_its_client_to_another_connection(void **state)
{
	(void)state;
	struct session *s = session_of_client(DEVICE, CONNECTION, "192.0.2.1"), *out;
	assert_int_equal(find_client("192.0.2.2", "user", &out), SESSION_NOT_FOUND);
	assert_int_equal(find_client("192.0.2.1", "other", &out), SESSION_NOT_FOUND);
	assert_int_equal(find_client("192.0.2.1", "user", &out), SESSION_FOUND);
	assert_ptr_equal(out, s);
	assert_int_equal(find_client("192.0.2.1", "user", &out), SESSION_BUSY);
	session_check_in(s, NOW);
	/* What was not proved changes nothing. */
	assert_finds(SESSION_NOT_FOUND, NULL, OTHER_CONNECTION);
	session_prove(found(NULL, CONNECTION), OTHER_CONNECTION);
	session_check_in(s, NOW);
	assert_finds(SESSION_NOT_FOUND, NULL, CONNECTION);
	session_check_in(found(NULL, OTHER_CONNECTION), NOW);
}

static void test_client_of_two_sessions_finds_none(void **state)
{
	(void)state;
	session_of_client(DEVICE, CONNECTION, "192.0.2.1");
	struct session *out;
	struct session *second = session_of_client(OTHER_DEVICE, OTHER_CONNECTION, "192.0.2.1");
	assert_int_equal(find_client("192.0.2.1", "user", &out), SESSION_NOT_FOUND);
	session_free(found(second->cookie, OTHER_CONNECTION));
	assert_int_equal(find_client("192.0.2.1", "user", &out), SESSION_NOT_FOUND);
}

static void test_client_that_returns_cookies_is_not_found_without(void **state)
{
	(void)state;
	struct session *s = session_of_client(DEVICE, CONNECTION, "192.0.2.1"), *out;
	session_check_in(found(s->cookie, CONNECTION), NOW);
	assert_int_equal(find_client("192.0.2.1", "user", &out), SESSION_NOT_FOUND);
}

static void test_session_that_was_held_keeps_its_device_for_a_while(void **state)
{
	(void)state;
	enum { HELD = 30 };
	struct session *s = open_session(DEVICE, CONNECTION), *out;
	found(s->cookie, CONNECTION);
	s->was_held = true;
	session_set_phase(s, SESSION_ENDED);
	session_check_in(s, NOW);
	assert_int_equal(sessions_count(all), 0);
	assert_false(sessions_have(all, DEVICE));
	assert_int_equal(session_find(all, s->cookie, CONNECTION, NOW + HELD, &out), SESSION_FOUND);
	assert_int_equal(out->rpc.device_id, DEVICE);
	session_check_in(out, NOW);
	struct session *newer = informed(DEVICE, OTHER_CONNECTION, 2);
	assert_null(session_list(newer));
	session_check_in(newer, NOW);
	assert_null(sessions_next_expired(all, NOW + IDLE_SECONDS, WHOLE_SECONDS));
}

static void test_ended_session_is_found_by_its_connection_too(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	session_set_phase(found(NULL, CONNECTION), SESSION_ENDED);
	session_check_in(s, NOW);
	assert_ptr_equal(found(NULL, CONNECTION), s);
	session_check_in(s, NOW);
}

static void test_session_that_a_turn_holds_does_not_expire(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	found(s->cookie, CONNECTION);
	assert_null(sessions_next_expired(all, NOW + 2 * WHOLE_SECONDS, WHOLE_SECONDS));
	session_check_in(s, NOW);
}

static void test_open_session_is_woken_once(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	assert_false(sessions_wake(all, OTHER_DEVICE, NOW));
	assert_true(sessions_wake(all, DEVICE, NOW));
	found(s->cookie, CONNECTION);
	assert_false(s->rpc.has_tasks);
	session_take_wake(s);
	assert_true(s->rpc.has_tasks);
	s->rpc.has_tasks = false;
	session_take_wake(s);
	assert_false(s->rpc.has_tasks);
	session_check_in(s, NOW);
}

static void test_session_that_was_woken_meanwhile_does_not_close(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	found(s->cookie, CONNECTION);
	assert_true(sessions_wake(all, DEVICE, NOW));
	assert_false(session_close(s));
	session_take_wake(s);
	assert_true(session_close(s));
	assert_false(sessions_wake(all, DEVICE, NOW));
	session_set_phase(s, SESSION_ENDED);
	session_check_in(s, NOW);
	assert_false(sessions_wake(all, DEVICE, NOW));
}

static void test_session_that_may_be_dead_or_sends_no_more_is_not_relied_on(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	assert_false(sessions_wake(all, DEVICE, NOW + 10));
	assert_true(sessions_have(all, DEVICE));
	found(s->cookie, CONNECTION);
	s->rpc.is_closing = true;
	session_check_in(s, NOW);
	assert_false(sessions_wake(all, DEVICE, NOW));
	assert_false(sessions_have(all, DEVICE));
}

static void test_table_is_full_at_its_limit_and_has_room_again_when_one_ends(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < LIMIT; i++) {
		assert_false(sessions_are_full(all));
		open_session(DEVICE + (int64_t)i, CONNECTION + i);
	}
	assert_true(sessions_are_full(all));
	session_free(found(NULL, CONNECTION));
	assert_false(sessions_are_full(all));
}

static void test_list_shows_open_sessions_of_a_device(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	struct session *other = open_session(OTHER_DEVICE, OTHER_CONNECTION);
	s->begun = NOW;
	other->rpc.id = "another";
	json_t *list = json_array();
	sessions_append_json(all, -1, list);
	assert_int_equal(json_array_size(list), 2);
	json_array_clear(list);
	sessions_append_json(all, DEVICE, list);
	assert_int_equal(json_array_size(list), 1);
	const json_t *shown = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(shown, "session")), s->name);
	assert_string_equal(json_string_value(json_object_get(shown, "phase")), "cpe-turn");
	assert_string_equal(
		json_string_value(json_object_get(shown, "begun")), "1970-01-01T00:16:40Z");
	assert_true(json_is_null(json_object_get(shown, "task")));
	json_decref(list);
}

enum { THREADS = 4, ROUNDS = 5000 };

struct crowd {
	const char *cookie;
	unsigned *turns; /* of the session, touched only by who holds it */
	unsigned successes[THREADS];
};

struct member {
	struct crowd *crowd;
	unsigned number;
};

static void *post_often(void *arg)
{
	struct member *member = arg;
	struct session *s;
	for (int i = 0; i < ROUNDS; i++) {
		if (session_find(all, member->crowd->cookie, CONNECTION + member->number, NOW,
			    &s) != SESSION_FOUND)
			continue;
		++*member->crowd->turns;
		member->crowd->successes[member->number]++;
		session_check_in(s, NOW);
	}
	return NULL;
}

static void test_only_one_thread_at_a_time_holds_a_session(void **state)
{
	(void)state;
	struct session *s = open_session(DEVICE, CONNECTION);
	struct crowd crowd = { .cookie = s->cookie, .turns = &s->turns };
	struct member members[THREADS];
	pthread_t threads[THREADS];
	unsigned successes = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		members[i] = (struct member){ &crowd, i };
		pthread_create(&threads[i], NULL, post_often, &members[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		successes += crowd.successes[i];
	}
	assert_in_range(successes, 1, THREADS * ROUNDS);
	assert_int_equal(s->turns, successes);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_session_is_found_by_its_cookie),
		TEST(test_session_is_found_by_its_connection_when_no_cookie_comes),
		TEST(test_session_of_a_device_with_cookies_is_not_found_by_its_connection),
		TEST(test_wrong_cookie_finds_nothing_even_on_the_right_connection),
		TEST(test_cookies_are_never_the_same),
		TEST(test_session_follows_its_cookie_to_another_connection),
		TEST(test_session_is_busy_while_a_turn_holds_it),
		TEST(test_session_that_is_not_committed_cannot_be_found),
		TEST(test_new_session_of_a_device_ends_its_older_one),
		TEST(test_older_session_that_a_turn_holds_is_gone_when_that_turn_ends),
		TEST(test_of_two_informs_at_once_the_one_that_committed_last_wins),
		TEST(test_second_device_on_a_connection_takes_it_and_the_first_keeps_its_cookie),
		TEST(test_ended_session_answers_late_posts_but_is_not_counted),
		TEST(test_ended_session_is_forgotten_after_a_while),
		TEST(test_ended_session_is_not_superseded),
		TEST(test_idle_session_expires),
		TEST(test_request_keeps_a_session_alive_until_its_whole_time_is_over),
		TEST(test_idle_session_is_not_found_though_nobody_has_taken_it_out),
		TEST(test_session_follows_its_client_to_another_connection),
		TEST(test_client_of_two_sessions_finds_none),
		TEST(test_client_that_returns_cookies_is_not_found_without),
		TEST(test_session_that_was_held_keeps_its_device_for_a_while),
		TEST(test_ended_session_is_found_by_its_connection_too),
		TEST(test_session_that_a_turn_holds_does_not_expire),
		TEST(test_open_session_is_woken_once),
		TEST(test_session_that_was_woken_meanwhile_does_not_close),
		TEST(test_session_that_may_be_dead_or_sends_no_more_is_not_relied_on),
		TEST(test_table_is_full_at_its_limit_and_has_room_again_when_one_ends),
		TEST(test_list_shows_open_sessions_of_a_device),
		TEST(test_only_one_thread_at_a_time_holds_a_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
