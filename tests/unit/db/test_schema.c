/* test_schema: what the schema keeps true by itself, whoever writes, on a real private cluster.
 * The advisory lock 1 holds a question up where a test wants it to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "db/audit.h"
#include "db/device_list.h"
#include "db/devices.h"
#include "db/migrate.h"
#include "private_cluster.h"

enum { DEVICE = 1 };

/* A writer with a connection of its own, and how its question ended. */
struct writer {
	struct db *db;
	struct db_wait wait;
	bool is_done;
	enum db_outcome outcome;
	char sqlstate[6];
};

static struct private_cluster server;
static struct event_base *base;
static struct db *watcher;
static struct writer one, other;
static struct arena *arena;

static struct db *open_one(void)
{
	return db_open(base, &(const struct db_options){ .url = db_cluster_url(server.cluster),
				     .connections = 1,
				     .connect_timeout_ms = 5000,
				     .reconnect_min_ms = 10,
				     .reconnect_max_ms = 50,
				     .in_flight = 10 });
}

/* PostgreSQL tells statements apart by the first 63 bytes of their names. */
static const struct db_statement *statement_of(const char *sql)
{
	static struct db_statement known[64];
	static char names[LENGTH_OF(known)][sizeof("test_63")];
	size_t i = 0;
	while (known[i].sql && strcmp(known[i].sql, sql) != 0)
		i++;
	assert_true(i < LENGTH_OF(known) - 1);
	snprintf(names[i], sizeof(names[i]), "test_%02u", (unsigned)i % 100);
	known[i] = (struct db_statement){ names[i], sql };
	return &known[i];
}

static void add_step(struct db_question *question, const char *sql)
{
	db_add(question, statement_of(sql), NULL, 0);
}

static struct db_answer ask_and_wait(struct db *db, const char *sql)
{
	struct db_question question = db_question(arena);
	add_step(&question, sql);
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_string_equal(answer.text, "");
	return answer;
}

static void run(const char *sql)
{
	ask_and_wait(watcher, sql);
}

static int64_t number(const char *sql)
{
	return db_get_int(ask_and_wait(watcher, sql).results[0], 0, 0);
}

static void on_answer(const struct db_answer *answer, void *arg)
{
	struct writer *writer = arg;
	writer->is_done = true;
	writer->outcome = answer->outcome;
	strncpy(writer->sqlstate, answer->sqlstate, sizeof(writer->sqlstate) - 1);
}

static void begin(struct writer *writer, const struct db_question *question)
{
	db_ask(writer->db, question, &writer->wait, on_answer, writer);
}

/* Until the writer has written, or waits for somebody. */
static void settle(const struct writer *writer, int64_t waiting)
{
	while (!writer->is_done &&
		number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") <
			waiting)
		continue;
}

static void assert_both_wrote(void)
{
	run("SELECT pg_advisory_unlock(1)");
	while (!one.is_done || !other.is_done)
		event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(one.sqlstate, "");
	assert_string_equal(other.sqlstate, "");
	assert_int_equal(one.outcome, DB_OK);
	assert_int_equal(other.outcome, DB_OK);
}

static int set_up(void **state)
{
	char why[512] = "";
	(void)state;
	private_cluster_start(&server);
	base = event_base_new();
	watcher = open_one();
	one.db = open_one();
	other.db = open_one();
	assert_true(db_migrate(db_cluster_url(server.cluster), NULL, NULL, why, sizeof(why)));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(watcher);
	db_close(one.db);
	db_close(other.db);
	event_base_free(base);
	private_cluster_stop(&server);
	return 0;
}

