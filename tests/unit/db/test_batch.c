/* test_batch: entries that travel together on a real private cluster.
 * The statement fails by division when one entry's device is POISON, and tells of even devices only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "db/batch.h"
#include "private_cluster.h"

enum { POISON = 666, MOST = 8, ENTRIES = 20 };

struct heard {
	struct batch_entry entry;
	int calls;
	enum db_outcome outcome;
	char sqlstate[6];
	bool has_row;
	int64_t device_id; /* as its row tells */
};

static struct private_cluster server;
static struct event_base *base;
static struct db *db;
static struct batch *batch;
static struct heard heard[ENTRIES];
static int calls;
static size_t sizes[100], flights;

static void note_size(size_t entries, void *arg)
{
	(void)arg;
	sizes[flights++] = entries;
}

static const struct db_statement even = {
	.name = "test_even",
	.sql = "SELECT id FROM unnest($1::bigint[]) AS id"
	       " WHERE id % 2 = 0 AND 1 / (id - 666) IS NOT NULL ORDER BY id DESC",
};

static void ask(struct db_question *question, struct batch_entry *const *entries, size_t count)
{
	int64_t ids[ENTRIES];
	for (size_t i = 0; i < count; i++) {
		ids[i] = entries[i]->device_id;
		assert_true(i == 0 || ids[i] > ids[i - 1]);
	}
	DB_ADD(question, &even, db_int_array(question->arena, ids, count));
}

static int set_up(void **state)
{
	(void)state;
	private_cluster_start(&server);
	base = event_base_new();
	db = db_open(base, &(const struct db_options){
				   .url = db_cluster_url(server.cluster),
				   .connections = 1,
				   .statement_timeout_ms = 10000,
				   .connect_timeout_ms = 5000,
				   .reconnect_min_ms = 10,
				   .reconnect_max_ms = 100,
				   .in_flight = 100,
			   });
	while (!db_is_up(db))
		event_base_loop(base, EVLOOP_ONCE);
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

static void open_batch(unsigned linger_us)
{
	batch = batch_open(base, db, ask,
		&(const struct batch_options){
			.linger_us = linger_us, .most = MOST, .on_depart = note_size });
}

static int begin(void **state)
{
	(void)state;
	memset(heard, 0, sizeof(heard));
	calls = 0;
	flights = 0;
	open_batch(0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	batch_close(batch);
	return 0;
}

static void hear(const struct db_answer *answer, int row, void *arg)
{
	struct heard *h = arg;
	calls++;
	h->calls++;
	h->outcome = answer->outcome;
	snprintf(h->sqlstate, sizeof(h->sqlstate), "%s", answer->sqlstate);
	h->has_row = row != BATCH_NO_ROW;
	if (h->has_row)
		h->device_id = db_get_int(answer->results[0], (size_t)row, 0);
}

static void add(int i, int64_t device_id)
{
	batch_add(batch, &heard[i].entry, device_id, hear, &heard[i]);
}

static void turn_until(int wanted)
{
	while (calls < wanted)
		event_base_loop(base, EVLOOP_ONCE);
}

static void test_entries_of_one_turn_travel_together(void **state)
{
	(void)state;
	add(0, 4);
	add(1, 3);
	add(2, 2);
	assert_int_equal(calls, 0);
	turn_until(3);
	assert_int_equal(flights, 1);
	assert_int_equal(sizes[0], 3);
	assert_int_equal(heard[0].device_id, 4);
	assert_false(heard[1].has_row);
	assert_int_equal(heard[1].outcome, DB_OK);
	assert_int_equal(heard[2].device_id, 2);
}

static void test_second_entry_of_a_device_waits_for_the_next_batch(void **state)
{
	(void)state;
	add(0, 2);
	add(1, 2);
	add(2, 4);
	turn_until(3);
	assert_int_equal(flights, 2);
	assert_int_equal(sizes[0], 2);
	assert_int_equal(sizes[1], 1);
	assert_int_equal(heard[0].calls, 1);
	assert_int_equal(heard[1].device_id, 2);
}

static void test_batches_end_at_the_most(void **state)
{
	(void)state;
	for (int i = 0; i < ENTRIES; i++)
		add(i, 2 * i);
	turn_until(ENTRIES);
	assert_int_equal(flights, 3);
	assert_int_equal(sizes[0], MOST);
	assert_int_equal(sizes[1], MOST);
	assert_int_equal(sizes[2], ENTRIES - 2 * MOST);
	for (int i = 0; i < ENTRIES; i++)
		assert_int_equal(heard[i].device_id, 2 * i);
}

static void test_poisoned_entry_fails_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		add(i, i == 4 ? POISON : 2 * (i + 1));
	turn_until(7);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(heard[i].outcome, i == 4 ? DB_FAILED : DB_OK);
		assert_int_equal(heard[i].has_row, i != 4);
		assert_int_equal(heard[i].calls, 1);
	}
	assert_string_equal(heard[4].sqlstate, "22012");
}

