/* test_listen: notices between nodes on a real PostgreSQL, and what becomes of them when a connection is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/buffer.h"
#include "db/listen.h"
#include "private_cluster.h"

enum { PATIENCE_SECONDS = 10 };

static struct private_cluster server;
static struct event_base *base;
static struct db *db;
static struct arena *arena;
static struct db_listener *listener;

static struct {
	struct buffer payloads; /* each with a space behind it */
	unsigned hearings, losses, deaf_seconds;
} heard;

static void on_notice(const char *payload, void *arg)
{
	(void)arg;
	buffer_printf(&heard.payloads, "%s ", payload);
}

static void on_hearing(unsigned deaf_seconds, void *arg)
{
	(void)arg;
	heard.hearings++;
	heard.deaf_seconds = deaf_seconds;
}

static void on_lost(const char *text, void *arg)
{
	(void)arg;
	assert_true(*text);
	heard.losses++;
}

static void on_patience_over(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what, (void)arg;
	fail_msg("waited for %d seconds", PATIENCE_SECONDS);
}

#define WAIT_UNTIL(condition) \
	do { \
		struct event *patience = evtimer_new(base, on_patience_over, NULL); \
		evtimer_add(patience, &(struct timeval){ .tv_sec = PATIENCE_SECONDS }); \
		while (!(condition)) \
			event_base_loop(base, EVLOOP_ONCE); \
		event_free(patience); \
	} while (0)

static bool has_heard(const char *payload)
{
	return heard.payloads.length > 0 && strstr(heard.payloads.data, payload);
}

static int set_up(void **state)
{
	(void)state;
	private_cluster_start(&server);
	base = event_base_new();
	db = db_open(base, &(const struct db_options){ .url = db_cluster_url(server.cluster),
				   .connections = 1,
				   .connect_timeout_ms = 5000,
				   .reconnect_min_ms = 10,
				   .reconnect_max_ms = 50,
				   .in_flight = 10 });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	event_base_free(base);
	private_cluster_stop(&server);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	memset(&heard, 0, sizeof(heard));
	listener = db_listener_open(
		base, &(const struct db_listener_options){ .url = db_cluster_url(server.cluster),
			      .statement_timeout_ms = 5000,
			      .connect_timeout_ms = 5000,
			      .reconnect_min_ms = 10,
			      .reconnect_max_ms = 50,
			      .on_notice = on_notice,
			      .on_hearing = on_hearing,
			      .on_lost = on_lost });
	WAIT_UNTIL(heard.hearings == 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	db_listener_close(listener);
	buffer_clear(&heard.payloads);
	arena_free(arena);
	return 0;
}

static enum db_outcome ask(const struct db_statement *first, const char *payload)
{
	struct db_question question = db_question(arena);
	if (first)
		db_add(&question, first, NULL, 0);
	if (payload)
		db_notify(&question, payload);
	return db_ask_and_wait(db, base, arena, &question).outcome;
}

static void test_a_notice_is_heard_as_it_was_sent(void **state)
{
	(void)state;
	assert_int_equal(heard.deaf_seconds, 0);
	assert_int_equal(ask(NULL, "it's \"so\""), DB_OK);
	WAIT_UNTIL(has_heard("it's \"so\""));
}

static void test_a_question_that_fails_sends_no_notice(void **state)
{
	static const struct db_statement wrong = { "wrong", "SELECT 1 / 0" };
	(void)state;
	assert_int_equal(ask(&wrong, "failed"), DB_FAILED);
	assert_int_equal(ask(NULL, "later"), DB_OK);
	WAIT_UNTIL(has_heard("later"));
	assert_false(has_heard("failed"));
}

static void test_a_lost_connection_comes_back_and_tells_that_it_was_deaf(void **state)
{
	static const struct db_statement others = { "terminate",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		" WHERE application_name = 'acs-listen'" };
	(void)state;
	assert_int_equal(ask(&others, NULL), DB_OK);
	WAIT_UNTIL(heard.hearings == 2);
	assert_int_equal(heard.losses, 1);
	assert_true(heard.deaf_seconds >= 1);
	assert_int_equal(ask(NULL, "again"), DB_OK);
	WAIT_UNTIL(has_heard("again"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_notice_is_heard_as_it_was_sent, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_question_that_fails_sends_no_notice, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_lost_connection_comes_back_and_tells_that_it_was_deaf, begin, end),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
