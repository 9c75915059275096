/* Methods that we call: what each asks, and what its answer leaves behind.
 * What happens when answers do not come is in test_queue.c. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

static void test_get_parameter_values_response_stores_values_with_types_and_finishes(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(
		d, "{'method': 'GetParameterValues', 'names': ['" ROOT "A', '" ROOT "B.']}", &task);
	assert_int_equal(request->method, CWMP_GET_PARAMETER_VALUES);
	assert_int_equal(request->request.parameter_names.count, 2);
	assert_text(request->request.parameter_names.items[1], ROOT "B.");
	assert_text(task_text(task, "state"), "sent");
	assert_null(
		respond_values(d, VALUES({ ROOT "A", "1", "xsd:int" }, { ROOT "B.C", "x", NULL })));
	assert_int_equal(d->next, RPC_END);
	assert_true(has_settled(d, task));
	assert_text(value_of(d, ROOT "A"), "1");
	assert_text(parameter_text(d, ROOT "A", "type"), "xsd:int");
	assert_text(value_of(d, ROOT "B.C"), "x");
	assert_null(parameter_text(d, ROOT "B.C", "type"));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.parameters.0.value"), "1");
	assert_text(task_text(task, "result.parameters.0.type"), "xsd:int");
	assert_non_null(task_text(task, "finished"));
}

static void test_value_without_a_type_keeps_the_learned_one(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "A", "1", "xsd:int" });
	send_task(d, "{'method': 'GetParameterValues', 'names': ['" ROOT "A']}", &task);
	respond_values(d, VALUES({ ROOT "A", "2", NULL }));
	assert_text(value_of(d, ROOT "A"), "2");
	assert_text(parameter_text(d, ROOT "A", "type"), "xsd:int");
}

static void test_values_over_the_limit_of_a_device_are_dropped_and_counted(void **state)
{
	struct cwmp_value many[PARAMETERS_MAX + 2];
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'GetParameterValues', 'names': ['" ROOT "']}", &task);
	for (size_t i = 0; i < LENGTH_OF(many); i++)
		many[i] = (struct cwmp_value){ arena_printf(lab.arena, ROOT "P%02zu", i), "v",
			NULL };
	respond_values(d, many, LENGTH_OF(many));
	assert_int_equal(d->turn.dropped, 2);
	assert_true(knows(d, many[PARAMETERS_MAX - 1].name));
	assert_false(knows(d, many[PARAMETERS_MAX].name));
}

static void test_get_parameter_names_learns_what_is_writable(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "A", "1", "xsd:int" });
	const struct cwmp_message *request = send_task(d,
		"{'method': 'GetParameterNames', 'path': '" ROOT "', 'next_level': true}", &task);
	assert_text(request->request.get_parameter_names.path, ROOT);
	assert_true(request->request.get_parameter_names.next_level);
	respond_names(d, NAMES({ ROOT "A", true }, { ROOT "X.", false }));
	assert_text(parameter_text(d, ROOT "A", "writable"), "true");
	assert_text(parameter_text(d, ROOT "X.", "writable"), "false");
	assert_text(value_of(d, ROOT "A"), "1");
	assert_true(knows(d, ROOT "DeviceInfo.SoftwareVersion"));
	assert_text(task_text(task, "result.parameters.1.name"), ROOT "X.");
}

static void test_get_parameter_names_of_no_path_asks_for_the_root(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(d, "{'method': 'GetParameterNames'}", &task);
	assert_text(request->request.get_parameter_names.path, ROOT);
	assert_false(request->request.get_parameter_names.next_level);
}

static void test_task_that_cannot_be_built_fails_and_the_next_one_is_sent(void **state)
{
	struct device *d = new_device();
	(void)state;
	inform(d, .no_parameters = true);
	const int64_t names = queue(d, "{'method': 'GetParameterNames'}");
	const int64_t reboot = queue(d, "{'method': 'Reboot'}");
	inform(d, .no_parameters = true);
	const struct cwmp_message *request = empty(d);
	assert_int_equal(request->method, CWMP_REBOOT);
	assert_true(has_settled(d, names));
	assert_text(task_text(names, "state"), "failed");
	assert_non_null(strstr(task_text(names, "fault.message"), "root object"));
	assert_null(task_text(names, "fault.code"));
	assert_text(task_text(reboot, "state"), "sent");
}

static void test_set_parameter_values_uses_learned_types(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "A", "1", "xsd:unsignedInt" });
	const struct cwmp_message *request = send_task(d,
		"{'method': 'SetParameterValues', 'parameters': [{'name': '" ROOT "A', 'value': 5},"
		" {'name': '" ROOT "B', 'value': true, 'type': 'boolean'}, {'name': '" ROOT
		"C', 'value': 'x'}]}",
		&task);
	const struct cwmp_set_parameter_values *set = &request->request.set_parameter_values;
	assert_int_equal(set->parameters.count, 3);
	assert_text(set->parameters.items[0].value, "5");
	assert_text(set->parameters.items[0].type, "xsd:unsignedInt");
	assert_text(set->parameters.items[1].value, "1");
	assert_text(set->parameters.items[1].type, "xsd:boolean");
	assert_text(set->parameters.items[2].type, "xsd:string");
	assert_text(set->parameter_key, task_text(task, "command_key"));
	respond_status(d, 1);
	assert_text(value_of(d, ROOT "A"), "5");
	assert_text(value_of(d, ROOT "B"), "true");
	assert_text(task_text(task, "result.status"), "1");
}

static void test_parameter_key_of_the_order_is_sent(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(d,
		"{'method': 'SetParameterValues',"
		" 'parameters': [{'name': '" ROOT "A', 'value': 5}], 'parameter_key': 'mine'}",
		&task);
	assert_text(request->request.set_parameter_values.parameter_key, "mine");
}

static void test_set_parameter_values_fault_keeps_the_cache_unchanged(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "A", "1", "xsd:int" });
	send_task(d,
		"{'method': 'SetParameterValues', 'parameters': [{'name': '" ROOT
		"A', 'value': 5}]}",
		&task);
	struct cwmp_message *fault = message(CWMP_FAULT, CWMP_UNKNOWN_METHOD);
	struct cwmp_parameter_fault culprit = { ROOT "A", 9007, "out of range" };
	fault->fault = (struct cwmp_fault){ "Client", "CWMP fault", true, 9003, "Invalid arguments",
		&culprit, 1 };
	assert_null(post(d, fault));
	assert_text(value_of(d, ROOT "A"), "1");
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.code"), "9003");
	assert_text(task_text(task, "fault.parameters.0.name"), ROOT "A");
	assert_text(task_text(task, "fault.parameters.0.code"), "9007");
}

static void test_connection_request_password_is_sealed_and_other_secrets_are_not_kept(void **state)
{
	struct device *d = known_device();
	size_t length;
	int64_t task;
	(void)state;
	send_task(d,
		"{'method': 'SetParameterValues', 'parameters': ["
		"{'name': '" ROOT "ManagementServer.ConnectionRequestPassword', 'value': 'hush'},"
		"{'name': '" ROOT "WLAN.KeyPassphrase', 'value': 'hush too'}]}",
		&task);
	respond_status(d, 0);
	assert_text(value_of(d, ROOT "ManagementServer.ConnectionRequestPassword"), "");
	assert_text(value_of(d, ROOT "WLAN.KeyPassphrase"), "");
	const void *sealed = sealed_password(d, &length);
	assert_text(keyring_unseal(lab_settings.secrets, lab.arena,
			    credential_place(lab.arena, d->session.device_id), sealed, length, &length),
		"hush");
	assert_null(device_text(d, "connection_request_username"));
}

static void test_add_object_carries_its_command_key_and_the_row_is_stored(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(
		d, "{'method': 'AddObject', 'object': '" ROOT "Ports.'}", &task);
	assert_text(request->request.object.name, ROOT "Ports.");
	assert_text(request->request.object.parameter_key, task_text(task, "command_key"));
	respond_added(d, 7);
	assert_true(knows(d, ROOT "Ports.7."));
	assert_text(task_text(task, "result.instance_number"), "7");
	assert_text(task_text(task, "result.status"), "0");
}

static void test_delete_object_forgets_all_below_it_and_nothing_beside_it(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'GetParameterNames', 'path': '" ROOT "'}", &task);
	respond_names(
		d, NAMES({ ROOT "P.1.", true }, { ROOT "P.1.N", true }, { ROOT "P.11.", true }));
	send_task(d, "{'method': 'DeleteObject', 'object': '" ROOT "P.1.'}", &task);
	respond_status(d, 0);
	assert_false(knows(d, ROOT "P.1."));
	assert_false(knows(d, ROOT "P.1.N"));
	assert_true(knows(d, ROOT "P.11."));
	assert_text(task_text(task, "state"), "done");
}

static void test_reboot_ends_the_requests_of_its_session(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(d, "{'method': 'Reboot'}", &task);
	assert_text(request->request.command_key, task_text(task, "command_key"));
	const int64_t next = queue(d, "{'method': 'GetRPCMethods'}");
	assert_null(respond(d));
	assert_true(d->session.is_closing);
	assert_text(task_text(task, "state"), "done");
	d->session.has_tasks = true; /* as a wake-up does */
	assert_null(empty(d));
	assert_text(task_text(next, "state"), "queued");
	inform(d, .event = "M Reboot", .command_key = task_text(task, "command_key"));
	assert_non_null(empty(d));
}

