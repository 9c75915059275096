/* Refresh: how it learns a tree from devices that bear little.
 * The device answers with what a test gives it; the lab's batch is REFRESH_BATCH names. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static void assert_asks_names(const struct cwmp_message *request, const char *path, bool next_level)
{
	assert_non_null(request);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_NAMES);
	assert_text(request->request.get_parameter_names.path, path);
	assert_int_equal(request->request.get_parameter_names.next_level, next_level);
}

/* names: the last letters, "ab" for ROOT "a" and ROOT "b". */
static void assert_asks_values(const struct cwmp_message *request, const char *names)
{
	assert_non_null(request);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_VALUES);
	const struct cwmp_strings *asked = &request->request.parameter_names;
	char letters[32] = "";
	assert_true(asked->count < sizeof(letters));
	for (size_t i = 0; i < asked->count; i++)
		letters[i] = asked->items[i][strlen(asked->items[i]) - 1];
	assert_string_equal(letters, names);
}

static const struct cwmp_message *respond_letters(struct device *d, const char *letters)
{
	struct cwmp_name *names = arena_array(lab.arena, strlen(letters), sizeof(*names));
	for (size_t i = 0; letters[i]; i++)
		names[i] = (struct cwmp_name){ arena_printf(lab.arena, ROOT "%c", letters[i]),
			true };
	return respond_names(d, names, strlen(letters));
}

/* A value for every name that was asked for. */
static const struct cwmp_message *respond_asked(struct device *d)
{
	const struct cwmp_strings *asked = &d->turn.out.request.parameter_names;
	struct cwmp_value *values = arena_array(lab.arena, asked->count, sizeof(*values));
	for (size_t i = 0; i < asked->count; i++)
		values[i] = (struct cwmp_value){ asked->items[i], "v", "xsd:string" };
	return respond_values(d, values, asked->count);
}

static void test_refresh_reads_all_names_and_then_the_values_in_batches(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	assert_asks_names(send_task(d, "{'method': 'Refresh'}", &task), ROOT, false);
	assert_asks_values(respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "X.a", true },
						    { ROOT "X.b", false }, { ROOT "X.c", true },
						    { ROOT "X.d", true }, { ROOT "X.e", true })),
		"abcd");
	assert_asks_values(respond_asked(d), "e");
	assert_false(has_settled(d, task));
	assert_null(respond_asked(d));
	assert_true(has_settled(d, task));
	assert_true(knows(d, ROOT "X."));
	assert_text(parameter_text(d, ROOT "X.a", "writable"), "true");
	assert_text(parameter_text(d, ROOT "X.b", "writable"), "false");
	assert_text(value_of(d, ROOT "X.a"), "v");
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.names"), "6");
	assert_text(task_text(task, "result.values"), "5");
	assert_text(task_text(task, "result.skipped"), "[]");
}

static void test_every_request_has_an_id_of_its_own(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const char *first = send_task(d, "{'method': 'Refresh'}", &task)->id;
	const char *second = respond_letters(d, "a")->id;
	assert_string_not_equal(first, second);
}

static void test_vanished_rows_are_forgotten(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "Hosts.1.Name", "gone", NULL });
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_letters(d, "ab");
	assert_null(respond_asked(d));
	assert_false(knows(d, ROOT "Hosts.1.Name"));
	assert_true(knows(d, ROOT "a"));
}

static void test_only_what_differs_is_written_again(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_letters(d, "ab");
	assert_null(respond_asked(d));
	const char *a_updated = parameter_text(d, ROOT "a", "updated");
	const char *b_updated = parameter_text(d, ROOT "b", "updated");
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_names(d, NAMES({ ROOT "a", false }, { ROOT "b", true }, { ROOT "c", true }));
	struct cwmp_value values[] = { { ROOT "a", "v", "xsd:string" },
		{ ROOT "b", "7", "xsd:int" }, { ROOT "c", "new", NULL } };
	assert_null(respond_values(d, values, LENGTH_OF(values)));
	assert_text(parameter_text(d, ROOT "a", "writable"), "false");
	assert_text(parameter_text(d, ROOT "a", "updated"), a_updated);
	assert_string_not_equal(parameter_text(d, ROOT "b", "updated"), b_updated);
	assert_text(value_of(d, ROOT "b"), "7");
	assert_text(parameter_text(d, ROOT "b", "type"), "xsd:int");
	assert_text(value_of(d, ROOT "c"), "new");
}

