/* What is kept of events, faults, tasks and the audit, for how long, and how operators page through events. */
#include "db/events.h"
#include "db/history.h"
#include "device.h"

enum { DAYS = 30 };

/* Nobody may change the audit while its triggers look. */
static void age_audit(int64_t days)
{
	static const struct db_statement look_away = { "lab_look_away",
		"SELECT set_config('session_replication_role', 'replica', true)" };
	static const struct db_statement age = { "lab_old_audit",
		"UPDATE audit SET at = at - make_interval(days => $1)" };
	struct db_question question = db_question(lab.arena);
	db_add(&question, &look_away, NULL, 0);
	DB_ADD(&question, &age, db_int(lab.arena, days));
	lab_ask(&question);
}

/* Everything of this device, and the audit, happened that many days ago. */
static void grow_old(const struct device *d, int64_t days)
{
	static const struct db_statement statements[] = {
		{ "lab_old_events", "UPDATE event SET at = at - make_interval(days => $2)"
				    " WHERE device_id = $1" },
		{ "lab_old_faults", "UPDATE fault SET at = at - make_interval(days => $2)"
				    " WHERE device_id = $1" },
		{ "lab_old_tasks", "UPDATE task SET finished = finished - make_interval(days => $2)"
				   " WHERE device_id = $1" },
	};
	for (size_t i = 0; i < LENGTH_OF(statements); i++)
		LAB_ASK(&statements[i], db_int(lab.arena, d->session.device_id),
			db_int(lab.arena, days));
	age_audit(days);
}

/* All rounds of one kind; how many rows went. */
static int64_t sweep_kind(enum history kind, unsigned days)
{
	struct history_swept swept = { .has_more = true };
	int64_t deleted = 0;
	while (swept.has_more) {
		struct db_question question = db_question(lab.arena);
		history_sweep(&question, kind, days, swept.last);
		const struct db_answer answer = db_ask_and_wait(lab.db, lab.base, lab.arena, &question);
		assert_int_equal(answer.outcome, DB_OK);
		swept = history_swept_read(&answer);
		deleted += swept.deleted;
	}
	return deleted;
}

static void sweep_history(unsigned days)
{
	for (unsigned kind = 0; kind < HISTORY_COUNT; kind++)
		sweep_kind((enum history)kind, days);
}

static int64_t audit_count(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_audit",
		.sql = "SELECT count(*) FROM audit WHERE $1::bigint IS NOT NULL",
	};
	return count_of(d, &statement);
}

/* With an event, a fault, a failed task and one that waits. */
static struct device *device_with_history(void)
{
	struct device *d = known_device();
	int64_t task;
	inform(d, .event = "3 SCHEDULED");
	send_task(d, "{'method': 'Reboot'}", &task);
	respond_fault(d, 9003);
	queue(d, "{'method': 'Refresh'}");
	return d;
}

static void test_what_is_too_old_is_forgotten(void **state)
{
	struct device *d = device_with_history();
	(void)state;
	grow_old(d, DAYS + 1);
	sweep_history(DAYS);
	assert_text(events_of(d), "");
	assert_int_equal(fault_count(d), 0);
	assert_text(tasks_of(d), "Refresh:queued");
	assert_int_equal(audit_count(d), 0);
}

static void test_what_is_young_enough_is_kept(void **state)
{
	struct device *d = device_with_history();
	(void)state;
	grow_old(d, DAYS - 1);
	sweep_history(DAYS);
	assert_text(events_of(d), "scheduled");
	assert_int_equal(fault_count(d), 1);
	assert_text(tasks_of(d), "Reboot:failed Refresh:queued");
	assert_int_equal(audit_count(d), 2);
}

static void test_a_long_history_goes_in_batches(void **state)
{
	static const struct db_statement statement = {
		.name = "lab_many_events",
		.sql = "INSERT INTO event (device_id, kind, at)"
		       " SELECT $1, 'many', now() - make_interval(days => $2) FROM generate_series(1, 2500)",
	};
	struct device *d = known_device();
	(void)state;
	LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_int(lab.arena, DAYS + 1));
	inform(d, .event = "3 SCHEDULED");
	assert_int_equal(sweep_kind(HISTORY_EVENTS, DAYS), 2500);
	assert_text(events_of(d), "scheduled");
}

/* As from a clock that was ahead for a while, with its row the last of a batch. */
static void test_a_row_of_the_future_does_not_hide_those_behind_it(void **state)
{
	static const struct db_statement no_events = { "lab_no_events", "DELETE FROM event" };
	static const struct db_statement statement = {
		.name = "lab_events_and_the_future",
		.sql = "INSERT INTO event (device_id, kind, at)"
		       " SELECT $1, 'many', now() + make_interval(days => CASE n WHEN 1000 THEN 1 ELSE -$2::integer END)"
		       " FROM generate_series(1, 1500) n",
	};
	struct device *d = known_device();
	(void)state;
	lab_ask(lab_question(&no_events, NULL, 0));
	LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_int(lab.arena, DAYS + 1));
	assert_int_equal(sweep_kind(HISTORY_EVENTS, DAYS), 1499);
}

