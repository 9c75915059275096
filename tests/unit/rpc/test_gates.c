/* What is not worth sending: methods newer than the device, those it does not list, and those it has
 * refused. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static void test_version_is_told_by_headers_and_namespace(void **state)
{
	static const struct {
		struct telling told;
		enum cwmp_version version;
	} cases[] = {
		{ { .ns = CWMP_NS_1_0 }, CWMP_1_0 },
		{ { .ns = CWMP_NS_1_1 }, CWMP_1_1 },
		{ { .ns = CWMP_NS_1_2 }, CWMP_1_2 },
		{ { .ns = CWMP_NS_1_2, .session_timeout = 60 }, CWMP_1_3 },
		{ { .ns = CWMP_NS_1_3 }, CWMP_1_3 },
		{ { .ns = CWMP_NS_1_4 }, CWMP_1_4 },
		{ { .ns = CWMP_NS_1_2, .ns_uri = "urn:dslforum-org:cwmp-2-7" }, CWMP_1_0 },
		{ { .supported_versions = "1.0,1.4" }, CWMP_1_4 },
		{ { .supported_versions = " 1.0, 1.2 ,1.1,9.9" }, CWMP_1_2 },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct device *d = device_with_serial(arena_printf(lab.arena, "V%zu", i));
		lab.device_count = 0;
		assert_non_null(inform_telling(d, &cases[i].told));
		assert_int_equal(d->session.version, cases[i].version);
		assert_text(device_text(d, "cwmp_version"), cwmp_version_name(cases[i].version));
	}
}

static void test_requests_use_the_uri_that_the_device_uses(void **state)
{
	static const char uri[] = "urn:dslforum-org:cwmp-2-7";
	struct device *d = new_device();
	(void)state;
	inform(d, .ns_uri = uri);
	queue(d, "{'method': 'Reboot'}");
	inform(d, .ns_uri = uri);
	assert_text(empty(d)->ns_uri, uri);
}

static void test_method_newer_than_the_device_fails_when_it_is_queued(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, "{'method': 'GetAllQueuedTransfers'}");
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.message"),
		"GetAllQueuedTransfers needs CWMP 1.1, the device speaks 1.0");
	assert_text(task_text(task, "fault.code"), NULL);
	assert_non_null(task_text(task, "finished"));
}

static void test_method_newer_than_the_session_is_not_sent(void **state)
{
	struct device *d = modern_device();
	(void)state;
	const int64_t task = queue(d, "{'method': 'CancelTransfer', 'command_key': 'x'}");
	assert_text(task_text(task, "state"), "queued");
	inform(d, .ns = CWMP_NS_1_1);
	assert_null(empty(d));
	assert_true(has_settled(d, task));
	assert_text(task_text(task, "fault.message"),
		"CancelTransfer needs CWMP 1.2, the device speaks 1.1");
}

static void test_file_type_newer_than_the_device_is_not_sent(void **state)
{
	static const struct {
		const char *method, *file_type;
		enum cwmp_namespace ns;
		bool is_sent;
	} cases[] = {
		{ "Download", "4 Tone File", CWMP_NS_1_1, false },
		{ "Download", "5 Ringer File", CWMP_NS_1_2, true },
		{ "Download", "6 Stored Firmware Image", CWMP_NS_1_3, false },
		{ "Download", "6 Stored Firmware Image", CWMP_NS_1_4, true },
		{ "Download", "X 00A0C9 Something", CWMP_NS_1_0, true },
		{ "Upload", "4 Vendor Log File 1", CWMP_NS_1_0, false },
		{ "Upload", "2 Vendor Log File", CWMP_NS_1_0, true },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct device *d = device_with_serial(arena_printf(lab.arena, "F%zu", i));
		lab.device_count = 0;
		inform(d, .ns = cases[i].ns);
		const int64_t task = queue(
			d, arena_printf(lab.arena,
				   "{'method': '%s', 'file_type': '%s', 'url': 'http://x/y'}",
				   cases[i].method, cases[i].file_type));
		inform(d, .ns = cases[i].ns);
		assert_int_equal(empty(d) != NULL, cases[i].is_sent);
		assert_text(task_text(task, "state"), cases[i].is_sent ? "sent" : "failed");
		rpc_task_free(d->session.task);
	}
}

static void test_lightweight_notification_needs_1_4(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, "{'method': 'SetParameterAttributes',"
				      " 'parameters': [{'name': '" ROOT "A', 'notification': 4}]}");
	inform(d);
	assert_null(empty(d));
	assert_text(task_text(task, "state"), "failed");
	assert_non_null(strstr(task_text(task, "fault.message"), "parameters[0].notification"));
}

static void tell_methods(struct device *d, const char **methods, size_t count)
{
	queue(d, "{'method': 'GetRPCMethods'}");
	inform(d);
	assert_non_null(empty(d));
	struct cwmp_message *m = answer_to(d);
	m->response.methods = (struct cwmp_strings){ methods, count };
	post(d, m);
}
#define TELL(device, ...) \
	tell_methods(device, (const char *[]){ __VA_ARGS__ }, \
		LENGTH_OF(((const char *[]){ __VA_ARGS__ })))

static void test_method_that_the_device_does_not_list_fails_at_once(void **state)
{
	struct device *d = known_device();
	(void)state;
	TELL(d, "GetRPCMethods", "Upload", "X_ACME_Foo");
	assert_text(device_text(d, "methods.1"), "Upload");
	const int64_t inform_later = queue(d, "{'method': 'ScheduleInform', 'delay_seconds': 1}");
	assert_text(task_text(inform_later, "state"), "failed");
	assert_text(task_text(inform_later, "fault.message"),
		"the device does not list ScheduleInform among its methods (GetRPCMethods)");
	assert_text(task_text(queue(d, "{'method': 'Reboot'}"), "state"), "failed");
	assert_text(task_text(queue(d, "{'method': 'X_ACME_Bar'}"), "state"), "failed");
	assert_text(task_text(queue(d, "{'method': 'X_ACME_Foo'}"), "state"), "queued");
	assert_text(task_text(queue(d, "{'method': 'Refresh'}"), "state"), "queued");
	assert_text(task_text(queue(d, "{'method': 'GetRPCMethods'}"), "state"), "queued");
}

static void test_list_without_get_rpc_methods_says_nothing_of_what_all_devices_have(void **state)
{
	struct device *d = known_device();
	(void)state;
	TELL(d, "Inform");
	assert_text(task_text(queue(d, "{'method': 'Reboot'}"), "state"), "queued");
	assert_text(task_text(queue(d, "{'method': 'FactoryReset'}"), "state"), "failed");
}

static void test_empty_list_of_methods_says_nothing(void **state)
{
	struct device *d = known_device();
	(void)state;
	tell_methods(d, NULL, 0);
	assert_null(device_text(d, "methods"));
	assert_text(task_text(queue(d, "{'method': 'FactoryReset'}"), "state"), "queued");
}

static void test_list_that_comes_later_stops_what_was_queued_before(void **state)
{
	struct device *d = known_device();
	const char *methods[] = { "GetRPCMethods", "Reboot" };
	(void)state;
	queue(d, "{'method': 'GetRPCMethods'}");
	const int64_t reset = queue(d, "{'method': 'FactoryReset'}");
	const int64_t reboot = queue(d, "{'method': 'Reboot'}");
	inform(d);
	assert_non_null(empty(d));
	struct cwmp_message *m = answer_to(d);
	m->response.methods = (struct cwmp_strings){ methods, LENGTH_OF(methods) };
	assert_int_equal(post(d, m)->method, CWMP_REBOOT);
	assert_text(task_text(reset, "state"), "failed");
	assert_non_null(strstr(task_text(reset, "fault.message"), "does not list FactoryReset"));
	assert_text(task_text(reboot, "state"), "sent");
}

/* The device answers an Upload with 9000. */
static struct device *device_without_upload(void)
{
	struct device *d = known_device();
	int64_t task;
	send_task(d, "{'method': 'Upload', 'file_type': '2 Vendor Log File'}", &task);
	assert_null(respond_fault(d, 9000));
	assert_text(task_text(task, "state"), "failed");
	return d;
}

