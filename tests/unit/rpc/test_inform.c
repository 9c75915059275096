/* Informs: what they store, what they cost, and what they make of earlier sessions.
 * Device identities stand here too, for an Inform is where they come from. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static void test_first_inform_registers_the_device(void **state)
{
	struct device *d = new_device();
	(void)state;
	const struct cwmp_message *response = inform(d, .event = "1 BOOT", .version = "3.1");
	assert_non_null(response);
	assert_int_equal(response->method, CWMP_INFORM);
	assert_int_equal(response->response.max_envelopes, 1);
	assert_text(response->id, "inform-1");
	assert_text(device_text(d, "oui"), d->oui);
	assert_text(device_text(d, "serial_number"), d->serial_number);
	assert_text(device_text(d, "root"), ROOT);
	assert_text(device_text(d, "software_version"), "3.1");
	assert_text(device_text(d, "source_address"), "192.0.2.1");
	assert_text(device_text(d, "events.0.code"), "1 BOOT");
	assert_non_null(device_text(d, "registered"));
	assert_non_null(device_text(d, "last_boot"));
	assert_null(device_text(d, "last_bootstrap"));
	assert_text(value_of(d, ROOT "DeviceInfo.SoftwareVersion"), "3.1");
	assert_text(parameter_text(d, ROOT "DeviceInfo.SoftwareVersion", "type"), "xsd:string");
}

static void test_inform_that_tells_nothing_new_is_one_update(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t before = d->session.epoch;
	assert_non_null(inform(d));
	assert_int_equal(d->questions, 1);
	assert_int_equal(d->turn.question.count, 0);
	assert_true(d->session.epoch > before);
}

static void test_inform_that_tells_something_new_is_asked_in_full(void **state)
{
	struct device *d = known_device();
	(void)state;
	assert_non_null(inform(d, .version = "1.1"));
	assert_int_equal(d->questions, 1);
	assert_text(device_text(d, "software_version"), "1.1");
	assert_text(value_of(d, ROOT "DeviceInfo.SoftwareVersion"), "1.1");
}

static void test_inform_after_another_writer_is_asked_in_full(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d,
		"{'method': 'GetParameterValues', 'names': ['" ROOT "DeviceInfo.SoftwareVersion']}",
		&task);
	respond_values(d, VALUES({ ROOT "DeviceInfo.SoftwareVersion", "other", "xsd:string" }));
	assert_non_null(inform(d));
	assert_int_equal(d->questions, 2);
	assert_text(value_of(d, ROOT "DeviceInfo.SoftwareVersion"), "1.0");
}

static void test_what_an_inform_leaves_out_stays(void **state)
{
	struct device *d = known_device();
	(void)state;
	assert_non_null(inform(d, .no_parameters = true));
	assert_text(device_text(d, "software_version"), "1.0");
	assert_text(device_text(d, "root"), ROOT);
	assert_text(value_of(d, ROOT "DeviceInfo.HardwareVersion"), "B1");
}

static void test_new_names_in_every_inform_end_at_the_limit_of_a_device(void **state)
{
	struct device *d = new_device();
	(void)state;
	for (int i = 0; i < 2 * PARAMETERS_MAX; i++) {
		char *name = arena_printf(lab.arena, ROOT "X.Made%dUp", i);
		assert_non_null(inform(d, .extra = { name, "1", "xsd:string" }));
	}
	assert_true(knows(d, ROOT "X.Made0Up"));
	assert_false(knows(d, arena_printf(lab.arena, ROOT "X.Made%dUp", 2 * PARAMETERS_MAX - 1)));
	inform(d, .extra = { ROOT "X.Made0Up", "2", "xsd:string" });
	assert_text(value_of(d, ROOT "X.Made0Up"), "2");
}

static void test_parameters_that_no_device_could_have_are_dropped_and_counted(void **state)
{
	struct device *d = new_device();
	(void)state;
	assert_non_null(inform(d, .extra = { ROOT "Bad..Name\n", "x", "xsd:string" }));
	assert_int_equal(d->turn.dropped, 1);
	assert_false(knows(d, ROOT "Bad..Name\n"));
}

static void test_version_too_long_for_an_index_is_stored_as_a_parameter_only(void **state)
{
	struct device *d = known_device();
	char *version = random_text(lab.arena, 20000);
	(void)state;
	assert_non_null(inform(d, .version = version));
	assert_text(device_text(d, "software_version"), "1.0");
	assert_text(value_of(d, ROOT "DeviceInfo.SoftwareVersion"), version);
}

static void test_the_last_of_two_equal_names_counts(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .version = "1.0",
		.extra = { ROOT "DeviceInfo.SoftwareVersion", "2.0", "xsd:string" });
	assert_text(device_text(d, "software_version"), "2.0");
	assert_text(value_of(d, ROOT "DeviceInfo.SoftwareVersion"), "2.0");
}

static void test_periodic_interval_and_root_of_a_device_2_tree_are_read(void **state)
{
	struct device *d = new_device();
	(void)state;
	d->root = "Device.";
	inform(d, .extra = { "Device.ManagementServer.PeriodicInformInterval", "300",
			  "xsd:unsignedInt" });
	assert_text(device_text(d, "root"), "Device.");
	assert_text(device_text(d, "periodic_interval"), "300");
}

static void test_highest_version_of_both_sides_is_agreed(void **state)
{
	struct device *d = new_device();
	(void)state;
	const struct cwmp_message *response = inform(d, .supported_versions = "1.0, 1.2,1.7");
	assert_text(response->use_version, "1.2");
	assert_text(device_text(d, "cwmp_version"), "1.2");
}

static void test_no_common_version_is_fault_8006(void **state)
{
	struct device *d = new_device();
	(void)state;
	const struct cwmp_message *response = inform(d, .supported_versions = "2.0,11.4");
	assert_int_equal(response->kind, CWMP_FAULT);
	assert_int_equal(response->fault.code, 8006);
	assert_null(device_text(d, "id"));
}

static void test_bootstrap_queues_onboarding_and_its_first_request_expands_the_root(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .event = "0 BOOTSTRAP", .event_2 = "1 BOOT");
	assert_true(d->session.has_tasks);
	assert_text(tasks_of(d), "SetParameterValues:queued Refresh:queued");
	const struct cwmp_message *request = empty(d);
	assert_non_null(request);
	assert_int_equal(request->method, CWMP_SET_PARAMETER_VALUES);
	const struct cwmp_values *sent = &request->request.set_parameter_values.parameters;
	assert_int_equal(sent->count, 5);
	assert_text(sent->items[0].name, ROOT "ManagementServer.PeriodicInformEnable");
	assert_text(sent->items[0].value, "1");
	assert_text(sent->items[0].type, "xsd:boolean");
	assert_text(sent->items[1].value, "3600");
	assert_int_equal(strlen(sent->items[2].value), strlen("2000-01-01T00:00:00Z"));
	assert_int_equal(strlen(sent->items[3].value), 16);
	assert_int_equal(strlen(sent->items[4].value), 24);
}

static void test_onboarding_password_is_sealed_and_never_stored_in_the_clear(void **state)
{
	struct device *d = new_device();
	size_t length;
	(void)state;
	inform(d, .event = "0 BOOTSTRAP");
	const struct cwmp_message *request = empty(d);
	const struct cwmp_value *sent = request->request.set_parameter_values.parameters.items;
	const char *username = arena_strdup(lab.arena, sent[3].value);
	const char *password = arena_strdup(lab.arena, sent[4].value);
	request = respond_status(d, 0);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_NAMES);
	assert_text(device_text(d, "connection_request_username"), username);
	assert_text(value_of(d, ROOT "ManagementServer.ConnectionRequestUsername"), username);
	assert_text(value_of(d, ROOT "ManagementServer.ConnectionRequestPassword"), "");
	const void *sealed = sealed_password(d, &length);
	assert_text(keyring_unseal(lab_settings.secrets, lab.arena,
			    credential_place(lab.arena, d->session.device_id), sealed, length, &length),
		password);
}

static void test_onboarding_without_a_root_fails_and_says_so(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .event = "0 BOOTSTRAP", .no_parameters = true);
	assert_null(empty(d));
	assert_int_equal(d->next, RPC_END);
	assert_text(tasks_of(d), "SetParameterValues:failed Refresh:failed");
}

static void test_second_bootstrap_starts_onboarding_over(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .event = "0 BOOTSTRAP");
	inform(d, .event = "0 BOOTSTRAP");
	assert_text(tasks_of(d), "SetParameterValues:cancelled Refresh:cancelled"
				 " SetParameterValues:queued Refresh:queued");
}

static void test_bootstrap_fails_outstanding_transfers_and_keeps_queued_tasks(void **state)
{
	struct device *d = known_device();
	int64_t download;
	(void)state;
	send_task(d, "{'method': 'Download', 'file_type': '3 x', 'url': 'http://h/f'}", &download);
	respond_transfer(d, 1);
	const int64_t reboot = queue(d, "{'method': 'Reboot'}");
	inform(d, .event = "0 BOOTSTRAP");
	assert_true(has_settled(d, download));
	assert_text(task_text(download, "state"), "failed");
	assert_text(task_text(reboot, "state"), "queued");
}

static void test_bootstrap_forgets_what_was_learned(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .parameter_key = "k1", .extra = { ROOT "Time.Zone", "CET", "xsd:string" });
	assert_text(device_text(d, "parameter_key"), "k1");
	inform(d, .event = "0 BOOTSTRAP", .no_parameters = true);
	assert_false(knows(d, ROOT "Time.Zone"));
	assert_null(device_text(d, "parameter_key"));
	assert_text(device_text(d, "software_version"), "1.0");
}

static int64_t begin_upgrade(struct device *d, const char *kind, const char *version)
{
	int64_t task;
	send_task(d,
		arena_printf(lab.arena, "{'method': 'Download', 'file': '%s'}",
			catalogue(kind, version)),
		&task);
	respond_transfer(d, 1);
	return task;
}

static void test_version_in_a_later_inform_settles_a_firmware_transfer(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = begin_upgrade(d, "firmware", "2.0");
	inform(d, .event = "1 BOOT", .version = "1.5");
	assert_text(task_text(task, "state"), "sent");
	inform(d, .event = "1 BOOT", .version = "2.0");
	assert_true(has_settled(d, task));
	assert_text(task_text(task, "state"), "done");
}

static void test_version_that_the_device_had_before_settles_nothing(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = begin_upgrade(d, "firmware", "1.0");
	inform(d, .event = "1 BOOT", .version = "1.0");
	assert_text(task_text(task, "state"), "sent");
}

static void test_version_of_a_configuration_file_settles_nothing(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = begin_upgrade(d, "config", "2.0");
	inform(d, .event = "1 BOOT", .version = "2.0");
	assert_text(task_text(task, "state"), "sent");
}

static void test_version_waits_for_the_transfer_complete_of_its_session(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = begin_upgrade(d, "firmware", "2.0");
	inform(d, .event = "7 TRANSFER COMPLETE", .event_2 = "1 BOOT", .version = "2.0");
	assert_text(task_text(task, "state"), "sent");
	transfer_complete(d, task_text(task, "command_key"), 9018);
	assert_text(task_text(task, "state"), "failed");
}

static void test_superseded_session_writes_nothing(void **state)
{
	struct device *older = known_device(), *newer = device_with_serial(older->serial_number);
	int64_t task;
	(void)state;
	send_task(older, "{'method': 'GetParameterValues', 'names': ['" ROOT "A']}", &task);
	inform(newer);
	assert_null(respond_values(older, VALUES({ ROOT "A", "1", "xsd:string" })));
	assert_text(older->sqlstate, DEVICES_SUPERSEDED);
	assert_false(knows(older, ROOT "A"));
	assert_text(task_text(task, "state"), "queued");
}

static void test_superseded_session_claims_nothing(void **state)
{
	struct device *older = known_device(), *newer = device_with_serial(older->serial_number);
	(void)state;
	const int64_t task = queue(older, "{'method': 'Reboot'}");
	inform(older);
	inform(newer);
	assert_null(empty(older));
	assert_text(older->sqlstate, DEVICES_SUPERSEDED);
	assert_text(task_text(task, "state"), "queued");
	assert_non_null(empty(newer));
}

/* Nobody can make two identities with one hash, so the stored one is changed. */
static void test_device_id_collision_is_refused(void **state)
{
	static const struct db_statement make_other = {
		.name = "lab_make_other",
		.sql = "UPDATE device SET serial_number = 'other' WHERE device_id = $1",
	};
	struct device *d = known_device();
	(void)state;
	LAB_ASK(&make_other, db_int(lab.arena, d->session.device_id));
	assert_null(inform(d, .version = "9"));
	assert_text(d->sqlstate, DEVICES_COLLISION);
	assert_text(device_text(d, "software_version"), "1.0");
}

