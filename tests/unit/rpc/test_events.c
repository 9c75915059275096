/* What devices tell us beyond the ordinary: their own requests, and the events of their Informs. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static struct cwmp_message *request_of(enum cwmp_method method)
{
	struct cwmp_message *m = message(CWMP_REQUEST, method);
	m->id = "theirs-1";
	m->ns = CWMP_NS_1_2;
	return m;
}

static void test_inform_events_beyond_the_ordinary_are_kept(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .event = "1 BOOT", .event_2 = "4 VALUE CHANGE");
	inform(d, .event = "M ScheduleInform", .command_key = "mine", .event_2 = "3 SCHEDULED");
	inform(d, .event = "2 PERIODIC", .event_2 = "6 CONNECTION REQUEST");
	inform(d, .event = "X ACME Something", .event_2 = "99 FUTURE THING");
	inform(d, .event = "7 TRANSFER COMPLETE");
	assert_text(events_of(d),
		"boot, M ScheduleInform, scheduled, X ACME Something, 99 FUTURE THING");
	assert_text(event_detail(d, "M ScheduleInform", "command_key"), "mine");
	assert_text(event_detail(d, "boot", "code"), "1 BOOT");
}

static void test_heartbeat_is_kept_each_time_and_periodic_inform_asks_one_question(void **state)
{
	struct device *d = known_device();
	(void)state;
	inform(d, .event = "14 HEARTBEAT");
	inform(d, .event = "14 HEARTBEAT");
	assert_text(events_of(d), "heartbeat, heartbeat");
	inform(d);
	inform(d);
	assert_int_equal(d->questions, 1);
	assert_text(events_of(d), "heartbeat, heartbeat");
}

static void test_64_events_are_taken_and_what_is_beyond_is_counted(void **state)
{
	struct device *d = new_device();
	const struct telling nothing = { 0 };
	(void)state;
	inform(d);
	struct cwmp_message *m = inform_message(d, &nothing);
	struct cwmp_inform *told = &m->request.inform;
	told->event_count = CWMP_EVENTS_MAX + 1;
	told->events = arena_array(lab.arena, told->event_count, sizeof(*told->events));
	for (size_t i = 0; i < told->event_count; i++)
		told->events[i] = (struct cwmp_event){ "M Download",
			arena_printf(lab.arena, "key %zu", i) };
	assert_non_null(post(d, m));
	assert_int_equal(d->turn.dropped, 1);
	assert_text(event_detail(d, "M Download", "command_key"), "key 63");
	assert_text(device_text(d, "events.63.command_key"), "key 63");
	assert_null(device_text(d, "events.64.command_key"));
}

static void test_texts_of_events_are_cut_between_characters(void **state)
{
	struct device *d = new_device();
	char *code = arena_alloc(lab.arena, 5000);
	(void)state;
	strcpy(code, "X ACME ");
	for (size_t i = 0; i < 1000; i++)
		strcat(code, "\xe4\xb8\xad");
	inform(d, .event = code);
	static const struct db_statement statement = {
		.name = "lab_longest",
		.sql = "SELECT max(octet_length(kind)) FROM event WHERE device_id = $1",
	};
	assert_int_equal(count_of(d, &statement), 64); /* 7 + 19 × 3 */
}

static void test_retry_count_is_stored(void **state)
{
	struct device *d = known_device();
	(void)state;
	assert_text(device_text(d, "retry_count"), "0");
	inform(d, .retry_count = 3);
	assert_text(device_text(d, "retry_count"), "3");
	inform(d);
	assert_text(device_text(d, "retry_count"), "0");
}

