/* test_db: questions and answers on a real private cluster.
 * One cluster and one pool for all; each test makes its own tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>

#include "db/db.h"
#include "private_cluster.h"

static struct private_cluster server;
static struct event_base *base;
static struct db *db;
static struct arena *arena;
static int ups, downs;

static void on_event(bool is_up, const char *text, void *arg)
{
	(void)text, (void)arg;
	if (is_up)
		ups++;
	else
		downs++;
}

static struct db_options options_for(const char *url)
{
	return (struct db_options){
		.url = url,
		.connections = 2,
		.statement_timeout_ms = 10000,
		.connect_timeout_ms = 5000,
		.reconnect_min_ms = 10,
		.reconnect_max_ms = 100,
		.in_flight = 2000,
		.on_event = on_event,
	};
}

static int set_up(void **state)
{
	(void)state;
	private_cluster_start(&server);
	base = event_base_new();
	const struct db_options options = options_for(db_cluster_url(server.cluster));
	db = db_open(base, &options);
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

static int new_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct db_answer run(const struct db_statement *statement, struct db *on)
{
	struct db_question question = db_question(arena);
	db_add(&question, statement, NULL, 0);
	return db_ask_and_wait(on, base, arena, &question);
}

/* Statements that are used once; their names are those of the tests. */
#define RUN(statement_name, text) \
	run(&(const struct db_statement){ .name = statement_name, .sql = text }, db)

/* An answer kept for after the call. */
struct heard {
	int calls;
	enum db_outcome outcome;
	char sqlstate[6];
	char text[200];
	int64_t number;
};

static void hear(const struct db_answer *answer, void *arg)
{
	struct heard *heard = arg;
	heard->calls++;
	heard->outcome = answer->outcome;
	snprintf(heard->sqlstate, sizeof(heard->sqlstate), "%s", answer->sqlstate);
	snprintf(heard->text, sizeof(heard->text), "%s", answer->text);
	if (answer->count && db_row_count(answer->results[0]))
		heard->number = db_get_int(answer->results[0], 0, 0);
}

static void turn_until(const int *count, int wanted)
{
	while (*count < wanted)
		event_base_loop(base, EVLOOP_ONCE);
}

static const struct db_statement number_statement = { "test_number", "SELECT $1::bigint" };
static const struct db_statement sleep_statement = { "test_sleep", "SELECT 1 FROM pg_sleep(30)" };
static const struct db_statement short_sleep = { "test_short_sleep",
	"SELECT 1 FROM pg_sleep(0.2)" };

static const struct db_statement one_statement = { "test_one", "SELECT 1" };

static void ask_number(struct db *on, int64_t number, struct db_wait *wait, struct heard *heard)
{
	struct db_question question = db_question(arena);
	DB_ADD(&question, &number_statement, db_int(arena, number));
	db_ask(on, &question, wait, hear, heard);
}

static void ask(struct db *on, const struct db_statement *statement, struct db_wait *wait,
	struct heard *heard)
{
	struct db_question question = db_question(arena);
	db_add(&question, statement, NULL, 0);
	db_ask(on, &question, wait, hear, heard);
}

static void test_values_come_back_as_they_went(void **state)
{
	(void)state;
	static const struct db_statement statement = {
		"test_values",
		"SELECT $1::text, $2::bytea, $3::boolean, $4::bigint, $5::text, $6::text, $7::bytea"
	};
	struct db_question question = db_question(arena);
	const char bytes[] = { 0, 1, '\\', '\'', (char)0xff };
	DB_ADD(&question, &statement, db_text("it's \"q\"\\ \n\xc3\xa4"),
		db_bytea(bytes, sizeof(bytes)), db_bool(true), db_int(arena, INT64_MIN), db_null(),
		db_text_of("abcdef", 3), db_bytea(NULL, 0));
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_int_equal(answer.outcome, DB_OK);
	assert_int_equal(answer.count, 1);
	const struct db_rows *rows = answer.results[0];
	assert_int_equal(db_row_count(rows), 1);
	assert_string_equal(db_get_text(rows, 0, 0), "it's \"q\"\\ \n\xc3\xa4");
	size_t length;
	const void *got = db_get_bytea(arena, rows, 0, 1, &length);
	assert_int_equal(length, sizeof(bytes));
	assert_memory_equal(got, bytes, length);
	assert_true(db_get_bool(rows, 0, 2));
	assert_true(db_get_int(rows, 0, 3) == INT64_MIN);
	assert_true(db_is_null(rows, 0, 4));
	assert_null(db_get_text(rows, 0, 4));
	assert_string_equal(db_get_text(rows, 0, 5), "abc");
	assert_non_null(db_get_bytea(arena, rows, 0, 6, &length));
	assert_int_equal(length, 0);
}