static void test_factory_reset_ends_the_requests_and_its_fault_does_not(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'FactoryReset'}", &task);
	queue(d, "{'method': 'FactoryReset'}");
	assert_non_null(respond_fault(d, 9003));
	assert_null(respond(d));
	assert_true(d->session.is_closing);
}

static void test_get_rpc_methods_stores_what_the_device_knows(void **state)
{
	const char *methods[] = { "GetRPCMethods", "Reboot" };
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'GetRPCMethods'}", &task);
	struct cwmp_message *response = answer_to(d);
	response->response.methods = (struct cwmp_strings){ methods, LENGTH_OF(methods) };
	post(d, response);
	assert_text(device_text(d, "methods.1"), "Reboot");
	assert_text(task_text(task, "result.methods.1"), "Reboot");
}

static void test_download_of_the_catalogue_gets_a_link_size_and_type(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const char *file = catalogue("firmware", "2.0");
	const struct cwmp_message *request = send_task(d,
		arena_printf(lab.arena,
			"{'method': 'Download', 'file': '%s', 'delay_seconds': 100}", file),
		&task);
	const struct cwmp_download *sent = &request->request.download;
	assert_text(sent->url, arena_printf(lab.arena, "http://acs.example:7567/d/token/%s", file));
	assert_text(sent->file_type, "1 Firmware Upgrade Image");
	assert_int_equal(sent->file_size, 4711);
	assert_int_equal(sent->delay_seconds, 100);
	assert_text(sent->command_key, task_text(task, "command_key"));
	assert_int_equal(lab.link_expires, d->turn.now + 100 + TRANSFER_SECONDS + LINK_SECONDS);
}

