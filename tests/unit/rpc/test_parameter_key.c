/* The ParameterKey: set by what we change, expected in every Inform, and what it means when it is gone. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static const char onboarding[] = "SetParameterValues:queued Refresh:queued";

static const char set_order[] = "{'method': 'SetParameterValues', 'parameters': [{'name': '" ROOT
				"A', 'value': 'x'}]}";
static const char add_order[] = "{'method': 'AddObject', 'object': '" ROOT "T.'}";

/* A device that has this key is sent a task, which it does not answer yet. */
static int64_t send_to(struct device *d, const char *key, const char *order)
{
	const int64_t task = queue(d, order);
	inform(d, .parameter_key = key);
	assert_non_null(empty(d));
	return task;
}

/* Sets a parameter; the key that the device has from then on. */
static const char *set_something(struct device *d, const char *key)
{
	const int64_t task = send_to(d, key, set_order);
	assert_null(respond_status(d, 0));
	return task_text(task, "command_key");
}

/* Tasks that are not the ones of set_something(). */
static const char *onboarding_of(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_onboarding",
		.sql = "SELECT coalesce(string_agg(method || ':' || state, ' ' ORDER BY task_id), '')"
		       " FROM task WHERE device_id = $1 AND actor = 'onboarding'",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id)));
}

static void test_key_that_was_shown_and_is_gone_onboards_the_device_again(void **state)
{
	struct device *d = known_device();
	(void)state;
	const char *key = set_something(d, "");
	assert_text(device_text(d, "expected_key"), key);
	inform(d, .parameter_key = key);
	assert_text(onboarding_of(d), "");
	inform(d, .parameter_key = "");
	assert_text(onboarding_of(d), onboarding);
	assert_true(d->session.has_tasks);
	assert_text(event_detail(d, "configuration lost", "expected"), key);
	assert_text(event_detail(d, "configuration lost", "parameter_key"), "");
	inform(d, .parameter_key = "else");
	assert_text(onboarding_of(d), onboarding);
	assert_text(events_of(d), "configuration lost");
}

static void test_device_that_never_shows_our_key_is_left_alone(void **state)
{
	struct device *d = known_device();
	(void)state;
	set_something(d, "");
	inform(d, .parameter_key = "");
	inform(d, .parameter_key = "its own");
	assert_text(onboarding_of(d), "");
	assert_text(events_of(d), "");
}

static void test_lost_configuration_is_only_noted_where_the_operator_wants_that(void **state)
{
	struct device *d = known_device();
	(void)state;
	inform(d, .parameter_key = set_something(d, ""));
	lab_settings.reprovisions = false;
	inform(d, .parameter_key = "");
	lab_settings.reprovisions = true;
	assert_text(onboarding_of(d), "");
	assert_text(events_of(d), "configuration lost");
}

static void test_key_of_a_change_whose_answer_was_lost_is_ours(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = send_to(d, set_something(d, ""), add_order);
	const char *key = task_text(task, "command_key");
	inform(d, .parameter_key = key); /* it was executed, but the answer was lost */
	assert_text(task_text(task, "state"), "done");
	assert_text(device_text(d, "expected_key"), key);
	assert_text(onboarding_of(d), "");
	inform(d, .parameter_key = "");
	assert_text(onboarding_of(d), onboarding);
}

/* Else it would get a second object, and a third. */
static void test_lost_add_object_is_not_repeated_where_no_key_was_ever_shown(void **state)
{
	struct device *d = known_device();
	(void)state;
	set_something(d, "");
	const int64_t task = send_to(d, "", add_order);
	inform(d, .parameter_key = "");
	assert_text(task_text(task, "state"), "failed");
	assert_null(empty(d));
}

static void test_lost_add_object_is_repeated_where_the_last_key_is_shown(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const char *key = set_something(d, "");
	send_task(d, add_order, &task);
	inform(d, .parameter_key = key);
	assert_int_equal(empty(d)->method, CWMP_ADD_OBJECT);
}

static void test_key_of_an_earlier_configuration_is_a_lost_one(void **state)
{
	struct device *d = known_device();
	(void)state;
	const char *first = set_something(d, "");
	inform(d, .parameter_key = set_something(d, first));
	inform(d, .parameter_key = first); /* restored from a backup */
	assert_text(onboarding_of(d), onboarding);
}

static void test_key_that_the_operator_chose_is_expected(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d,
		"{'method': 'SetParameterValues', 'parameter_key': 'mine',"
		" 'parameters': [{'name': '" ROOT "A', 'value': 'x'}]}",
		&task);
	respond_status(d, 0);
	assert_text(device_text(d, "expected_key"), "mine");
}

static void test_objects_set_the_key_too(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, add_order, &task);
	respond_added(d, 1);
	assert_text(device_text(d, "expected_key"), task_text(task, "command_key"));
	send_task(d, "{'method': 'DeleteObject', 'object': '" ROOT "T.1.'}", &task);
	respond_status(d, 0);
	assert_text(device_text(d, "expected_key"), task_text(task, "command_key"));
}

static void test_change_that_was_refused_leaves_the_key(void **state)
{
	struct device *d = known_device();
	(void)state;
	const char *key = set_something(d, "");
	send_to(d, key, add_order);
	respond_fault(d, 9005);
	assert_text(device_text(d, "expected_key"), key);
}

static void test_bootstrap_begins_without_a_key(void **state)
{
	struct device *d = known_device();
	(void)state;
	inform(d, .parameter_key = set_something(d, ""));
	inform(d, .event = "0 BOOTSTRAP", .parameter_key = "");
	assert_null(device_text(d, "expected_key"));
	assert_text(onboarding_of(d), onboarding);
	inform(d, .parameter_key = "x");
	assert_text(onboarding_of(d), onboarding);
	assert_text(events_of(d), "bootstrap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_key_that_was_shown_and_is_gone_onboards_the_device_again),
		LAB_TEST(test_device_that_never_shows_our_key_is_left_alone),
		LAB_TEST(test_lost_configuration_is_only_noted_where_the_operator_wants_that),
		LAB_TEST(test_key_of_a_change_whose_answer_was_lost_is_ours),
		LAB_TEST(test_lost_add_object_is_not_repeated_where_no_key_was_ever_shown),
		LAB_TEST(test_lost_add_object_is_repeated_where_the_last_key_is_shown),
		LAB_TEST(test_key_of_an_earlier_configuration_is_a_lost_one),
		LAB_TEST(test_key_that_the_operator_chose_is_expected),
		LAB_TEST(test_objects_set_the_key_too),
		LAB_TEST(test_change_that_was_refused_leaves_the_key),
		LAB_TEST(test_bootstrap_begins_without_a_key),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
