/* test_cluster: the private PostgreSQL from its creation to its end, with the deaths between.
 * Each test has a data folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "private_cluster.h"

static struct private_cluster server;

static int make_folder(void **state)
{
	(void)state;
	private_cluster_folder(&server);
	server.cluster = NULL;
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	private_cluster_stop(&server);
	return 0;
}

static struct db_cluster *start(bool is_server, char *why, size_t why_size)
{
	const struct db_cluster_options options = {
		.data_dir = server.dir, .may_create = true, .is_server = is_server
	};
	why[0] = '\0';
	return db_cluster_start(&options, why, why_size);
}

static struct db_cluster *must_start(bool is_server)
{
	char why[512];
	struct db_cluster *cluster = start(is_server, why, sizeof(why));
	assert_string_equal(why, "");
	assert_non_null(cluster);
	return cluster;
}

/* Process of the running PostgreSQL, 0 when its file or the process is gone. */
static pid_t postmaster(void)
{
	char path[128];
	int pid = 0;
	snprintf(path, sizeof(path), "%s/postgresql/data/postmaster.pid", server.dir);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid && kill(pid, 0) == 0 ? pid : 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static int64_t ask_number(const struct db_cluster *cluster, const char *sql)
{
	struct event_base *base = event_base_new();
	const struct db_options options = { .url = db_cluster_url(cluster),
		.connections = 1,
		.connect_timeout_ms = 10000,
		.reconnect_min_ms = 10,
		.reconnect_max_ms = 50,
		.in_flight = 1 };
	struct db *db = db_open(base, &options);
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	const struct db_statement statement = { "test", sql };
	db_add(&question, &statement, NULL, 0);
	const struct db_answer answer = db_ask_and_wait(db, base, arena, &question);
	assert_string_equal(answer.text, "");
	const int64_t number = db_row_count(answer.results[0]) ? db_get_int(answer.results[0], 0, 0)
							       : 0;
	arena_free(arena);
	db_close(db);
	event_base_free(base);
	return number;
}

static void test_a_cluster_takes_the_connections_it_is_asked_for(void **state)
{
	(void)state;
	char why[512];
	const struct db_cluster_options options = {
		.data_dir = server.dir, .may_create = true, .connections = 77
	};
	server.cluster = db_cluster_start(&options, why, sizeof(why));
	assert_non_null(server.cluster);
	static const char asked[] =
		"SELECT setting::bigint FROM pg_settings WHERE name = 'max_connections'";
	assert_int_equal(ask_number(server.cluster, asked), 77);
}

static void test_a_cluster_is_created_kept_and_stopped(void **state)
{
	(void)state;
	struct db_cluster *first = must_start(true);
	ask_number(first, "CREATE TABLE kept AS SELECT 42 AS n");
	assert_true(postmaster() > 0);
	db_cluster_stop(first);
	assert_int_equal(postmaster(), 0);
	server.cluster = must_start(true);
	assert_int_equal(ask_number(server.cluster, "SELECT n FROM kept"), 42);
	assert_int_equal(
		ask_number(server.cluster,
			"SELECT count(*) FROM pg_settings WHERE (name, setting) IN"
			" (('listen_addresses', ''), ('server_encoding', 'UTF8'))"),
		2);
	assert_int_equal(ask_number(server.cluster,
				 "SELECT count(*) FROM pg_settings WHERE name = 'wal_compression'"
				 " AND setting <> 'off' AND (setting = 'lz4') ="
				 "  coalesce('lz4' = ANY (enumvals), false)"),
		1);
	assert_in_range(ask_number(server.cluster, "SELECT pg_size_bytes(current_setting('shared_buffers'))"),
		128 << 20, 1 << 30);
}

static void test_a_missing_cluster_is_an_error_when_it_may_not_be_created(void **state)
{
	(void)state;
	char why[512] = "";
	const struct db_cluster_options options = { .data_dir = server.dir };
	assert_null(db_cluster_start(&options, why, sizeof(why)));
	assert_non_null(strstr(why, "there is no database here"));
}

static void test_a_second_server_is_refused_naming_the_first(void **state)
{
	(void)state;
	char why[512], process[32];
	server.cluster = must_start(true);
	assert_null(start(true, why, sizeof(why)));
	snprintf(process, sizeof(process), "(process %d)", (int)getpid());
	assert_non_null(strstr(why, process));
	assert_true(postmaster() > 0);
	assert_int_equal(ask_number(server.cluster, "SELECT 1"), 1);
}

static void test_a_tool_attaches_to_what_the_server_runs(void **state)
{
	(void)state;
	server.cluster = must_start(true);
	const pid_t pid = postmaster();
	struct db_cluster *tool = must_start(false);
	assert_int_equal(postmaster(), pid);
	assert_int_equal(ask_number(tool, "SELECT 5"), 5);
	db_cluster_stop(tool);
	assert_int_equal(postmaster(), pid);
}

static void test_the_last_one_to_leave_stops_postgresql(void **state)
{
	(void)state;
	struct db_cluster *tool = must_start(false);
	const pid_t pid = postmaster();
	struct db_cluster *serving = must_start(true);
	assert_int_equal(postmaster(), pid);
	db_cluster_stop(tool);
	assert_int_equal(ask_number(serving, "SELECT 6"), 6);
	tool = must_start(false);
	db_cluster_stop(serving);
	assert_int_equal(ask_number(tool, "SELECT 7"), 7);
	db_cluster_stop(tool);
	assert_int_equal(postmaster(), 0);
}

/* The first new one may find the shared memory of the old one's children still in use and end; so the watch
 * goes on for a while, as a server's would. */
static void kill_and_watch(pid_t pid)
{
	int revivals = 0;
	kill(pid, SIGKILL);
	for (int looks = 0; looks < 40; looks++, pause_ms(50))
		revivals += db_cluster_watch(server.cluster);
	assert_true(revivals > 0);
}

/* A server that starts, and dies by kill -9; returns the PostgreSQL that it leaves. */
static pid_t kill_a_server(void)
{
	const pid_t child = fork();
	if (child == 0) {
		char why[512];
		kill(start(true, why, sizeof(why)) ? getpid() : 0, SIGKILL);
	}
	int status;
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	const pid_t pid = postmaster();
	assert_true(pid > 0);
	return pid;
}

static void test_postgresql_outlives_a_killed_server_and_is_adopted(void **state)
{
	(void)state;
	const pid_t pid = kill_a_server();
	server.cluster = must_start(true);
	assert_int_equal(postmaster(), pid);
	assert_false(db_cluster_watch(server.cluster));
	assert_int_equal(ask_number(server.cluster, "SELECT 8"), 8);

	kill_and_watch(pid);
	assert_int_equal(ask_number(server.cluster, "SELECT 9"), 9);
	assert_int_not_equal(postmaster(), pid);
}

static void test_a_postgresql_killed_a_moment_ago_does_not_keep_the_next_server_from_starting(
	void **state)
{
	(void)state;
	const pid_t pid = kill_a_server();
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && kill(pid, 0) == 0)
		pause_ms(1); /* not our child: whoever adopted it sees to it */
	server.cluster = must_start(true);
	assert_int_not_equal(postmaster(), pid);
	assert_int_equal(ask_number(server.cluster, "SELECT 11"), 11);
}