static const char *state_of_next_upload(struct device *d)
{
	return task_text(
		queue(d, "{'method': 'Upload', 'file_type': '2 Vendor Log File'}"), "state");
}

static void test_optional_method_answered_with_9000_is_not_sent_again(void **state)
{
	struct device *d = device_without_upload();
	(void)state;
	const int64_t task = queue(d, "{'method': 'Upload', 'file_type': '2 Vendor Log File'}");
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.message"),
		"the device has answered Upload with fault 9000, method not supported");
	inform(d);
	assert_null(empty(d));
	assert_text(task_text(queue(d, "{'method': 'Reboot'}"), "state"), "queued");
}

static void test_refused_method_is_tried_again_with_other_software(void **state)
{
	struct device *d = device_without_upload();
	(void)state;
	inform(d, .version = "2.0");
	assert_text(state_of_next_upload(d), "queued");
}

static void test_refused_method_is_tried_again_after_bootstrap(void **state)
{
	struct device *d = device_without_upload();
	(void)state;
	inform(d, .event = "0 BOOTSTRAP");
	assert_text(state_of_next_upload(d), "queued");
}

static void test_refused_method_is_tried_again_once_it_is_listed(void **state)
{
	struct device *d = device_without_upload();
	(void)state;
	TELL(d, "GetRPCMethods", "Upload");
	assert_text(state_of_next_upload(d), "queued");
}

