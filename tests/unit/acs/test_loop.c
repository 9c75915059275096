/* An event loop of the server, without the rest of it: its mailbox and its end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/thread.h>

#include "acs/server.h"
#include "base/compiler.h"

enum { PATIENCE_SECONDS = 20 };

static char no_name_servers[] = "";
static struct config config = {
	.connection_request = { .name_servers = no_name_servers },
	.database = { .connections = 1, .connect_timeout_ms = 1000, .in_flight = 1, .batch = 1 },
};
static struct server server = {
	.config = &config,
	.database_url = "host=/nowhere",
	.codec_limits = { .depth = 32,
		.text_bytes = 4096,
		.list_items = 64,
		.cpu_ms = 1000,
		.cpu_ms_per_mb = 1000 },
};
static struct loop loop;

/* A loop that does not end is ended by the alarm, and the test fails. */
static int open_loop(void **state)
{
	(void)state;
	evthread_use_pthreads();
	alarm(PATIENCE_SECONDS);
	return loop_init(&loop, &server, 0) ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	loop_clear(&loop);
	alarm(0);
	return 0;
}

static void *run(void *arg)
{
	loop_run(arg);
	return NULL;
}

static void test_a_loop_told_to_stop_before_it_runs_ends_at_once(void **state)
{
	(void)state;
	loop_stop(&loop);
	loop_run(&loop);
}

static void test_a_loop_that_waits_is_stopped_by_another_thread(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run, &loop), 0);
	usleep(50000);
	loop_stop(&loop);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* The moment in which the thread enters its loop is hit by chance, so it is tried often. */
static void test_a_stop_is_never_lost_while_the_loop_begins(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		pthread_t thread;
		assert_int_equal(pthread_create(&thread, NULL, run, &loop), 0);
		loop_stop(&loop);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
}

static void add_one(void *arg)
{
	++*(int *)arg;
}

static void test_letters_before_a_stop_are_opened(void **state)
{
	(void)state;
	int opened = 0;
	loop_post(&loop, add_one, &opened);
	loop_post(&loop, add_one, &opened);
	loop_stop(&loop);
	loop_run(&loop);
	assert_int_equal(opened, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_loop_told_to_stop_before_it_runs_ends_at_once),
		TEST(test_a_loop_that_waits_is_stopped_by_another_thread),
		TEST(test_a_stop_is_never_lost_while_the_loop_begins),
		TEST(test_letters_before_a_stop_are_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