static void test_transfer_that_nobody_ordered_is_noted_and_answered(void **state)
{
	struct device *d = known_device();
	struct cwmp_message *m = request_of(CWMP_AUTONOMOUS_TRANSFER_COMPLETE);
	(void)state;
	m->request.autonomous_transfer = (struct cwmp_autonomous_transfer){ "", "http://x/y", true,
		"1 Firmware Upgrade Image", 4711, "fw", { 9016, "not there" }, "", "" };
	const struct cwmp_message *response = post(d, m);
	assert_int_equal(response->kind, CWMP_RESPONSE);
	assert_int_equal(response->method, CWMP_AUTONOMOUS_TRANSFER_COMPLETE);
	post(d, m); /* without a key it may be another one */
	assert_text(events_of(d), "autonomous transfer complete, autonomous transfer complete");
	assert_text(event_detail(d, "autonomous transfer complete", "transfer_url"), "http://x/y");
	assert_text(event_detail(d, "autonomous transfer complete", "fault.code"), "9016");
}

static void test_modules_that_changed_by_themselves_are_noted(void **state)
{
	struct device *d = known_device();
	struct cwmp_du_result result = { "", "Device.X.1", "1.0", "Installed", true, "", "", "",
		{ 0, "" }, "Install" };
	(void)state;
	const struct cwmp_message *response = du_state_change_complete(
		d, CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "", &result, 1);
	assert_int_equal(response->kind, CWMP_RESPONSE);
	assert_text(event_detail(d, "autonomous du state change complete", "results.0.operation"),
		"Install");
}

static void test_results_beyond_the_limit_are_dropped_and_counted(void **state)
{
	struct cwmp_du_result many[257];
	struct device *d = known_device();
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(many); i++)
		many[i] = (struct cwmp_du_result){ "", "", "", "Installed", true, "", "", "",
			{ 0, "" }, "Update" };
	assert_non_null(du_state_change_complete(
		d, CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "", many, LENGTH_OF(many)));
	assert_int_equal(d->turn.dropped, 1);
	assert_non_null(event_detail(
		d, "autonomous du state change complete", "results.255.current_state"));
	assert_null(event_detail(
		d, "autonomous du state change complete", "results.256.current_state"));
}

static void test_completion_of_an_unknown_change_of_modules_is_answered(void **state)
{
	struct device *d = known_device();
	(void)state;
	const struct cwmp_message *response = du_state_change_complete(
		d, CWMP_DU_STATE_CHANGE_COMPLETE, "nobody's", NULL, 0);
	assert_int_equal(response->kind, CWMP_RESPONSE);
	assert_text(d->turn.outcome, "unknown change");
}

static void test_message_of_a_superseded_session_is_not_noted(void **state)
{
	struct device *d = known_device();
	(void)state;
	d->session.epoch--;
	assert_null(
		du_state_change_complete(d, CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "", NULL, 0));
	assert_text(d->sqlstate, DEVICES_SUPERSEDED);
	assert_text(events_of(d), "");
}

/* Each device of a kind of its own, so that the files of one test are not those of another. */
static struct device *device_of_kind(const char *product_class)
{
	struct device *d = new_device();
	d->product_class = product_class;
	inform(d);
	return d;
}

static const struct cwmp_message *request_download(struct device *d)
{
	static struct cwmp_argument arguments[] = { { "Version", "2.0" } };
	struct cwmp_message *m = request_of(CWMP_REQUEST_DOWNLOAD);
	m->request.request_download = (struct cwmp_request_download){ "1 Firmware Upgrade Image",
		arguments, LENGTH_OF(arguments) };
	return post(d, m);
}

static void test_requested_download_follows_in_the_same_session(void **state)
{
	struct device *d = device_of_kind("Asks");
	(void)state;
	catalogue_for("00AA11", "Asks", "1.5");
	const char *newest = catalogue_for("00aa11", NULL, "2.0");
	catalogue_for("00AA11", "Other", "3.0");
	catalogue_for("FFFFFF", NULL, "3.0");
	assert_int_equal(request_download(d)->kind, CWMP_RESPONSE);
	assert_text(d->turn.outcome, "download queued");
	assert_text(event_detail(d, "request download", "file_type"), "1 Firmware Upgrade Image");
	assert_text(event_detail(d, "request download", "arguments.0.value"), "2.0");
	assert_int_equal(request_download(d)->kind, CWMP_RESPONSE);
	assert_text(tasks_of(d), "Download:queued");
	const struct cwmp_message *request = empty(d);
	assert_int_equal(request->method, CWMP_DOWNLOAD);
	assert_non_null(strstr(request->request.download.url, newest));
}