static void test_text_arrays_keep_odd_texts(void **state)
{
	(void)state;
	static const struct db_statement statement = { "test_text_array",
		"SELECT t FROM unnest($1::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n" };
	const char *const odd[] = { "", "NULL", NULL, "{a,b}", "\"", "\\", "a\nb\tc",
		"\xf0\x9f\x93\x9e", "'; --" };
	const size_t count = sizeof(odd) / sizeof(*odd);
	struct db_question question = db_question(arena);
	DB_ADD(&question, &statement, db_text_array(arena, odd, count));
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_int_equal(answer.outcome, DB_OK);
	assert_int_equal(db_row_count(answer.results[0]), count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(db_is_null(answer.results[0], i, 0), !odd[i]);
		if (odd[i])
			assert_string_equal(db_get_text(answer.results[0], i, 0), odd[i]);
	}
}

static void test_number_and_boolean_arrays_arrive(void **state)
{
	(void)state;
	static const struct db_statement statement = { "test_arrays",
		"SELECT $1::bigint[] = '{1,-9223372036854775808,9223372036854775807}',"
		" $2::boolean[] = '{t,f,t}', $3::bigint[] = '{}', $4::text[] = '{}'" };
	const int64_t numbers[] = { 1, INT64_MIN, INT64_MAX };
	const bool flags[] = { true, false, true };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &statement, db_int_array(arena, numbers, 3),
		db_bool_array(arena, flags, 3), db_int_array(arena, NULL, 0),
		db_text_array(arena, NULL, 0));
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_string_equal(answer.text, "");
	for (size_t column = 0; column < 4; column++)
		assert_true(db_get_bool(answer.results[0], 0, column));
}

static void test_a_question_commits_all_or_nothing(void **state)
{
	(void)state;
	static const struct db_statement insert = { "test_insert",
		"INSERT INTO whole VALUES ($1::int)" };
	assert_int_equal(
		RUN("test_create", "CREATE TABLE whole (n int PRIMARY KEY)").outcome, DB_OK);
	struct db_question good = db_question(arena);
	for (int64_t i = 0; i < 10; i++)
		assert_int_equal(DB_ADD(&good, &insert, db_int(arena, i)), i);
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &good);
	assert_int_equal(answer.outcome, DB_OK);
	assert_int_equal(answer.count, 10);
	assert_int_equal(db_affected(answer.results[9]), 1);

	struct db_question bad = db_question(arena);
	DB_ADD(&bad, &insert, db_int(arena, 100));
	DB_ADD(&bad, &insert, db_int(arena, 5));
	DB_ADD(&bad, &insert, db_int(arena, 101));
	const struct db_answer refused = db_ask_and_wait(db, base, arena, &bad);
	assert_int_equal(refused.outcome, DB_FAILED);
	assert_string_equal(refused.sqlstate, "23505");
	assert_non_null(strstr(refused.text, "test_insert: "));
	assert_int_equal(refused.count, 0);

	const struct db_answer left = RUN("test_count", "SELECT count(*) FROM whole");
	assert_int_equal(db_get_int(left.results[0], 0, 0), 10);
}

