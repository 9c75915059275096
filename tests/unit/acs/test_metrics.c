/* Counters from many threads, and their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "acs/metrics.h"

static bool has_line(const char *line)
{
	struct buffer out = { 0 };
	metrics_write(&out);
	const bool found = strstr(out.data, line) != NULL;
	buffer_clear(&out);
	return found;
}

static void *count(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 10000; i++)
		metrics_add(METRIC_TASKS, "Reboot", i % 2 ? "done" : "failed", 1);
	return NULL;
}

static void test_no_count_is_lost_between_threads(void **state)
{
	pthread_t threads[4];
	(void)state;
	for (unsigned i = 0; i < LENGTH_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (unsigned i = 0; i < LENGTH_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_true(has_line("\nacs_tasks_total{method=\"Reboot\",outcome=\"done\"} 20000\n"));
	assert_true(has_line("\nacs_tasks_total{method=\"Reboot\",outcome=\"failed\"} 20000\n"));
}

static void test_a_metric_with_one_label_writes_one(void **state)
{
	(void)state;
	metrics_add(METRIC_FILE_BYTES, "out", NULL, 1u << 20);
	assert_true(has_line(
		"# TYPE acs_file_bytes_total counter\nacs_file_bytes_total{direction=\"out\"} 1048576\n"));
}

static void test_labels_beyond_the_room_are_counted_together(void **state)
{
	char label[16];
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(label, sizeof(label), "%u", i);
		metrics_add(METRIC_TASKS, label, "done", 1);
	}
	assert_true(has_line("acs_tasks_total{method=\"60\",outcome=\"done\"} 1\n"));
	assert_true(has_line("acs_tasks_total{method=\"other\",outcome=\"other\"} 39\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_count_is_lost_between_threads),
		cmocka_unit_test(test_a_metric_with_one_label_writes_one),
		cmocka_unit_test(test_labels_beyond_the_room_are_counted_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
