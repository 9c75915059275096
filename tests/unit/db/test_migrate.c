/* test_migrate: the migrations that are built into the program, on a real private cluster.
 * Each test begins with an empty database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "db/db.h"
#include "db/migrate.h"
#include "db/migration_files.h"
#include "private_cluster.h"

static struct private_cluster server;
static struct event_base *base;
static struct db *db;
static struct arena *arena;
static char why[512];

static void must_run(const char *sql)
{
	struct db_question question = db_question(arena);
	const struct db_statement statement = { sql, sql };
	db_add(&question, &statement, NULL, 0);
	assert_string_equal(db_ask_and_wait(db, base, arena, &question).text, "");
}

static int64_t count(const char *sql)
{
	struct db_question question = db_question(arena);
	const struct db_statement statement = { sql, sql };
	db_add(&question, &statement, NULL, 0);
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_string_equal(answer.text, "");
	return db_get_int(answer.results[0], 0, 0);
}

static int set_up(void **state)
{
	(void)state;
	private_cluster_start(&server);
	base = event_base_new();
	const struct db_options options = { .url = db_cluster_url(server.cluster),
		.connections = 1,
		.connect_timeout_ms = 5000,
		.reconnect_min_ms = 10,
		.reconnect_max_ms = 50,
		.in_flight = 10 };
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

static int empty_database(void **state)
{
	(void)state;
	arena = arena_new();
	must_run("DROP SCHEMA public CASCADE");
	must_run("CREATE SCHEMA public");
	why[0] = '\0';
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool migrate(void (*on_applied)(const char *name, void *arg), void *arg)
{
	return db_migrate(db_cluster_url(server.cluster), on_applied, arg, why, sizeof(why));
}

static bool is_current(void)
{
	return db_schema_is_current(db_cluster_url(server.cluster), why, sizeof(why));
}

static void count_applied(const char *name, void *arg)
{
	size_t *applied = arg;
	assert_string_equal(name, migration_files[*applied].name);
	++*applied;
}

static void test_an_empty_database_gets_every_file_once_in_order(void **state)
{
	(void)state;
	size_t applied = 0;
	assert_false(is_current());
	const bool ok = migrate(count_applied, &applied);
	assert_string_equal(why[0] && !ok ? why : "", "");
	assert_true(applied > 0);
	assert_int_equal(applied, migration_files_count);
	assert_true(is_current());
	assert_int_equal(count("SELECT count(*) FROM schema_migration"), (int64_t)applied);
	assert_int_equal(count("SELECT count(*) FROM pg_tables WHERE tablename = 'device'"), 1);

	applied = 0;
	assert_true(migrate(count_applied, &applied));
	assert_int_equal(applied, 0);
}

static void test_a_database_of_a_newer_program_is_refused(void **state)
{
	(void)state;
	assert_true(migrate(NULL, NULL));
	must_run("INSERT INTO schema_migration (name, sha256) VALUES ('9999_future', 'x')");
	assert_false(migrate(NULL, NULL));
	assert_string_equal(why, "the database is newer than this program: it has 9999_future");
	assert_false(is_current());
}

static void be_followed_by_one_for(const char *oldest_server)
{
	assert_true(migrate(NULL, NULL));
	must_run(arena_printf(arena,
		"WITH oldest(server) AS (VALUES ('%s'))"
		" INSERT INTO schema_migration (name, sha256, oldest_server)"
		" SELECT '9999_future', 'x', server FROM oldest",
		oldest_server));
}

static void test_a_newer_database_that_our_number_can_live_with_is_current(void **state)
{
	(void)state;
	const char *newest = migration_files[migration_files_count - 1].name;
	be_followed_by_one_for(arena_strndup(arena, newest, strlen("0001")));
	assert_true(is_current());
	assert_true(migrate(NULL, NULL));
}

static void test_a_newer_database_that_needs_a_newer_number_is_refused(void **state)
{
	(void)state;
	be_followed_by_one_for("9998");
	assert_false(is_current());
	assert_string_equal(why, "the database is newer than this program: it has 9999_future");
}

static void test_each_file_tells_the_oldest_server_that_lives_with_it(void **state)
{
	(void)state;
	assert_true(migrate(NULL, NULL));
	assert_int_equal(count("SELECT count(*) FROM schema_migration WHERE oldest_server !~ '^[0-9]{4}$'"
			       " OR oldest_server > left(name, 4)"), 0);
	assert_int_equal(count("SELECT count(*) FROM schema_migration WHERE oldest_server = '0001'"), 1);
}

static void test_a_database_of_a_time_without_oldest_servers_is_brought_up_to_date(void **state)
{
	(void)state;
	assert_true(migrate(NULL, NULL));
	must_run("ALTER TABLE schema_migration DROP COLUMN oldest_server");
	assert_true(is_current());
	assert_true(migrate(NULL, NULL));
}

static void test_a_file_that_changed_after_it_was_applied_is_refused(void **state)
{
	(void)state;
	assert_true(migrate(NULL, NULL));
	must_run("UPDATE schema_migration SET sha256 = 'other'");
	assert_false(migrate(NULL, NULL));
	assert_non_null(strstr(why, "is not what was applied"));
}

static void test_a_file_that_fails_leaves_nothing_behind(void **state)
{
	(void)state;
	must_run("CREATE TABLE parameter (in_the_way int)");
	assert_false(migrate(NULL, NULL));
	assert_ptr_equal(strstr(why, migration_files[0].name), why);
	assert_int_equal(count("SELECT count(*) FROM pg_tables WHERE tablename = 'device'"), 0);
	assert_int_equal(count("SELECT count(*) FROM schema_migration"), 0);
	must_run("DROP TABLE parameter");
	assert_true(migrate(NULL, NULL));
}

static void test_an_unreachable_database_is_told(void **state)
{
	(void)state;
	assert_false(db_migrate("host=/nowhere", NULL, NULL, why, sizeof(why)));
	assert_ptr_equal(strstr(why, "cannot connect to the database: "), why);
	assert_false(db_schema_is_current("host=/nowhere", why, sizeof(why)));
}

static void test_the_built_in_files_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < migration_files_count; i++) {
		char path[256];
		snprintf(path, sizeof(path), "migrations/%s.sql", migration_files[i].name);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		char *bytes = arena_alloc(arena, migration_files[i].length + 2);
		assert_int_equal(fread(bytes, 1, migration_files[i].length + 2, file),
			migration_files[i].length);
		assert_string_equal(bytes, migration_files[i].sql);
		fclose(file);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty_database, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_database_gets_every_file_once_in_order),
		TEST(test_a_database_of_a_newer_program_is_refused),
		TEST(test_a_newer_database_that_our_number_can_live_with_is_current),
		TEST(test_a_newer_database_that_needs_a_newer_number_is_refused),
		TEST(test_each_file_tells_the_oldest_server_that_lives_with_it),
		TEST(test_a_database_of_a_time_without_oldest_servers_is_brought_up_to_date),
		TEST(test_a_file_that_changed_after_it_was_applied_is_refused),
		TEST(test_a_file_that_fails_leaves_nothing_behind),
		TEST(test_an_unreachable_database_is_told),
		TEST(test_the_built_in_files_are_whole),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