static void test_download_of_a_url_is_sent_as_ordered(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(d,
		"{'method': 'Download', 'file_type': '2 Web',"
		" 'url': 'ftp://h/f', 'username': 'u', 'password': 'p', 'file_size': 9,"
		" 'target_file_name': 't', 'success_url': 'http://s', 'failure_url': 'http://f'}",
		&task);
	const struct cwmp_download *sent = &request->request.download;
	assert_text(sent->url, "ftp://h/f");
	assert_text(sent->file_type, "2 Web");
	assert_text(sent->username, "u");
	assert_text(sent->password, "p");
	assert_int_equal(sent->file_size, 9);
	assert_text(sent->target_file_name, "t");
	assert_text(sent->success_url, "http://s");
	assert_text(sent->failure_url, "http://f");
}

static void test_download_of_a_file_that_is_gone_fails(void **state)
{
	static const struct db_statement drop = { .name = "lab_drop_file",
		.sql = "DELETE FROM file WHERE name = $1" };
	struct device *d = known_device();
	(void)state;
	const char *file = catalogue("other", NULL);
	const int64_t task = queue(
		d, arena_printf(lab.arena, "{'method': 'Download', 'file': '%s'}", file));
	LAB_ASK(&drop, db_text(file));
	inform(d);
	assert_null(empty(d));
	assert_text(task_text(task, "state"), "failed");
	assert_non_null(strstr(task_text(task, "fault.message"), file));
	assert_int_equal(open_transfers(d), 0);
}