static void test_abandoned_entries_are_not_told(void **state)
{
	(void)state;
	add(0, 2);
	add(1, 4);
	batch_abandon(&heard[0].entry); /* while it waits */
	while (!flights)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(sizes[0], 1);
	add(2, 6);
	batch_abandon(&heard[1].entry); /* in flight */
	turn_until(1);
	assert_int_equal(heard[0].calls + heard[1].calls, 0);
	assert_int_equal(heard[2].device_id, 6);
	batch_abandon(&heard[2].entry); /* none is under way */
}

/* The halves of a failed batch do not ask for those that have gone meanwhile. */
static void test_entry_abandoned_between_the_halves_is_left_out(void **state)
{
	(void)state;
	add(0, 2);
	add(1, 4);
	add(2, POISON);
	add(3, 668);
	while (flights < 2) /* the first half is asked again */
		event_base_loop(base, EVLOOP_ONCE);
	batch_abandon(&heard[2].entry);
	turn_until(3);
	assert_int_equal(flights, 3);
	assert_int_equal(sizes[2], 1);
	assert_int_equal(heard[3].device_id, 668);
}

/* Entries that come one upon the other make others to be expected. */
static void test_entries_linger_only_while_others_are_expected(void **state)
{
	(void)state;
	batch_close(batch);
	open_batch(999999);
	add(0, 2); /* the first one for long */
	turn_until(1);
	for (int i = 0; i < 100; i++) { /* teach it a rate; whoever goes leaves no trace but that */
		add(1, 4);
		batch_abandon(&heard[1].entry);
	}
	event_base_loop(base, EVLOOP_NONBLOCK); /* nobody is left to depart */
	add(1, 4);
	for (int i = 2; i < 1 + MOST; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		assert_int_equal(flights, 1);
		add(i, 2 + 2 * i);
	}
	turn_until(1 + MOST); /* full: not a moment more */
	assert_int_equal(flights, 2);
	assert_int_equal(sizes[1], MOST);
}

static void test_who_is_in_a_hurry_takes_all_along_at_once(void **state)
{
	(void)state;
	batch_close(batch);
	open_batch(999999);
	add(0, 2);
	turn_until(1);
	for (int i = 0; i < 100; i++) {
		add(1, 4);
		batch_abandon(&heard[1].entry);
	}
	event_base_loop(base, EVLOOP_NONBLOCK);
	add(1, 4);
	add(2, 6);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(flights, 1);
	batch_hurry(batch);
	turn_until(3);
	assert_int_equal(flights, 2);
	add(3, 8); /* the next one lingers again */
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(flights, 2);
}

static void test_lost_connection_fails_all_of_a_batch(void **state)
{
	(void)state;
	struct db_question question = db_question(arena_new());
	static const struct db_statement kill_all = {
		.name = "test_kill",
		.sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		       " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
	};
	struct db *other = db_open(base, &(const struct db_options){
						 .url = db_cluster_url(server.cluster),
						 .connections = 1,
						 .statement_timeout_ms = 10000,
						 .connect_timeout_ms = 5000,
						 .reconnect_min_ms = 10,
						 .reconnect_max_ms = 100,
						 .in_flight = 100,
					 });
	db_add(&question, &kill_all, NULL, 0);
	assert_int_equal(
		db_ask_and_wait(other, base, question.arena, &question).outcome, DB_OK);
	add(0, 2);
	add(1, 4);
	turn_until(2);
	assert_int_equal(heard[0].outcome, DB_UNAVAILABLE);
	assert_int_equal(heard[1].outcome, DB_UNAVAILABLE);
	db_close(other);
	arena_free(question.arena);
}

static void test_closing_drops_what_is_under_way(void **state)
{
	(void)state;
	while (!db_is_up(db))
		event_base_loop(base, EVLOOP_ONCE);
	add(0, 2);
	while (!flights)
		event_base_loop(base, EVLOOP_ONCE);
	add(1, 4);
	batch_close(batch);
	assert_null(heard[0].entry.batch);
	assert_null(heard[1].entry.batch);
	assert_int_equal(calls, 0);
	open_batch(0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_entries_of_one_turn_travel_together),
		TEST(test_second_entry_of_a_device_waits_for_the_next_batch),
		TEST(test_batches_end_at_the_most),
		TEST(test_poisoned_entry_fails_alone),
		TEST(test_abandoned_entries_are_not_told),
		TEST(test_entry_abandoned_between_the_halves_is_left_out),
		TEST(test_entries_linger_only_while_others_are_expected),
		TEST(test_who_is_in_a_hurry_takes_all_along_at_once),
		TEST(test_lost_connection_fails_all_of_a_batch),
		TEST(test_closing_drops_what_is_under_way),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