static void test_what_is_told_twice_or_unasked_is_stored_as_it_was_told_last(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_names(d, NAMES({ ROOT "a", false }, { ROOT "a", true }, { ROOT "b", true }));
	struct cwmp_value values[] = { { ROOT "a", "1", "xsd:string" },
		{ ROOT "b", "1", "xsd:string" }, { ROOT "a", "2", "xsd:string" },
		{ ROOT "unasked", "3", "xsd:string" } };
	assert_null(respond_values(d, values, LENGTH_OF(values)));
	assert_text(value_of(d, ROOT "a"), "2");
	assert_text(parameter_text(d, ROOT "a", "writable"), "true");
	assert_text(value_of(d, ROOT "unasked"), "3");
}

static void test_device_without_GetParameterValues_has_its_names_stored(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_letters(d, "ab");
	assert_null(respond_fault(d, 9000));
	assert_text(task_text(task, "state"), "failed");
	assert_true(knows(d, ROOT "a"));
	assert_null(value_of(d, ROOT "a"));
}

static void test_refresh_of_a_subtree_leaves_all_others_alone(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "Hosts.1.Name", "gone", NULL });
	assert_asks_names(send_task(d, "{'method': 'Refresh', 'path': '" ROOT "Hosts.'}", &task),
		ROOT "Hosts.", false);
	assert_asks_values(
		respond_names(d, NAMES({ ROOT "Hosts.2.", false }, { ROOT "Hosts.2.N", false })),
		"N");
	assert_null(respond_asked(d));
	assert_false(knows(d, ROOT "Hosts.1.Name"));
	assert_true(knows(d, ROOT "DeviceInfo.SoftwareVersion"));
}

static void test_tree_without_parameters_is_done_at_once(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh', 'path': '" ROOT "Hosts.'}", &task);
	assert_null(respond_names(d, NULL, 0));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.names"), "0");
}

static void test_unknown_path_fails_with_the_devices_fault(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh', 'path': '" ROOT "Nope.'}", &task);
	assert_null(respond_fault(d, 9005));
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.code"), "9005");
}

static void test_whole_tree_refused_is_asked_level_by_level(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	assert_asks_names(respond_fault(d, 9004), ROOT, true);
	assert_asks_names(
		respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "a", true })), ROOT "X.", true);
	assert_asks_names(respond_names(d, NAMES({ ROOT "X.Y.", false }, { ROOT "X.b", true })),
		ROOT "X.Y.", true);
	assert_asks_values(respond_names(d, NAMES({ ROOT "X.Y.c", true })), "abc");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.names"), "5");
	assert_true(knows(d, ROOT "X.Y.c"));
}

static void test_object_refused_on_its_own_is_skipped_and_what_is_known_of_it_stays(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "X.known", "1", NULL });
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_fault(d, 9002);
	assert_asks_names(
		respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "a", true })), ROOT "X.", true);
	assert_asks_values(respond_fault(d, 9002), "a");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.skipped.0"), ROOT "X.");
	assert_true(knows(d, ROOT "X.known"));
}

static void test_root_refused_in_both_ways_is_retried_and_nothing_is_forgotten(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	assert_asks_names(respond_fault(d, 9002), ROOT, true);
	assert_null(respond_fault(d, 9002));
	assert_text(task_text(task, "state"), "queued");
	assert_text(task_text(task, "fault.code"), "9002");
	assert_true(knows(d, ROOT "DeviceInfo.SoftwareVersion"));
	let_retry_come(task);
	inform(d);
	assert_asks_names(empty(d), ROOT, false);
}