static void test_download_that_is_applied_at_once_is_done(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Download', 'file_type': '3 x', 'url': 'http://h/f'}", &task);
	respond_transfer(d, 0);
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.status"), "0");
	assert_int_equal(open_transfers(d), 0);
}

static const struct cwmp_message *respond_attributes(
	struct device *d, struct cwmp_attribute *items, size_t count)
{
	struct cwmp_message *m = answer_to(d);
	m->response.attributes = (struct cwmp_attributes){ items, count };
	return post(d, m);
}

static void test_attributes_that_are_told_are_stored_where_the_parameter_is_known(void **state)
{
	const char *entities[] = { "Subscriber" };
	struct cwmp_attribute told[] = {
		{ ROOT "A", 2, { entities, 1 } },
		{ ROOT "Unknown", 1, { NULL, 0 } },
		{ ROOT "DeviceInfo.HardwareVersion", 99, { NULL, 0 } },
		{ "", 1, { NULL, 0 } },
	};
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "A", "1", "xsd:int" });
	const struct cwmp_message *request = send_task(
		d, "{'method': 'GetParameterAttributes', 'names': ['" ROOT "']}", &task);
	assert_text(request->request.attribute_names.items[0], ROOT);
	assert_null(respond_attributes(d, told, LENGTH_OF(told)));
	assert_text(parameter_text(d, ROOT "A", "notification"), "2");
	assert_false(knows(d, ROOT "Unknown"));
	assert_null(parameter_text(d, ROOT "DeviceInfo.HardwareVersion", "notification"));
	assert_int_equal(d->turn.dropped, 2);
	assert_text(task_text(task, "result.parameters.0.notification"), "2");
	assert_text(task_text(task, "result.parameters.0.access_list.0"), "Subscriber");
	assert_text(task_text(task, "result.parameters.2.notification"), "99");
}

static void test_attributes_that_were_set_hold_for_all_below_a_partial_path(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_attribute_changes *sent = &send_task(d,
		"{'method': 'SetParameterAttributes', 'parameters': ["
		" {'name': '" ROOT "ManagementServer.', 'notification': 1, 'access_list': ['X']},"
		" {'name': '" ROOT "ManagementServer.ParameterKey', 'notification': 2},"
		" {'name': '" ROOT "DeviceInfo.', 'access_list': []}]}",
		&task)
							     ->request.attribute_changes;
	assert_int_equal(sent->count, 3);
	assert_true(sent->items[0].notification_change);
	assert_true(sent->items[0].access_list_change);
	assert_text(sent->items[0].access_list.items[0], "X");
	assert_false(sent->items[1].access_list_change);
	assert_false(sent->items[2].notification_change);
	assert_true(sent->items[2].access_list_change);
	assert_int_equal(sent->items[2].access_list.count, 0);
	assert_null(respond(d));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result"), "{}");
	assert_text(parameter_text(d, ROOT "ManagementServer.ConnectionRequestURL", "notification"),
		"1");
	assert_text(parameter_text(d, ROOT "ManagementServer.ParameterKey", "notification"), "2");
	assert_null(parameter_text(d, ROOT "DeviceInfo.SoftwareVersion", "notification"));
}

static void test_attributes_whose_answer_was_lost_are_set_again(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d,
		"{'method': 'SetParameterAttributes',"
		" 'parameters': [{'name': '" ROOT "', 'notification': 0}]}",
		&task);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_SET_PARAMETER_ATTRIBUTES);
	assert_text(task_text(task, "attempts"), "2");
}

static void test_options_are_told(void **state)
{
	struct cwmp_option options[] = { { "VPN", 7, 1, 2, "2026-01-01T00:00:00Z", "", true } };
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(
		d, "{'method': 'GetOptions', 'option_name': 'VPN'}", &task);
	assert_text(request->request.option_name, "VPN");
	struct cwmp_message *m = answer_to(d);
	m->response.options = (struct cwmp_options){ options, LENGTH_OF(options) };
	assert_null(post(d, m));
	assert_text(task_text(task, "result.options.0.option_name"), "VPN");
	assert_text(task_text(task, "result.options.0.voucher_sn"), "7");
	assert_text(task_text(task, "result.options.0.is_transferable"), "true");
}