static void test_an_error_of_the_commit_is_told(void **state)
{
	(void)state;
	assert_int_equal(
		RUN("test_deferred_table",
			"CREATE TABLE deferred (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
			.outcome,
		DB_OK);
	const struct db_answer answer = RUN(
		"test_deferred", "INSERT INTO deferred VALUES (1), (1)");
	assert_int_equal(answer.outcome, DB_FAILED);
	assert_string_equal(answer.sqlstate, "23505");
	assert_int_equal(RUN("test_after_deferred", "SELECT 1").outcome, DB_OK);
}

/* The parse of the second statement is never looked at when the first fails; a rollback keeps a parse. */
static void test_a_failed_question_leaves_its_statements_usable(void **state)
{
	(void)state;
	static const struct db_statement broken = { "test_division", "SELECT 1 / $1::int" };
	static const struct db_statement wrong = { "test_wrong", "SELECT no_such_column" };
	static const struct db_statement after = { "test_after", "SELECT 7" };
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	struct db *one = db_open(base, &options);
	for (int round = 0; round < 3; round++) {
		struct db_question question = db_question(arena);
		DB_ADD(&question, &broken, db_int(arena, 0));
		db_add(&question, &after, NULL, 0);
		assert_string_equal(db_ask_and_wait(one, base, arena, &question).sqlstate, "22012");
		assert_string_equal(run(&wrong, one).sqlstate, "42703");
		const struct db_answer answer = run(&after, one);
		assert_string_equal(answer.text, "");
		assert_int_equal(db_get_int(answer.results[0], 0, 0), 7);
	}
	db_close(one);
}

static void test_a_statement_may_be_used_twice_in_its_first_question(void **state)
{
	(void)state;
	static const struct db_statement twice = { "test_twice", "SELECT $1::int" };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &twice, db_int(arena, 1));
	DB_ADD(&question, &twice, db_int(arena, 2));
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_string_equal(answer.text, "");
	assert_int_equal(db_get_int(answer.results[0], 0, 0), 1);
	assert_int_equal(db_get_int(answer.results[1], 0, 0), 2);
}

/* All are sent before the first answer, so the first one's parse may still fail: here it never runs. */
static void test_questions_behind_a_failed_parse_are_answered(void **state)
{
	(void)state;
	static const struct db_statement broken = { "test_broken_first", "SELECT 1 / $1::int" };
	static const struct db_statement shared = { "test_shared", "SELECT 5" };
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	struct db *one = db_open(base, &options);
	run(&one_statement, one);
	struct db_wait waits[3] = { 0 };
	struct heard heard[3] = { 0 };
	struct db_question first = db_question(arena);
	DB_ADD(&first, &broken, db_int(arena, 0));
	db_add(&first, &shared, NULL, 0);
	db_ask(one, &first, &waits[0], hear, &heard[0]);
	ask(one, &shared, &waits[1], &heard[1]);
	ask(one, &shared, &waits[2], &heard[2]);
	turn_until(&heard[2].calls, 1);
	assert_int_equal(heard[0].outcome, DB_FAILED);
	assert_int_equal(heard[1].outcome, DB_OK);
	assert_int_equal(heard[2].outcome, DB_OK);
	assert_int_equal(heard[1].number, 5);
	db_close(one);
}

static void test_a_thousand_questions_are_answered_each_with_its_own(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	static struct db_wait waits[COUNT];
	static struct heard heard[COUNT];
	run(&one_statement, db);
	for (int i = 0; i < COUNT; i++)
		ask_number(db, i, &waits[i], &heard[i]);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(heard[i].calls, 0);
	for (int i = 0; i < COUNT; i++) {
		turn_until(&heard[i].calls, 1);
		assert_int_equal(heard[i].outcome, DB_OK);
		assert_int_equal(heard[i].number, i);
	}
}