static void test_batch_that_is_too_much_is_halved_and_the_size_is_remembered(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	assert_asks_values(respond_letters(d, "abcdef"), "abcd");
	assert_asks_values(respond_fault(d, 9004), "ab");
	assert_text(device_text(d, "refresh_batch"), "2");
	assert_asks_values(respond_asked(d), "cd");
	assert_asks_values(respond_asked(d), "ef");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "result.values"), "6");
	assert_text(task_text(task, "result.skipped"), "[]");
	send_task(d, "{'method': 'Refresh'}", &task);
	assert_asks_values(respond_letters(d, "abcdef"), "ab");
}

static void test_one_bad_name_is_isolated_and_reported(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	assert_asks_values(respond_letters(d, "abcdef"), "abcd");
	assert_asks_values(respond_fault(d, 9005), "ab");
	assert_asks_values(respond_asked(d), "cd");
	assert_asks_values(respond_fault(d, 9005), "c");
	assert_asks_values(respond_fault(d, 9005), "d");
	assert_asks_values(respond_asked(d), "ef");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.values"), "5");
	assert_text(task_text(task, "result.skipped"), "[\"" ROOT "c\"]");
	assert_null(device_text(d, "refresh_batch"));
	assert_null(value_of(d, ROOT "c"));
	assert_text(value_of(d, ROOT "d"), "v");
}

static void test_device_that_breaks_off_over_a_batch_gets_a_smaller_one_next_time(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_letters(d, "abcdef");
	break_off(d);
	assert_text(device_text(d, "refresh_batch"), "2");
	inform(d);
	assert_asks_names(empty(d), ROOT, false);
	assert_asks_values(respond_letters(d, "abcdef"), "ab");
}

static void test_names_over_the_limit_of_a_device_are_not_asked_for(void **state)
{
	struct cwmp_name many[PARAMETERS_MAX + 3];
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	for (size_t i = 0; i < LENGTH_OF(many); i++)
		many[i] = (struct cwmp_name){ arena_printf(lab.arena, ROOT "P%02zu", i), false };
	const struct cwmp_message *next = respond_names(d, many, LENGTH_OF(many));
	while (next)
		next = respond_asked(d);
	assert_text(task_text(task, "result.names"), arena_printf(lab.arena, "%d", PARAMETERS_MAX));
	assert_false(knows(d, many[PARAMETERS_MAX].name));
}

static void test_refresh_without_a_known_root_fails_and_says_so(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .no_parameters = true);
	const int64_t task = queue(d, "{'method': 'Refresh'}");
	inform(d, .no_parameters = true);
	assert_null(empty(d));
	assert_non_null(strstr(task_text(task, "fault.message"), "root object"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_refresh_reads_all_names_and_then_the_values_in_batches),
		LAB_TEST(test_every_request_has_an_id_of_its_own),
		LAB_TEST(test_vanished_rows_are_forgotten),
		LAB_TEST(test_only_what_differs_is_written_again),
		LAB_TEST(test_what_is_told_twice_or_unasked_is_stored_as_it_was_told_last),
		LAB_TEST(test_device_without_GetParameterValues_has_its_names_stored),
		LAB_TEST(test_refresh_of_a_subtree_leaves_all_others_alone),
		LAB_TEST(test_tree_without_parameters_is_done_at_once),
		LAB_TEST(test_unknown_path_fails_with_the_devices_fault),
		LAB_TEST(test_whole_tree_refused_is_asked_level_by_level),
		LAB_TEST(test_object_refused_on_its_own_is_skipped_and_what_is_known_of_it_stays),
		LAB_TEST(test_root_refused_in_both_ways_is_retried_and_nothing_is_forgotten),
		LAB_TEST(test_batch_that_is_too_much_is_halved_and_the_size_is_remembered),
		LAB_TEST(test_one_bad_name_is_isolated_and_reported),
		LAB_TEST(test_device_that_breaks_off_over_a_batch_gets_a_smaller_one_next_time),
		LAB_TEST(test_names_over_the_limit_of_a_device_are_not_asked_for),
		LAB_TEST(test_refresh_without_a_known_root_fails_and_says_so),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
