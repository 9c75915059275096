/* Quirks at work: what a device is asked, and what it is spared.
 * The lab's batch is REFRESH_BATCH names; without quirks a session takes REQUESTS_MAX requests. */
#include "db/task_progress.h"
#include "device.h"

#define ROOT "InternetGatewayDevice."

/* Names in the request as the last letters of each, "ab" for ROOT "a" and ROOT "b". */
static const char *letters(const struct cwmp_message *request)
{
	assert_non_null(request);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_VALUES);
	const struct cwmp_strings *asked = &request->request.parameter_names;
	char *text = arena_alloc(lab.arena, asked->count + 1);
	for (size_t i = 0; i < asked->count; i++)
		text[i] = asked->items[i][strlen(asked->items[i]) - 1];
	text[asked->count] = '\0';
	return text;
}

static const char *path_of(const struct cwmp_message *request)
{
	assert_non_null(request);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_NAMES);
	return request->request.get_parameter_names.path;
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

static const struct cwmp_message *respond_letters(struct device *d, const char *text)
{
	struct cwmp_name *names = arena_array(lab.arena, strlen(text), sizeof(*names));
	for (size_t i = 0; text[i]; i++)
		names[i] = (struct cwmp_name){ arena_printf(lab.arena, ROOT "%c", text[i]), true };
	return respond_names(d, names, strlen(text));
}

/* A session of a device with these quirks: the first request in it. */
static const struct cwmp_message *session(struct device *d, const struct quirks *quirks)
{
	inform(d);
	d->session.quirks = *quirks;
	return empty(d);
}

static const char refresh[] = "{'method': 'Refresh'}";

static void test_a_refresh_takes_the_smaller_of_what_is_learned_and_what_is_told(void **state)
{
	const struct quirks quirks = { .names_per_request = 3 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(letters(respond_letters(d, "abcd")), "abc");
	assert_string_equal(letters(respond_fault(d, 9004)), "a");
	while (respond_asked(d))
		continue;
	assert_text(task_text(task, "state"), "done");
	queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(letters(respond_letters(d, "abcd")), "a");
}

static const char read_three[] = "{'method': 'GetParameterValues', 'names': ['" ROOT "a', '" ROOT
				 "b', '" ROOT "c']}";

static void test_values_are_read_in_parts_that_the_device_bears(void **state)
{
	const struct quirks quirks = { .names_per_request = 2 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, read_three);
	assert_string_equal(letters(session(d, &quirks)), "ab");
	assert_string_equal(letters(respond_asked(d)), "c");
	assert_false(has_settled(d, task));
	assert_null(respond_asked(d));
	assert_true(has_settled(d, task));
	assert_text(task_text(task, "result.parameters.0.name"), ROOT "a");
	assert_text(task_text(task, "result.parameters.2.name"), ROOT "c");
	assert_text(value_of(d, ROOT "b"), "v");
}

static void test_a_fault_of_any_part_fails_the_reading(void **state)
{
	const struct quirks quirks = { .names_per_request = 1 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, read_three);
	session(d, &quirks);
	assert_string_equal(letters(respond_asked(d)), "b");
	assert_null(respond_fault(d, 9005));
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.code"), "9005");
}

static void test_a_method_that_quirks_rule_out_is_not_sent_and_the_queue_goes_on(void **state)
{
	const struct quirks quirks = { .unsupported_methods = UINT64_C(1) << CWMP_REBOOT };
	struct device *d = known_device();
	(void)state;
	const int64_t reboot = queue(d, "{'method': 'Reboot'}");
	queue(d, read_three);
	assert_string_equal(letters(session(d, &quirks)), "abc");
	assert_text(task_text(reboot, "state"), "failed");
	assert_text(task_text(reboot, "fault.message"),
		"the device's quirks tell that it has no Reboot");
}

static void test_a_refresh_fails_without_the_methods_that_it_is_made_of(void **state)
{
	const struct quirks quirks = { .unsupported_methods = UINT64_C(1)
							      << CWMP_GET_PARAMETER_NAMES };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	assert_null(session(d, &quirks));
	assert_text(task_text(task, "state"), "failed");
}

static void test_no_more_requests_are_sent_than_a_session_bears(void **state)
{
	const struct quirks quirks = { .requests_per_session = 1 };
	struct device *d = known_device();
	(void)state;
	queue(d, "{'method': 'GetRPCMethods'}");
	const int64_t second = queue(d, "{'method': 'Reboot'}");
	assert_int_equal(session(d, &quirks)->method, CWMP_GET_RPC_METHODS);
	assert_null(respond_fault(d, 9003));
	assert_int_equal(d->next, RPC_END);
	assert_text(task_text(second, "state"), "queued");
	assert_int_equal(session(d, &quirks)->method, CWMP_REBOOT);
}

static void test_a_refresh_that_is_paused_reads_on_where_it_stopped(void **state)
{
	const struct quirks quirks = { .requests_per_session = 2 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(letters(respond_letters(d, "abcdefghij")), "abcd");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "queued");
	assert_false(has_settled(d, task));
	assert_string_equal(letters(session(d, &quirks)), "efgh");
	assert_string_equal(letters(respond_asked(d)), "ij");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "attempts"), "1");
	assert_text(task_text(task, "result.names"), "10");
	assert_text(task_text(task, "result.values"), "10");
}

static int64_t progress_count(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_progress",
		.sql = "SELECT count(*) FROM task_progress JOIN task USING (task_id) WHERE device_id = $1",
	};
	return count_of(d, &statement);
}

static void sweep_progress(void)
{
	struct db_question question = db_question(lab.arena);
	task_progress_sweep(&question);
	lab_ask(&question);
}