static void test_more_in_flight_than_allowed_are_refused(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	options.in_flight = 2;
	struct db *small = db_open(base, &options);
	run(&one_statement, small);
	struct db_wait waits[3] = { 0 };
	struct heard heard[3] = { 0 };
	for (int i = 0; i < 3; i++)
		ask_number(small, i, &waits[i], &heard[i]);
	assert_int_equal(heard[2].calls, 0);
	turn_until(&heard[0].calls, 1);
	turn_until(&heard[1].calls, 1);
	turn_until(&heard[2].calls, 1);
	assert_int_equal(heard[0].outcome, DB_OK);
	assert_int_equal(heard[2].outcome, DB_UNAVAILABLE);
	db_close(small);
}

static void test_an_abandoned_question_is_not_answered_but_commits(void **state)
{
	(void)state;
	assert_int_equal(RUN("test_left", "CREATE TABLE left_alone (n int)").outcome, DB_OK);
	static const struct db_statement insert = { "test_left_insert",
		"INSERT INTO left_alone VALUES (1)" };
	struct db_wait wait = { 0 };
	struct heard heard = { 0 };
	db_abandon(&wait);
	ask(db, &insert, &wait, &heard);
	assert_true(db_is_waiting(&wait));
	db_abandon(&wait);
	assert_false(db_is_waiting(&wait));
	struct db_answer answer;
	do
		answer = RUN("test_left_count", "SELECT count(*) FROM left_alone");
	while (db_get_int(answer.results[0], 0, 0) == 0);
	assert_int_equal(heard.calls, 0);
}

struct chain {
	struct db_wait wait;
	int calls;
};

static void ask_again(const struct db_answer *answer, void *arg)
{
	struct chain *chain = arg;
	assert_int_equal(answer->outcome, DB_OK);
	assert_false(db_is_waiting(&chain->wait));
	if (++chain->calls == 5)
		return;
	struct db_question question = db_question(arena);
	DB_ADD(&question, &number_statement, db_int(arena, chain->calls));
	db_ask(db, &question, &chain->wait, ask_again, chain);
}

static void test_an_answer_may_ask_again_with_the_same_wait(void **state)
{
	(void)state;
	struct chain chain = { .calls = 0 };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &number_statement, db_int(arena, 0));
	db_ask(db, &question, &chain.wait, ask_again, &chain);
	turn_until(&chain.calls, 5);
}

struct abandoner {
	struct db_wait *other;
	int calls;
};

static void abandon_other(const struct db_answer *answer, void *arg)
{
	(void)answer;
	struct abandoner *abandoner = arg;
	abandoner->calls++;
	db_abandon(abandoner->other);
}

static void test_an_answer_may_abandon_one_that_is_ready(void **state)
{
	(void)state;
	struct db_options options = options_for("host=/nowhere");
	struct db *closed = db_open(base, &options);
	struct db_wait first = { 0 }, second = { 0 };
	struct heard heard = { 0 };
	struct abandoner abandoner = { .other = &second };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &number_statement, db_int(arena, 0));
	db_ask(closed, &question, &first, abandon_other, &abandoner);
	db_ask(closed, &question, &second, hear, &heard);
	turn_until(&abandoner.calls, 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(heard.calls, 0);
	db_close(closed);
}

static void test_without_a_connection_the_answer_is_unavailable_and_deferred(void **state)
{
	(void)state;
	downs = 0;
	struct db_options options = options_for("host=/nowhere dbname=acs");
	struct db *closed = db_open(base, &options);
	struct db_wait wait = { 0 };
	struct heard heard = { 0 };
	ask_number(closed, 1, &wait, &heard);
	assert_int_equal(heard.calls, 0);
	turn_until(&heard.calls, 1);
	assert_int_equal(heard.outcome, DB_UNAVAILABLE);
	assert_string_equal(heard.sqlstate, "");
	turn_until(&downs, 2);
	assert_false(db_is_up(closed));
	db_close(closed);
}

static void test_a_bad_url_is_told_and_not_fatal(void **state)
{
	(void)state;
	downs = 0;
	struct db_options options = options_for("postgresql://[oops");
	struct db *closed = db_open(base, &options);
	turn_until(&downs, 2);
	db_close(closed);
}