static void test_9000_to_what_all_devices_have_is_not_remembered(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	respond_fault(d, 9000);
	assert_text(task_text(queue(d, "{'method': 'Reboot'}"), "state"), "queued");
}

static void test_refresh_that_is_refused_fails_instead_of_skipping_everything(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Refresh'}", &task);
	respond_names(d, NAMES({ ROOT "A", true }, { ROOT "B", true }));
	assert_null(respond_fault(d, 9000));
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.code"), "9000");
	assert_text(device_text(d, "refused_methods"), "[]");
}

static void test_vendor_method_goes_through_as_it_is(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(
		d, "{'method': 'X_ACME_Foo', 'xml': '<A>1</A>'}", &task);
	assert_int_equal(request->method, CWMP_UNKNOWN_METHOD);
	assert_text(request->method_name, "X_ACME_Foo");
	assert_text(request->request.xml, "<A>1</A>");
	struct cwmp_message *other = answer_to(d);
	other->method_name = "X_ACME_Bar";
	other->response.xml = "";
	assert_null(post(d, other));
	assert_int_equal(d->next, RPC_REFUSED);
	struct cwmp_message *m = answer_to(d);
	m->method_name = "X_ACME_Foo";
	m->response.xml = "<B>2</B>";
	assert_null(post(d, m));
	assert_text(task_text(task, "result.xml"), "<B>2</B>");
}

static void test_vendor_method_whose_answer_was_lost_is_not_sent_again(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'X_ACME_Foo'}", &task);
	inform(d);
	assert_text(task_text(task, "state"), "failed");
	assert_null(empty(d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_version_is_told_by_headers_and_namespace),
		LAB_TEST(test_requests_use_the_uri_that_the_device_uses),
		LAB_TEST(test_method_newer_than_the_device_fails_when_it_is_queued),
		LAB_TEST(test_method_newer_than_the_session_is_not_sent),
		LAB_TEST(test_file_type_newer_than_the_device_is_not_sent),
		LAB_TEST(test_lightweight_notification_needs_1_4),
		LAB_TEST(test_method_that_the_device_does_not_list_fails_at_once),
		LAB_TEST(test_list_without_get_rpc_methods_says_nothing_of_what_all_devices_have),
		LAB_TEST(test_empty_list_of_methods_says_nothing),
		LAB_TEST(test_list_that_comes_later_stops_what_was_queued_before),
		LAB_TEST(test_optional_method_answered_with_9000_is_not_sent_again),
		LAB_TEST(test_refused_method_is_tried_again_with_other_software),
		LAB_TEST(test_refused_method_is_tried_again_after_bootstrap),
		LAB_TEST(test_refused_method_is_tried_again_once_it_is_listed),
		LAB_TEST(test_9000_to_what_all_devices_have_is_not_remembered),
		LAB_TEST(test_refresh_that_is_refused_fails_instead_of_skipping_everything),
		LAB_TEST(test_vendor_method_goes_through_as_it_is),
		LAB_TEST(test_vendor_method_whose_answer_was_lost_is_not_sent_again),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
