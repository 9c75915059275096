/* Waiters on a real event loop, told from the same thread and from others.
 * loop_post() is the test's own, so that the waiter alone is under test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <event2/event.h>
#include <event2/thread.h>

#include "acs/server.h"
#include "acs/waiter.h"

enum { DEVICE = 7, TASK = 42 };

static struct server server;
static struct loop loop;

void loop_post(struct loop *to, void (*run)(void *arg), void *arg);

struct posted {
	void (*run)(void *arg);
	void *arg;
};

static void run_posted(evutil_socket_t fd, short what, void *arg)
{
	struct posted posted = *(struct posted *)arg;
	(void)fd, (void)what;
	free(arg);
	posted.run(posted.arg);
}

void loop_post(struct loop *to, void (*run)(void *arg), void *arg)
{
	struct posted *posted = malloc(sizeof(*posted));
	*posted = (struct posted){ run, arg };
	event_base_once(to->base, -1, EV_TIMEOUT, run_posted, posted, &(struct timeval){ 0 });
}

struct outcome {
	unsigned calls;
	bool happened;
};

static void note(bool happened, void *arg)
{
	struct outcome *outcome = arg;
	outcome->calls++;
	outcome->happened = happened;
}

/* Turns the loop until nothing is left in it. */
static void settle(void)
{
	event_base_dispatch(loop.base);
}

static int begin(void **state)
{
	(void)state;
	server.waiters = waiters_new();
	loop = (struct loop){ .server = &server, .base = event_base_new() };
	return 0;
}

static int end(void **state)
{
	(void)state;
	waiters_free(server.waiters);
	event_base_free(loop.base);
	return 0;
}

static void test_all_who_wait_for_a_task_are_told_once(void **state)
{
	struct outcome first = { 0 }, second = { 0 };
	(void)state;
	waiter_for_task(&loop, TASK, 60, note, &first);
	waiter_for_task(&loop, TASK, 60, note, &second);
	waiters_task_finished(server.waiters, TASK);
	waiters_task_finished(server.waiters, TASK);
	assert_int_equal(first.calls, 0);
	settle();
	assert_int_equal(first.calls, 1);
	assert_true(first.happened);
	assert_int_equal(second.calls, 1);
	assert_true(second.happened);
}

static void test_another_task_and_a_session_of_the_same_number_tell_nobody(void **state)
{
	struct outcome outcome = { 0 };
	(void)state;
	struct waiter *waiter = waiter_for_task(&loop, TASK, 60, note, &outcome);
	waiters_task_finished(server.waiters, TASK + 1);
	waiters_session_begun(server.waiters, TASK);
	waiter_cancel(waiter);
	settle();
	assert_int_equal(outcome.calls, 0);
}

static void test_a_session_tells_who_waits_for_its_device(void **state)
{
	struct outcome outcome = { 0 };
	(void)state;
	waiter_for_session(&loop, DEVICE, 60, note, &outcome);
	waiters_session_begun(server.waiters, DEVICE);
	settle();
	assert_int_equal(outcome.calls, 1);
	assert_true(outcome.happened);
}

static void test_a_taker_tells_who_has_a_task_for_its_device(void **state)
{
	struct outcome task = { 0 }, session = { 0 };
	(void)state;
	waiter_for_taker(&loop, DEVICE, 60, note, &task);
	struct waiter *other = waiter_for_session(&loop, DEVICE, 60, note, &session);
	waiters_taken(server.waiters, DEVICE);
	waiter_cancel(other);
	settle();
	assert_int_equal(task.calls, 1);
	assert_true(task.happened);
	assert_int_equal(session.calls, 0);
}

static void test_what_is_waited_for_can_be_listed_by_kind(void **state)
{
	struct outcome outcome = { 0 };
	size_t count;
	(void)state;
	struct arena *arena = arena_new();
	struct waiter *task = waiter_for_task(&loop, TASK, 60, note, &outcome);
	struct waiter *again = waiter_for_task(&loop, TASK, 60, note, &outcome);
	struct waiter *session = waiter_for_session(&loop, DEVICE, 60, note, &outcome);
	assert_int_equal(waiters_tasks(server.waiters, arena, &count)[0], TASK);
	assert_int_equal(count, 1);
	assert_int_equal(waiters_devices(server.waiters, arena, &count)[0], DEVICE);
	assert_int_equal(count, 1);
	waiter_cancel(task);
	waiter_cancel(again);
	waiter_cancel(session);
	waiters_tasks(server.waiters, arena, &count);
	assert_int_equal(count, 0);
	arena_free(arena);
}

static void test_time_up_is_told_as_not_happened(void **state)
{
	struct outcome outcome = { 0 };
	(void)state;
	waiter_for_task(&loop, TASK, 0, note, &outcome);
	settle();
	assert_int_equal(outcome.calls, 1);
	assert_false(outcome.happened);
	waiters_task_finished(server.waiters, TASK);
	settle();
	assert_int_equal(outcome.calls, 1);
}

static void test_a_cancelled_waiter_hears_nothing_even_when_told_already(void **state)
{
	struct outcome outcome = { 0 };
	(void)state;
	struct waiter *waiter = waiter_for_task(&loop, TASK, 0, note, &outcome);
	waiters_task_finished(server.waiters, TASK);
	waiter_cancel(waiter);
	settle();
	assert_int_equal(outcome.calls, 0);
	waiter_cancel(NULL);
}

enum { ROUNDS = 200 };

static void *finish_tasks(void *arg)
{
	(void)arg;
	for (int64_t task = 0; task < ROUNDS; task++)
		waiters_task_finished(server.waiters, task);
	return NULL;
}

static void test_telling_from_another_thread_reaches_every_waiter(void **state)
{
	static struct outcome outcomes[ROUNDS];
	pthread_t thread;
	(void)state;
	for (int64_t task = 0; task < ROUNDS; task++)
		waiter_for_task(&loop, task, 60, note, &outcomes[task]);
	assert_int_equal(pthread_create(&thread, NULL, finish_tasks, NULL), 0);
	settle();
	pthread_join(thread, NULL);
	for (unsigned task = 0; task < ROUNDS; task++) {
		assert_int_equal(outcomes[task].calls, 1);
		assert_true(outcomes[task].happened);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_all_who_wait_for_a_task_are_told_once, begin, end),
		cmocka_unit_test_setup_teardown(
			test_another_task_and_a_session_of_the_same_number_tell_nobody, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_session_tells_who_waits_for_its_device, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_taker_tells_who_has_a_task_for_its_device, begin, end),
		cmocka_unit_test_setup_teardown(
			test_what_is_waited_for_can_be_listed_by_kind, begin, end),
		cmocka_unit_test_setup_teardown(test_time_up_is_told_as_not_happened, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_cancelled_waiter_hears_nothing_even_when_told_already, begin, end),
		cmocka_unit_test_setup_teardown(
			test_telling_from_another_thread_reaches_every_waiter, begin, end),
	};
	evthread_use_pthreads();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
