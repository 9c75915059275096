/* What onboarding sets on a device that does not take all of it. */
#include "device.h"

#define ROOT "InternetGatewayDevice."
#define MANAGEMENT ROOT "ManagementServer."
#define TIME MANAGEMENT "PeriodicInformTime"

/* A new device, and the SetParameterValues that it is sent first. */
static struct device *onboarded(const struct cwmp_message **request)
{
	struct device *d = new_device();
	inform(d, .event = "0 BOOTSTRAP");
	*request = empty(d);
	assert_int_equal((*request)->method, CWMP_SET_PARAMETER_VALUES);
	return d;
}

static const struct cwmp_message *refuse_by_name(struct device *d, const char *name, unsigned code)
{
	struct cwmp_message *fault = message(CWMP_FAULT, CWMP_UNKNOWN_METHOD);
	struct cwmp_parameter_fault culprit = { name, code, "" };
	fault->id = d->turn.out.id;
	fault->fault = (struct cwmp_fault){ "Client", "CWMP fault", true, 9003, "Invalid arguments",
		&culprit, 1 };
	return post(d, fault);
}

static bool asks_for(const struct cwmp_message *request, const char *name)
{
	const struct cwmp_values *sent = &request->request.set_parameter_values.parameters;
	for (size_t i = 0; i < sent->count; i++)
		if (strcmp(sent->items[i].name, name) == 0)
			return true;
	return false;
}

static const char *result_of(const struct device *d, const char *path)
{
	static const struct db_statement statement = {
		.name = "lab_onboarding_result",
		.sql = "SELECT result #>> string_to_array($2, '.') FROM task"
		       " WHERE device_id = $1 AND method = 'SetParameterValues'",
	};
	return only_text(
		LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_text(path)));
}

static void test_parameter_that_the_device_refuses_is_left_out(void **state)
{
	const struct cwmp_message *request;
	struct device *d = onboarded(&request);
	(void)state;
	assert_true(asks_for(request, TIME));
	request = refuse_by_name(d, TIME, 9005);
	assert_int_equal(request->method, CWMP_SET_PARAMETER_VALUES);
	assert_int_equal(request->request.set_parameter_values.parameters.count, 4);
	assert_false(asks_for(request, TIME));
	request = respond_status(d, 0);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_NAMES);
	assert_text(result_of(d, "skipped.0"), TIME);
	assert_text(result_of(d, "status"), "0");
	assert_non_null(device_text(d, "connection_request_username"));
}

static void test_refusal_without_names_is_narrowed_down(void **state)
{
	const struct cwmp_message *request;
	struct device *d = onboarded(&request);
	unsigned requests = 1;
	(void)state;
	while (request->method == CWMP_SET_PARAMETER_VALUES) {
		assert_true(++requests < 20);
		request = asks_for(request, TIME) ? respond_fault(d, 9003) : respond_status(d, 0);
	}
	assert_text(result_of(d, "skipped.0"), TIME);
	assert_null(result_of(d, "skipped.1"));
	assert_text(value_of(d, MANAGEMENT "PeriodicInformInterval"), "3600");
	assert_non_null(device_text(d, "connection_request_username"));
	size_t length;
	assert_non_null(sealed_password(d, &length));
}

static void test_device_that_takes_nothing_fails_the_task(void **state)
{
	const struct cwmp_message *request;
	struct device *d = onboarded(&request);
	unsigned requests = 1;
	(void)state;
	while (request->method == CWMP_SET_PARAMETER_VALUES) {
		assert_true(++requests < 20);
		request = respond_fault(d, 9005);
	}
	assert_text(tasks_of(d), "SetParameterValues:failed Refresh:sent");
}

static void test_fault_that_may_pass_is_retried_as_a_whole(void **state)
{
	const struct cwmp_message *request;
	struct device *d = onboarded(&request);
	(void)state;
	assert_null(respond_fault(d, 9002));
	assert_text(tasks_of(d), "SetParameterValues:queued Refresh:queued");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_parameter_that_the_device_refuses_is_left_out),
		LAB_TEST(test_refusal_without_names_is_narrowed_down),
		LAB_TEST(test_device_that_takes_nothing_fails_the_task),
		LAB_TEST(test_fault_that_may_pass_is_retried_as_a_whole),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