static int fill(void **state)
{
	(void)state;
	arena = arena_new();
	one = (struct writer){ .db = one.db };
	other = (struct writer){ .db = other.db };
	run("TRUNCATE device, parameter, path, device_tag CASCADE");
	run("INSERT INTO device (device_id, id, oui, product_class, serial_number, tags)"
	    " VALUES (1, 'O-1', 'O', '', '1', '{a,b,a}'), (2, 'O-2', 'O', '', '2', '{b}')");
	run("INSERT INTO credential (device_id, username, realm, ha1_md5, ha1_sha256)"
	    " VALUES (1, 'u', 'r', 'm', 's')");
	run("INSERT INTO device_live (device_id, inform_hash, session_epoch)"
	    " VALUES (1, 'of 1', 1), (2, 'of 2', 1)");
	run("INSERT INTO parameter (device_id, path_id, value) VALUES (1, 1, 'x'), (1, 2, 'y'), (2, 1, 'z')");
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_parameters_go_with_their_device_and_no_others(void **state)
{
	(void)state;
	run("DELETE FROM device WHERE device_id = 1");
	assert_int_equal(number("SELECT count(*) FROM parameter WHERE device_id = 1"), 0);
	assert_int_equal(number("SELECT count(*) FROM parameter WHERE device_id = 2"), 1);
}

#define DIFFERENCES \
	"SELECT count(*) FROM (SELECT DISTINCT unnest(tags), device_id FROM device) AS told(tag, device_id)" \
	" FULL JOIN device_tag listed USING (tag, device_id)" \
	" WHERE listed.device_id IS NULL OR told.device_id IS NULL"

static void test_tags_are_listed_as_the_devices_have_them(void **state)
{
	(void)state;
	static const char *const changes[] = {
		"UPDATE device SET tags = '{b,c}' WHERE device_id = 1",
		"UPDATE device SET tags = '{}' WHERE device_id = 2",
		"UPDATE device SET tags = tags || '{d,d}'::text[]",
		"UPDATE device SET manufacturer = 'M'",
		"DELETE FROM device WHERE device_id = 1",
		"INSERT INTO device (device_id, id, oui, product_class, serial_number, tags)"
		" VALUES (1, 'O-1', 'O', '', '1', '{e}')",
	};
	assert_int_equal(number("SELECT count(*) FROM device_tag"), 3);
	assert_int_equal(number(DIFFERENCES), 0);
	for (size_t i = 0; i < LENGTH_OF(changes); i++) {
		run(changes[i]);
		assert_int_equal(number(DIFFERENCES), 0);
	}
	assert_int_equal(number("SELECT count(*) FROM device_tag"), 2);
}

#define HASHES "SELECT count(*) FROM device_live WHERE inform_hash IS NOT NULL"

static void test_whoever_changes_a_credential_clears_the_hash_that_vouches_for_it(void **state)
{
	(void)state;
	static const char *const changes[] = {
		"UPDATE credential SET ha1_md5 = 'n'",
		"UPDATE credential SET username = 'v'",
		"DELETE FROM credential",
		"INSERT INTO credential (device_id, username, realm, ha1_md5, ha1_sha256)"
		" VALUES (1, 'u', 'r', 'm', 's')",
	};
	for (size_t i = 0; i < LENGTH_OF(changes); i++) {
		run("UPDATE device_live SET inform_hash = 'again'");
		run(changes[i]);
		assert_int_equal(number(HASHES " AND device_id = 1"), 0);
		assert_int_equal(number(HASHES " AND device_id = 2"), 1);
	}
}

static void test_how_we_call_a_device_has_nothing_to_do_with_the_hash(void **state)
{
	(void)state;
	run("UPDATE credential SET connection_request_username = 'c'");
	assert_int_equal(number(HASHES), 2);
}

/* By a program that does not know the hash. */
static void test_a_credential_that_changes_while_a_hash_is_being_stored_clears_it(void **state)
{
	(void)state;
	struct db_question store = db_question(arena), change = db_question(arena);
	run("UPDATE device_live SET inform_hash = NULL");
	run("SELECT pg_advisory_lock(1)");
	devices_lock(&store, DEVICE);
	add_step(&store,
		"UPDATE device_live SET inform_hash = 'of the old one' WHERE device_id = 1");
	add_step(&store, "SELECT pg_advisory_xact_lock(1)");
	begin(&one, &store);
	settle(&one, 1);
	add_step(&change, "UPDATE credential SET ha1_md5 = 'n'");
	begin(&other, &change);
	settle(&other, 2);
	assert_both_wrote();
	assert_int_equal(number(HASHES), 0);
}

/* As an Inform does it. */
static void test_a_device_that_informs_while_it_is_deleted_stands_in_nobodys_way(void **state)
{
	(void)state;
	static const struct audit_note note = { .actor = "test", .action = "DELETE", .target = "O-1" };
	struct db_question store = db_question(arena), delete = db_question(arena);
	run("SELECT pg_advisory_lock(1)");
	devices_lock(&store, DEVICE);
	add_step(&store, "SELECT pg_advisory_xact_lock(1)");
	add_step(&store, "UPDATE device SET retry_count = 1 WHERE device_id = 1");
	add_step(&store, "INSERT INTO parameter (device_id, path_id, value) VALUES (1, 3, 'late')");
	begin(&one, &store);
	settle(&one, 1);
	devices_delete(&delete, &note, DEVICE);
	begin(&other, &delete);
	settle(&other, 2);
	assert_both_wrote();
	assert_int_equal(number("SELECT count(*) FROM device WHERE device_id = 1"), 0);
	assert_int_equal(number("SELECT count(*) FROM parameter WHERE device_id = 1"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fill, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parameters_go_with_their_device_and_no_others),
		TEST(test_tags_are_listed_as_the_devices_have_them),
		TEST(test_whoever_changes_a_credential_clears_the_hash_that_vouches_for_it),
		TEST(test_how_we_call_a_device_has_nothing_to_do_with_the_hash),
		TEST(test_a_credential_that_changes_while_a_hash_is_being_stored_clears_it),
		TEST(test_a_device_that_informs_while_it_is_deleted_stands_in_nobodys_way),
	};
	return cmocka_run_group_tests_name("schema", tests, set_up, tear_down);
}