static void test_a_statement_that_takes_too_long_fails_with_57014(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	options.statement_timeout_ms = 100;
	struct db *hasty = db_open(base, &options);
	const struct db_answer answer = run(&sleep_statement, hasty);
	assert_int_equal(answer.outcome, DB_FAILED);
	assert_string_equal(answer.sqlstate, "57014");
	assert_int_equal(run(&one_statement, hasty).outcome, DB_OK);
	db_close(hasty);
}

static void test_a_killed_connection_answers_unavailable_and_comes_back(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	struct db *victim = db_open(base, &options);
	const struct db_answer pid = run(
		&(const struct db_statement){ "test_pid", "SELECT pg_backend_pid()" }, victim);
	assert_int_equal(pid.outcome, DB_OK);
	struct db_wait waits[2] = { 0 };
	struct heard heard[2] = { 0 };
	ask(victim, &sleep_statement, &waits[0], &heard[0]);
	ask_number(victim, 3, &waits[1], &heard[1]);

	static const struct db_statement kill = { "test_kill",
		"SELECT pg_terminate_backend($1::int)" };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &kill, db_int(arena, db_get_int(pid.results[0], 0, 0)));
	assert_true(db_get_bool(db_ask_and_wait(db, base, arena, &question).results[0], 0, 0));
	turn_until(&heard[0].calls, 1);
	turn_until(&heard[1].calls, 1);
	assert_int_equal(heard[0].outcome, DB_UNAVAILABLE);
	assert_int_equal(heard[1].outcome, DB_UNAVAILABLE);
	assert_int_equal(run(&one_statement, victim).outcome, DB_OK);
	db_close(victim);
}

/* A stopped backend keeps its socket open and says nothing, like a peer behind a cut network. */
static void test_a_server_that_falls_silent_is_given_up(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	options.statement_timeout_ms = 100;
	struct db *victim = db_open(base, &options);
	const struct db_answer answer = run(
		&(const struct db_statement){ "test_silent_pid", "SELECT pg_backend_pid()" },
		victim);
	const pid_t pid = (pid_t)db_get_int(answer.results[0], 0, 0);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	struct db_wait wait = { 0 };
	struct heard heard = { 0 };
	ask_number(victim, 1, &wait, &heard);
	turn_until(&heard.calls, 1);
	kill(pid, SIGCONT);
	assert_int_equal(heard.outcome, DB_UNAVAILABLE);
	assert_string_equal(heard.text, "the server has stopped answering");
	assert_int_equal(run(&one_statement, victim).outcome, DB_OK);
	db_close(victim);
}

static void test_statements_dropped_behind_our_back_are_prepared_again(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	options.connections = 1;
	struct db *one = db_open(base, &options);
	static const struct db_statement fine = { "test_dropped", "SELECT 4" };
	assert_int_equal(run(&fine, one).outcome, DB_OK);
	run(&(const struct db_statement){ "test_deallocate", "DEALLOCATE ALL" }, one);
	assert_int_equal(run(&fine, one).outcome, DB_UNAVAILABLE);
	assert_int_equal(run(&fine, one).outcome, DB_OK);
	run(&(const struct db_statement){ "test_squat", "PREPARE test_squatted AS SELECT 1" }, one);
	static const struct db_statement squatted = { "test_squatted", "SELECT 2" };
	assert_int_equal(run(&squatted, one).outcome, DB_UNAVAILABLE);
	assert_int_equal(db_get_int(run(&squatted, one).results[0], 0, 0), 2);
	db_close(one);
}