static void test_the_watch_revives_a_killed_postgresql(void **state)
{
	(void)state;
	server.cluster = must_start(true);
	const pid_t pid = postmaster();
	assert_false(db_cluster_watch(server.cluster));
	kill_and_watch(pid);
	assert_int_equal(ask_number(server.cluster, "SELECT 10"), 10);
	assert_int_not_equal(postmaster(), pid);
}

static void test_an_unfinished_creation_is_begun_again(void **state)
{
	(void)state;
	char path[128];
	struct db_cluster *first = must_start(true);
	db_cluster_stop(first);
	char whole[128];
	snprintf(whole, sizeof(whole), "%s/postgresql/data", server.dir);
	snprintf(path, sizeof(path), "%s/postgresql/data.new", server.dir);
	assert_int_equal(rename(whole, path), 0);
	server.cluster = must_start(true);
	assert_int_equal(ask_number(server.cluster, "SELECT 11"), 11);
}

static void test_a_folder_that_postgresql_may_not_enter_is_named(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	char why[512], inner[128];
	assert_int_equal(chmod(server.dir, 0700), 0);
	snprintf(inner, sizeof(inner), "%s/a/b", server.dir);
	const struct db_cluster_options options = { .data_dir = inner, .may_create = true };
	assert_null(db_cluster_start(&options, why, sizeof(why)));
	char expected[128];
	snprintf(expected, sizeof(expected), "may not enter %s:", server.dir);
	assert_non_null(strstr(why, expected));
}

static void test_an_absent_program_is_told(void **state)
{
	(void)state;
	char why[512];
	const struct db_cluster_options options = {
		.data_dir = server.dir, .bin_dir = "/nowhere", .may_create = true
	};
	assert_null(db_cluster_start(&options, why, sizeof(why)));
	assert_string_equal(why, "/nowhere: no initdb and postgres there");
}

/* PostgreSQL's own words reach the caller. */
static void test_a_broken_setting_is_told_with_the_reason(void **state)
{
	(void)state;
	char why[512], path[128];
	struct db_cluster *first = must_start(true);
	db_cluster_stop(first);
	snprintf(path, sizeof(path), "%s/postgresql/data/postgresql.conf", server.dir);
	FILE *file = fopen(path, "a");
	fputs("no_such_setting = 1\n", file);
	fclose(file);
	assert_null(start(true, why, sizeof(why)));
	assert_non_null(strstr(why, "PostgreSQL ended while it started: "));
	assert_non_null(strstr(why, "FATAL"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_cluster_is_created_kept_and_stopped),
		TEST(test_a_cluster_takes_the_connections_it_is_asked_for),
		TEST(test_a_missing_cluster_is_an_error_when_it_may_not_be_created),
		TEST(test_a_second_server_is_refused_naming_the_first),
		TEST(test_a_tool_attaches_to_what_the_server_runs),
		TEST(test_the_last_one_to_leave_stops_postgresql),
		TEST(test_postgresql_outlives_a_killed_server_and_is_adopted),
		TEST(test_a_postgresql_killed_a_moment_ago_does_not_keep_the_next_server_from_starting),
		TEST(test_the_watch_revives_a_killed_postgresql),
		TEST(test_an_unfinished_creation_is_begun_again),
		TEST(test_a_folder_that_postgresql_may_not_enter_is_named),
		TEST(test_an_absent_program_is_told),
		TEST(test_a_broken_setting_is_told_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