static void test_device_that_runs_the_newest_is_sent_nothing(void **state)
{
	struct device *d = device_of_kind("Newest");
	(void)state;
	d->oui = "00AA22";
	inform(d, .version = "2.0");
	catalogue_for("00AA22", "Newest", "1.0");
	catalogue_for("00AA22", "Newest", "2.0");
	request_download(d);
	assert_text(d->turn.outcome, "noted");
	assert_null(empty(d));
}

static void test_requested_download_is_noted_only_where_the_operator_wants_that(void **state)
{
	struct device *d = device_of_kind("Quiet");
	(void)state;
	d->oui = "00AA33";
	inform(d);
	catalogue_for("00AA33", "Quiet", "2.0");
	lab_settings.answers_request_download = false;
	request_download(d);
	lab_settings.answers_request_download = true;
	assert_text(tasks_of(d), "");
	assert_text(events_of(d), "request download");
}

static const struct cwmp_message *kick(struct device *d, const char *next)
{
	struct cwmp_message *m = request_of(CWMP_KICKED);
	m->request.kicked = (struct cwmp_kicked){ "command", "referer", "argument", next };
	return post(d, m);
}

static void test_kicked_browser_goes_where_the_device_says(void **state)
{
	static const char *const pages[] = { "http://x/y?a=b:c", "https://x", "/here", "",
		"a?b:c" };
	struct device *d = known_device();
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(pages); i++)
		assert_text(kick(d, pages[i])->response.next_url, pages[i]);
	assert_text(event_detail(d, "kicked", "referer"), "referer");
}

static void test_kicked_browser_goes_nowhere_that_is_no_page(void **state)
{
	static const char *const others[] = { "javascript:alert(1)", "data:text/html,x", "HTTP:x",
		"file:///etc/passwd" };
	struct device *d = known_device();
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(others); i++) {
		const struct cwmp_message *answer = kick(d, others[i]);
		assert_int_equal(answer->kind, CWMP_FAULT);
		assert_int_equal(answer->fault.code, 8003);
	}
	assert_text(events_of(d), "");
}

static void test_kicked_browser_goes_where_the_operator_says(void **state)
{
	struct device *d = known_device();
	(void)state;
	lab_settings.kicked_next_url = "https://portal.example/";
	const struct cwmp_message *response = kick(d, "javascript:alert(1)");
	lab_settings.kicked_next_url = "";
	assert_text(response->response.next_url, "https://portal.example/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_inform_events_beyond_the_ordinary_are_kept),
		LAB_TEST(test_heartbeat_is_kept_each_time_and_periodic_inform_asks_one_question),
		LAB_TEST(test_64_events_are_taken_and_what_is_beyond_is_counted),
		LAB_TEST(test_texts_of_events_are_cut_between_characters),
		LAB_TEST(test_retry_count_is_stored),
		LAB_TEST(test_transfer_that_nobody_ordered_is_noted_and_answered),
		LAB_TEST(test_modules_that_changed_by_themselves_are_noted),
		LAB_TEST(test_results_beyond_the_limit_are_dropped_and_counted),
		LAB_TEST(test_completion_of_an_unknown_change_of_modules_is_answered),
		LAB_TEST(test_message_of_a_superseded_session_is_not_noted),
		LAB_TEST(test_requested_download_follows_in_the_same_session),
		LAB_TEST(test_device_that_runs_the_newest_is_sent_nothing),
		LAB_TEST(test_requested_download_is_noted_only_where_the_operator_wants_that),
		LAB_TEST(test_kicked_browser_goes_where_the_device_says),
		LAB_TEST(test_kicked_browser_goes_nowhere_that_is_no_page),
		LAB_TEST(test_kicked_browser_goes_where_the_operator_says),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