static void test_large_values_travel_both_ways(void **state)
{
	(void)state;
	static const struct db_statement echo = { "test_echo",
		"SELECT $1::text, length($1::text)" };
	const size_t length = 8u << 20;
	char *large = arena_alloc(arena, length + 1);
	memset(large, 'x', length);
	struct db_wait wait = { 0 };
	struct heard heard = { 0 };
	struct db_question question = db_question(arena);
	DB_ADD(&question, &echo, db_text(large));
	ask(db, &short_sleep, &wait, &heard);
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_int_equal(db_get_int(answer.results[0], 0, 1), length);
	assert_string_equal(db_get_text(answer.results[0], 0, 0), large);
	turn_until(&heard.calls, 1);
}

static void test_closing_drops_open_questions(void **state)
{
	(void)state;
	struct db_options options = options_for(db_cluster_url(server.cluster));
	struct db *leaving = db_open(base, &options);
	run(&one_statement, leaving);
	struct db_wait waits[3] = { 0 };
	struct heard heard = { 0 };
	for (int i = 0; i < 3; i++)
		ask(leaving, &sleep_statement, &waits[i], &heard);
	db_close(leaving);
	for (int i = 0; i < 3; i++)
		assert_false(db_is_waiting(&waits[i]));
	assert_int_equal(heard.calls, 0);
}

static void test_sessions_have_our_settings(void **state)
{
	(void)state;
	const struct db_answer answer = RUN("test_settings",
		"SELECT current_setting('TimeZone'), current_setting('plan_cache_mode'),"
		" current_setting('application_name'), current_setting('client_encoding'),"
		" current_setting('statement_timeout'), " DB_TIME(
			"timestamptz '2024-02-03 04:05:06.789+01'"));
	const char *const expected[] = { "UTC", "force_generic_plan", "acs", "UTF8", "10s",
		"2024-02-03T03:05:06.789Z" };
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(db_get_text(answer.results[0], 0, i), expected[i]);
}

static void test_storable_text_is_utf8_without_nul(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t length;
		bool is_storable;
	} cases[] = {
		{ "", 0, true },
		{ "plain", 5, true },
		{ "a\0b", 3, false },
		{ "\xc3\xa4", 2, true },
		{ "\xc3", 1, false },
		{ "\xc0\x80", 2, false },
		{ "\xed\xa0\x80", 3, false },
		{ "\xf0\x9f\x93\x9e", 4, true },
		{ "\xf4\x90\x80\x80", 4, false },
		{ "\xff", 1, false },
		{ "\xe0\x80\x80", 3, false },
		{ "\x80", 1, false },
		{ "\xe2\x82\xac", 3, true },
		{ "123456789", 9, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(db_text_is_storable(cases[i].text, cases[i].length, 8),
			cases[i].is_storable);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values_come_back_as_they_went),
		TEST(test_text_arrays_keep_odd_texts),
		TEST(test_number_and_boolean_arrays_arrive),
		TEST(test_a_question_commits_all_or_nothing),
		TEST(test_an_error_of_the_commit_is_told),
		TEST(test_a_failed_question_leaves_its_statements_usable),
		TEST(test_a_statement_may_be_used_twice_in_its_first_question),
		TEST(test_questions_behind_a_failed_parse_are_answered),
		TEST(test_a_thousand_questions_are_answered_each_with_its_own),
		TEST(test_more_in_flight_than_allowed_are_refused),
		TEST(test_an_abandoned_question_is_not_answered_but_commits),
		TEST(test_an_answer_may_ask_again_with_the_same_wait),
		TEST(test_an_answer_may_abandon_one_that_is_ready),
		TEST(test_without_a_connection_the_answer_is_unavailable_and_deferred),
		TEST(test_a_bad_url_is_told_and_not_fatal),
		TEST(test_a_statement_that_takes_too_long_fails_with_57014),
		TEST(test_a_killed_connection_answers_unavailable_and_comes_back),
		TEST(test_a_server_that_falls_silent_is_given_up),
		TEST(test_statements_dropped_behind_our_back_are_prepared_again),
		TEST(test_large_values_travel_both_ways),
		TEST(test_closing_drops_open_questions),
		TEST(test_sessions_have_our_settings),
		TEST(test_storable_text_is_utf8_without_nul),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