static void test_oui_in_another_case_is_the_same_device(void **state)
{
	struct device *d = known_device();
	(void)state;
	d->oui = "00aa11";
	assert_non_null(inform(d, .version = "1.1"));
	assert_text(device_text(d, "oui"), "00AA11");
	assert_text(device_text(d, "software_version"), "1.1");
}

static void test_deleted_device_that_informs_again_is_registered_anew(void **state)
{
	static const struct db_statement delete_device = {
		.name = "lab_delete",
		.sql = "DELETE FROM device WHERE device_id = $1",
	};
	struct device *d = known_device();
	(void)state;
	LAB_ASK(&delete_device, db_int(lab.arena, d->session.device_id));
	assert_non_null(inform(d));
	assert_int_equal(d->questions, 2);
	assert_non_null(device_text(d, "registered"));
}

static void test_session_without_tasks_asks_nothing_when_it_is_handed_over(void **state)
{
	struct device *d = known_device();
	(void)state;
	assert_null(empty(d));
	assert_int_equal(d->next, RPC_END);
	assert_int_equal(d->questions, 0);
}

static void test_cpe_that_asks_is_told_our_methods(void **state)
{
	struct device *d = known_device();
	(void)state;
	const struct cwmp_message *response = post(d, message(CWMP_REQUEST, CWMP_GET_RPC_METHODS));
	assert_int_equal(response->kind, CWMP_RESPONSE);
	static const char *const ours[] = { "Inform", "TransferComplete",
		"AutonomousTransferComplete", "RequestDownload", "Kicked", "DUStateChangeComplete",
		"AutonomousDUStateChangeComplete", "GetRPCMethods" };
	assert_int_equal(response->response.methods.count, LENGTH_OF(ours));
	for (size_t i = 0; i < LENGTH_OF(ours); i++)
		assert_text(response->response.methods.items[i], ours[i]);
	assert_int_equal(d->questions, 0);
}