static void test_progress_is_kept_as_long_as_its_task_can_go_on(void **state)
{
	const struct quirks quirks = { .requests_per_session = 1 };
	const struct audit_note note = { .actor = "lab", .action = "DELETE", .target = "task" };
	struct device *d = known_device();
	struct db_question question = db_question(lab.arena);
	(void)state;
	const int64_t task = queue(d, refresh);
	session(d, &quirks);
	assert_null(respond_letters(d, "abcdef"));
	sweep_progress();
	assert_int_equal(progress_count(d), 1);
	tasks_cancel(&question, &note, task);
	lab_ask(&question);
	sweep_progress();
	assert_int_equal(progress_count(d), 0);
}

/* GetRPCMethods may be all that could lift it. */
static void test_a_device_that_bears_no_get_rpc_methods_is_not_held(void **state)
{
	struct device *d = known_device();
	const struct telling nothing = { 0 };
	(void)state;
	lab_settings.hold_requests = true;
	queue(d, refresh);
	inform(d);
	assert_true(d->session.is_held);
	d->session.is_held = false;
	d->session.quirks.unsupported_methods = UINT64_C(1) << CWMP_GET_RPC_METHODS;
	assert_non_null(post(d, inform_message(d, &nothing)));
	lab_settings.hold_requests = false;
	assert_false(d->session.is_held);
}

/* With two requests a session a culprit must not be searched from the start in each of them. */
static void test_the_search_for_a_bad_name_goes_on_over_pauses(void **state)
{
	const struct quirks quirks = { .requests_per_session = 2 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(letters(respond_letters(d, "abcd")), "abcd");
	assert_null(respond_fault(d, 9005));
	assert_string_equal(letters(session(d, &quirks)), "ab");
	assert_string_equal(letters(respond_fault(d, 9005)), "a");
	assert_null(respond_asked(d));
	assert_string_equal(letters(session(d, &quirks)), "b");
	assert_string_equal(letters(respond_fault(d, 9005)), "cd");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.skipped.0"), ROOT "b");
	assert_text(task_text(task, "result.values"), "3");
}

static void test_levels_go_on_over_pauses(void **state)
{
	const struct quirks quirks = { .names = NAMES_BY_LEVELS, .requests_per_session = 2 };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	assert_string_equal(path_of(session(d, &quirks)), ROOT);
	assert_string_equal(
		path_of(respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "Y.", true }))),
		ROOT "Y.");
	assert_null(respond_names(d, NAMES({ ROOT "Y.a", true })));
	assert_string_equal(path_of(session(d, &quirks)), ROOT "X.");
	assert_string_equal(letters(respond_names(d, NAMES({ ROOT "X.b", false }))), "ab");
	assert_null(respond_asked(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(parameter_text(d, ROOT "Y.a", "writable"), "true");
	assert_text(parameter_text(d, ROOT "X.b", "writable"), "false");
}

static void test_a_session_lost_after_a_pause_is_repeated_from_the_pause(void **state)
{
	const struct quirks quirks = { .requests_per_session = 2 };
	struct device *d = known_device();
	(void)state;
	queue(d, refresh);
	session(d, &quirks);
	respond_letters(d, "abcdef");
	assert_null(respond_asked(d));
	assert_string_equal(letters(session(d, &quirks)), "ef");
	break_off(d);
	assert_string_equal(letters(session(d, &quirks)), "e");
}

/* A device that told the whole tree at one level is not asked for it again level by level. */
static void test_a_level_that_tells_the_whole_tree_or_itself_is_asked_once(void **state)
{
	const struct quirks quirks = { .names = NAMES_BY_LEVELS };
	struct device *d = known_device();
	(void)state;
	queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(letters(respond_names(d, NAMES({ ROOT, false }, { ROOT "X.", false },
							     { ROOT "X.a", true }))),
		"a");
	assert_null(respond_asked(d));
	queue(d, refresh);
	session(d, &quirks);
	assert_string_equal(
		path_of(respond_names(d, NAMES({ ROOT, false }, { ROOT "X.", false }))), ROOT "X.");
	assert_string_equal(
		letters(respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "X.a", true }))), "a");
}

/* What its caller learns of a device whose whole tree is all that can be believed. */
static void test_a_whole_tree_that_is_refused_is_retried_where_levels_are_wrong(void **state)
{
	const struct quirks quirks = { .names = NAMES_WHOLE };
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, refresh);
	session(d, &quirks);
	assert_null(respond_fault(d, 9002));
	assert_text(task_text(task, "state"), "queued");
	assert_int_equal(retry_wait(task), RETRY_SECONDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_a_refresh_takes_the_smaller_of_what_is_learned_and_what_is_told),
		LAB_TEST(test_values_are_read_in_parts_that_the_device_bears),
		LAB_TEST(test_a_fault_of_any_part_fails_the_reading),
		LAB_TEST(test_a_method_that_quirks_rule_out_is_not_sent_and_the_queue_goes_on),
		LAB_TEST(test_a_refresh_fails_without_the_methods_that_it_is_made_of),
		LAB_TEST(test_no_more_requests_are_sent_than_a_session_bears),
		LAB_TEST(test_a_refresh_that_is_paused_reads_on_where_it_stopped),
		LAB_TEST(test_progress_is_kept_as_long_as_its_task_can_go_on),
		LAB_TEST(test_a_device_that_bears_no_get_rpc_methods_is_not_held),
		LAB_TEST(test_the_search_for_a_bad_name_goes_on_over_pauses),
		LAB_TEST(test_levels_go_on_over_pauses),
		LAB_TEST(test_a_session_lost_after_a_pause_is_repeated_from_the_pause),
		LAB_TEST(test_a_level_that_tells_the_whole_tree_or_itself_is_asked_once),
		LAB_TEST(test_a_whole_tree_that_is_refused_is_retried_where_levels_are_wrong),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