static void test_vouchers_are_sent_once(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_message *request = send_task(
		d, "{'method': 'SetVouchers', 'vouchers': ['QUJD', 'REVG']}", &task);
	assert_int_equal(request->request.vouchers.count, 2);
	assert_text(request->request.vouchers.items[1], "REVG");
	inform(d);
	assert_text(task_text(task, "state"), "failed");
	assert_null(empty(d));
}

static void test_answer_of_another_method_is_refused(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	struct cwmp_message *other = message(CWMP_RESPONSE, CWMP_FACTORY_RESET);
	assert_null(post(d, other));
	assert_int_equal(d->next, RPC_REFUSED);
	assert_non_null(strstr(d->turn.why, "FactoryReset"));
	assert_text(task_text(task, "state"), "sent");
}

static void test_onboarding_document_of_an_operator_may_hold_numbers_and_bare_types(void **state)
{
	static const struct db_statement set = {
		.name = "lab_set_onboarding",
		.sql = "UPDATE setting SET value = $1::jsonb WHERE name = 'onboarding'",
	};
	static const struct db_statement get = {
		.name = "lab_get_onboarding",
		.sql = "SELECT value FROM setting WHERE name = 'onboarding'",
	};
	struct device *d = new_device();
	(void)state;
	const char *standard = only_text(LAB_ASK(&get));
	LAB_ASK(&set, db_text("{\"tasks\": [{\"method\": \"SetParameterValues\", \"parameters\":"
			      " [{\"name\": \"{root}A\", \"value\": 7, \"type\": \"int\"}]}]}"));
	inform(d, .event = "0 BOOTSTRAP");
	assert_non_null(empty(d));
	LAB_ASK(&set, db_text(standard));
	/* Before it is encoded: reading it back would normalise the type. */
	const struct cwmp_value *sent = d->turn.out.request.set_parameter_values.parameters.items;
	assert_text(sent->name, ROOT "A");
	assert_text(sent->value, "7");
	assert_text(sent->type, "xsd:int");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_get_parameter_values_response_stores_values_with_types_and_finishes),
		LAB_TEST(test_value_without_a_type_keeps_the_learned_one),
		LAB_TEST(test_values_over_the_limit_of_a_device_are_dropped_and_counted),
		LAB_TEST(test_get_parameter_names_learns_what_is_writable),
		LAB_TEST(test_get_parameter_names_of_no_path_asks_for_the_root),
		LAB_TEST(test_task_that_cannot_be_built_fails_and_the_next_one_is_sent),
		LAB_TEST(test_set_parameter_values_uses_learned_types),
		LAB_TEST(test_parameter_key_of_the_order_is_sent),
		LAB_TEST(test_set_parameter_values_fault_keeps_the_cache_unchanged),
		LAB_TEST(test_connection_request_password_is_sealed_and_other_secrets_are_not_kept),
		LAB_TEST(test_add_object_carries_its_command_key_and_the_row_is_stored),
		LAB_TEST(test_delete_object_forgets_all_below_it_and_nothing_beside_it),
		LAB_TEST(test_reboot_ends_the_requests_of_its_session),
		LAB_TEST(test_factory_reset_ends_the_requests_and_its_fault_does_not),
		LAB_TEST(test_get_rpc_methods_stores_what_the_device_knows),
		LAB_TEST(test_download_of_the_catalogue_gets_a_link_size_and_type),
		LAB_TEST(test_download_of_a_url_is_sent_as_ordered),
		LAB_TEST(test_download_of_a_file_that_is_gone_fails),
		LAB_TEST(test_download_that_is_applied_at_once_is_done),
		LAB_TEST(test_attributes_that_are_told_are_stored_where_the_parameter_is_known),
		LAB_TEST(test_attributes_that_were_set_hold_for_all_below_a_partial_path),
		LAB_TEST(test_attributes_whose_answer_was_lost_are_set_again),
		LAB_TEST(test_options_are_told),
		LAB_TEST(test_vouchers_are_sent_once),
		LAB_TEST(test_answer_of_another_method_is_refused),
		LAB_TEST(test_onboarding_document_of_an_operator_may_hold_numbers_and_bare_types),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