static void test_method_that_we_do_not_have_is_fault_8000(void **state)
{
	struct device *d = known_device();
	(void)state;
	struct cwmp_message *request = message(CWMP_REQUEST, CWMP_UNKNOWN_METHOD);
	request->method_name = "X_ACME_Foo";
	const struct cwmp_message *response = post(d, request);
	assert_int_equal(response->kind, CWMP_FAULT);
	assert_int_equal(response->fault.code, 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_first_inform_registers_the_device),
		LAB_TEST(test_inform_that_tells_nothing_new_is_one_update),
		LAB_TEST(test_inform_that_tells_something_new_is_asked_in_full),
		LAB_TEST(test_inform_after_another_writer_is_asked_in_full),
		LAB_TEST(test_what_an_inform_leaves_out_stays),
		LAB_TEST(test_new_names_in_every_inform_end_at_the_limit_of_a_device),
		LAB_TEST(test_parameters_that_no_device_could_have_are_dropped_and_counted),
		LAB_TEST(test_version_too_long_for_an_index_is_stored_as_a_parameter_only),
		LAB_TEST(test_the_last_of_two_equal_names_counts),
		LAB_TEST(test_periodic_interval_and_root_of_a_device_2_tree_are_read),
		LAB_TEST(test_highest_version_of_both_sides_is_agreed),
		LAB_TEST(test_no_common_version_is_fault_8006),
		LAB_TEST(test_bootstrap_queues_onboarding_and_its_first_request_expands_the_root),
		LAB_TEST(test_onboarding_password_is_sealed_and_never_stored_in_the_clear),
		LAB_TEST(test_onboarding_without_a_root_fails_and_says_so),
		LAB_TEST(test_second_bootstrap_starts_onboarding_over),
		LAB_TEST(test_bootstrap_fails_outstanding_transfers_and_keeps_queued_tasks),
		LAB_TEST(test_bootstrap_forgets_what_was_learned),
		LAB_TEST(test_version_in_a_later_inform_settles_a_firmware_transfer),
		LAB_TEST(test_version_that_the_device_had_before_settles_nothing),
		LAB_TEST(test_version_of_a_configuration_file_settles_nothing),
		LAB_TEST(test_version_waits_for_the_transfer_complete_of_its_session),
		LAB_TEST(test_superseded_session_writes_nothing),
		LAB_TEST(test_superseded_session_claims_nothing),
		LAB_TEST(test_device_id_collision_is_refused),
		LAB_TEST(test_oui_in_another_case_is_the_same_device),
		LAB_TEST(test_deleted_device_that_informs_again_is_registered_anew),
		LAB_TEST(test_session_without_tasks_asks_nothing_when_it_is_handed_over),
		LAB_TEST(test_cpe_that_asks_is_told_our_methods),
		LAB_TEST(test_method_that_we_do_not_have_is_fault_8000),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