/* It was created before them and ended after them. */
static void test_a_task_that_took_long_does_not_hide_those_behind_it(void **state)
{
	static const struct db_statement old = {
		.name = "lab_old_task",
		.sql = "UPDATE task SET created = created - make_interval(days => $2),"
		       " finished = finished - make_interval(days => $3) WHERE device_id = $1",
	};
	struct device *slow = device_with_history(), *d = device_with_history();
	(void)state;
	LAB_ASK(&old, db_int(lab.arena, slow->session.device_id), db_int(lab.arena, DAYS + 2),
		db_int(lab.arena, DAYS - 2));
	LAB_ASK(&old, db_int(lab.arena, d->session.device_id), db_int(lab.arena, DAYS + 2),
		db_int(lab.arena, DAYS + 1));
	sweep_history(DAYS);
	assert_text(tasks_of(slow), "Reboot:failed Refresh:queued");
	assert_text(tasks_of(d), "Refresh:queued");
}

/* How often this transaction's connection has read the table from end to end. */
static const struct db_statement whole_reads = {
	.name = "lab_whole_reads",
	.sql = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = $1",
};

static int64_t whole_reads_of_sweep(enum history kind, const char *table)
{
	struct db_question question = db_question(lab.arena);
	const size_t before = DB_ADD(&question, &whole_reads, db_text(table));
	history_sweep(&question, kind, DAYS, 0);
	const size_t after = DB_ADD(&question, &whole_reads, db_text(table));
	const struct db_answer answer = db_ask_and_wait(lab.db, lab.base, lab.arena, &question);
	assert_int_equal(answer.outcome, DB_OK);
	return db_get_int(answer.results[after], 0, 0) - db_get_int(answer.results[before], 0, 0);
}

/* Plans are kept while tables grow, and PostgreSQL would rather read a small one whole. */
static void test_even_a_short_history_is_walked_by_index(void **state)
{
	static const struct db_statement analyze = {
		.name = "lab_analyze",
		.sql = "ANALYZE event, fault, audit, task",
	};
	static const char *const tables[HISTORY_COUNT] = {
		[HISTORY_EVENTS] = "event",
		[HISTORY_FAULTS] = "fault",
		[HISTORY_AUDIT] = "audit",
		[HISTORY_TASKS] = "task",
	};
	struct device *d = device_with_history();
	(void)state;
	grow_old(d, DAYS + 1);
	lab_ask(lab_question(&analyze, NULL, 0));
	for (unsigned kind = 0; kind < HISTORY_COUNT; kind++)
		assert_int_equal(whole_reads_of_sweep((enum history)kind, tables[kind]), 0);
}

static const struct db_rows *list(
	const struct device *d, const char *kind, int64_t before, unsigned limit)
{
	struct db_question question = db_question(lab.arena);
	events_list(&question, &(struct device_scope){ 0 }, d ? d->session.device_id : -1, kind, before, limit);
	return lab_ask(&question);
}

static void test_events_are_listed_newest_first_by_device_and_kind(void **state)
{
	struct device *d = known_device(), *other = known_device();
	(void)state;
	inform(d, .event = "1 BOOT", .event_2 = "3 SCHEDULED");
	inform(other, .event = "1 BOOT");
	const struct db_rows *rows = list(d, NULL, INT64_MAX, 10);
	assert_int_equal(db_row_count(rows), 2);
	assert_non_null(strstr(db_get_text(rows, 0, 0), "\"kind\" : \"scheduled\""));
	assert_non_null(strstr(db_get_text(rows, 0, 0), d->session.id));
	rows = list(d, NULL, db_get_int(rows, 0, 1), 10);
	assert_int_equal(db_row_count(rows), 1);
	assert_non_null(strstr(db_get_text(rows, 0, 0), "\"kind\" : \"boot\""));
	assert_int_equal(db_row_count(list(d, "scheduled", INT64_MAX, 10)), 1);
	assert_int_equal(db_row_count(list(d, "heartbeat", INT64_MAX, 10)), 0);
	rows = list(NULL, "boot", INT64_MAX, 1);
	assert_non_null(strstr(db_get_text(rows, 0, 0), other->session.id));
	rows = list(NULL, NULL, INT64_MAX, 1);
	assert_non_null(strstr(db_get_text(rows, 0, 0), other->session.id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_what_is_young_enough_is_kept),
		LAB_TEST(test_what_is_too_old_is_forgotten),
		LAB_TEST(test_a_long_history_goes_in_batches),
		LAB_TEST(test_a_task_that_took_long_does_not_hide_those_behind_it),
		LAB_TEST(test_a_row_of_the_future_does_not_hide_those_behind_it),
		LAB_TEST(test_even_a_short_history_is_walked_by_index),
		LAB_TEST(test_events_are_listed_newest_first_by_device_and_kind),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
