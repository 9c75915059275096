/* Orders that operators give, onboarding documents, and device ids: what is taken, and what each
 * refusal says. Needs no database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/devices.h"
#include "rpc/task.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* JSON with ' for ". */
static json_t *json_of(const char *text)
{
	char *copy = arena_strdup(arena, text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
	if (!value)
		fail_msg("no JSON: %s", copy);
	return value;
}

static struct task_order read_order(const char *text)
{
	struct task_order order;
	const char *why = "";
	json_t *body = json_of(text);
	if (!task_order_read(arena, body, &order, &why))
		fail_msg("%s: %s", text, why);
	json_decref(body);
	return order;
}

static void assert_refused(const char *text, const char *field)
{
	struct task_order order;
	const char *why = NULL;
	json_t *body = json_of(text);
	if (task_order_read(arena, body, &order, &why))
		fail_msg("was taken: %s", text);
	json_decref(body);
	assert_non_null(why);
	if (strncmp(why, field, strlen(field)) != 0 || why[strlen(field)] != ':')
		fail_msg("%s\n%s does not begin with %s:", text, why, field);
}

static void assert_refused_with(const char *text, const char *expected)
{
	struct task_order order;
	const char *why = NULL;
	json_t *body = json_of(text);
	assert_false(task_order_read(arena, body, &order, &why));
	json_decref(body);
	assert_string_equal(why, expected);
}

static void test_order_is_taken_apart(void **state)
{
	(void)state;
	const struct task_order order = read_order(
		"{'method': 'Reboot', 'expires_in': 60, 'not_before': '2026-11-21T10:00:00.5+01:00'}");
	assert_string_equal(order.method, "Reboot");
	assert_string_equal(order.arguments, "{}");
	assert_int_equal(order.expires_in, 60);
	assert_string_equal(order.not_before, "2026-11-21T10:00:00.5+01:00");
	assert_null(order.file);
}

static void test_what_is_left_out_has_its_default(void **state)
{
	(void)state;
	const struct task_order order = read_order("{'method': 'Download', 'file': 'fw.bin'}");
	assert_int_equal(order.expires_in, -1);
	assert_null(order.not_before);
	assert_string_equal(order.file, "fw.bin");
	assert_string_equal(order.arguments, "{\"file\":\"fw.bin\"}");
}

static void test_values_become_texts_and_types_are_normalised(void **state)
{
	(void)state;
	assert_string_equal(
		read_order(
			"{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value':"
			" 5, 'type': 'xs:int'}]}")
			.arguments,
		"{\"parameters\":[{\"name\":\"Device.A\",\"value\":\"5\",\"type\":\"xsd:int\"}]}");
	assert_string_equal(read_order("{'method': 'SetParameterValues',"
				       " 'parameters': [{'name': 'Device.A', 'value': false}]}")
				    .arguments,
		"{\"parameters\":[{\"name\":\"Device.A\",\"value\":\"false\"}]}");
}

static void test_the_body_given_is_not_changed(void **state)
{
	struct task_order order;
	const char *why;
	(void)state;
	json_t *body = json_of("{'method': 'SetParameterValues', 'expires_in': 5,"
			       " 'parameters': [{'name': 'Device.A', 'value': 5}]}");
	json_t *copy = json_deep_copy(body);
	assert_true(task_order_read(arena, body, &order, &why));
	assert_true(json_equal(body, copy));
	json_decref(copy);
	json_decref(body);
}

static void test_every_method_of_ours_can_be_ordered(void **state)
{
	(void)state;
	read_order("{'method': 'GetRPCMethods'}");
	read_order("{'method': 'FactoryReset'}");
	read_order("{'method': 'Refresh'}");
	read_order("{'method': 'Refresh', 'path': 'Device.Hosts.'}");
	read_order("{'method': 'GetParameterNames', 'path': 'Device.', 'next_level': true}");
	read_order("{'method': 'GetParameterNames', 'path': 'Device.DeviceInfo.UpTime'}");
	read_order("{'method': 'GetParameterValues', 'names': ['Device.', 'Device.A']}");
	read_order("{'method': 'AddObject', 'object': 'Device.NAT.PortMapping.'}");
	read_order("{'method': 'DeleteObject', 'object': 'Device.NAT.PortMapping.1.'}");
}

#define UUID "01234567-89ab-CDEF-0123-456789abcdef"
#define WINDOW "{'start': 0, 'end': 10, 'mode': '1 At Any Time'}"
#define FIRMWARE "'file_type': '1 Firmware Upgrade Image', 'url': 'https://h/f'"

static void test_every_method_of_the_protocol_can_be_ordered(void **state)
{
	static const struct {
		const char *order, *needs_version;
	} orders[] = {
		{ "{'method': 'GetParameterAttributes', 'names': ['Device.', 'Device.A']}", "1.0" },
		{ "{'method': 'SetParameterAttributes', 'parameters': ["
		  " {'name': 'Device.A', 'notification': 6, 'access_list': []},"
		  " {'name': 'Device.', 'access_list': ['Subscriber']}]}",
			"1.0" },
		{ "{'method': 'Upload', 'file_type': '2 Vendor Log File'}", "1.0" },
		{ "{'method': 'Upload', 'file_type': '2 Vendor Log File', 'url': 'ftp://h/f',"
		  " 'username': 'u', 'password': 'p', 'delay_seconds': 60}",
			"1.0" },
		{ "{'method': 'Upload', 'file_type': 'X 00A0C9 y', 'file_name': 'a b.log'}",
			"1.0" },
		{ "{'method': 'ScheduleInform', 'delay_seconds': 4294967295}", "1.0" },
		{ "{'method': 'ScheduleDownload', " FIRMWARE ", 'windows': [" WINDOW "]}", "1.2" },
		{ "{'method': 'ScheduleDownload', 'file': 'f', 'windows': [" WINDOW
		  ", {'start': 10, 'end': 20, 'mode': 'X ACME At Full Moon', 'max_retries': -1}]}",
			"1.2" },
		{ "{'method': 'CancelTransfer', 'command_key': '17.1'}", "1.2" },
		{ "{'method': 'CancelTransfer', 'task': '17'}", "1.2" },
		{ "{'method': 'GetQueuedTransfers'}", "1.0" },
		{ "{'method': 'GetAllQueuedTransfers'}", "1.1" },
		{ "{'method': 'ChangeDUState', 'operations': [{'operation': 'Install',"
		  " 'url': 'http://u', 'uuid': '" UUID "', 'execution_env_ref': 'Device.X.1'},"
		  " {'operation': 'Update', 'version': '2'}, {'operation': 'Update'},"
		  " {'operation': 'Uninstall', 'uuid': '" UUID "', 'version': '1'}]}",
			"1.2" },
		{ "{'method': 'GetOptions'}", "1.0" },
		{ "{'method': 'GetOptions', 'option_name': 'VPN'}", "1.0" },
		{ "{'method': 'SetVouchers', 'vouchers': ['QUJD']}", "1.0" },
		{ "{'method': 'X_ACME_Foo', 'xml': '<A b=\\'c\\'>1</A>'}", "1.0" },
		{ "{'method': 'X_00A0C9_Foo'}", "1.0" },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(orders); i++)
		assert_string_equal(
			read_order(orders[i].order).needs_version, orders[i].needs_version);
	assert_string_equal(read_order("{'method': 'X_ACME_Foo'}").method, "X_ACME_Foo");
	assert_string_equal(
		read_order("{'method': 'ScheduleDownload', 'file': 'f', 'windows': [" WINDOW "]}")
			.file,
		"f");
}

#define SCHEDULED "{'method': 'ScheduleDownload', 'file': 'f', 'windows': "
#define MODULES "{'method': 'ChangeDUState', 'operations': "
#define ATTRIBUTES "{'method': 'SetParameterAttributes', 'parameters': "

static void test_refusals_of_the_protocols_other_methods_name_the_field(void **state)
{
	static const struct {
		const char *order, *field;
	} refused[] = {
		{ "{'method': 'GetParameterAttributes', 'names': []}", "names" },
		{ ATTRIBUTES "[]}", "parameters" },
		{ ATTRIBUTES "[7]}", "parameters[0]" },
		{ ATTRIBUTES "[{'name': '', 'notification': 1}]}", "parameters[0].name" },
		{ ATTRIBUTES "[{'name': 'a..b', 'notification': 1}]}", "parameters[0].name" },
		{ ATTRIBUTES "[{'name': 'Device.A'}]}", "parameters[0].notification" },
		{ ATTRIBUTES "[{'name': 'Device.A', 'notification': 7}]}",
			"parameters[0].notification" },
		{ ATTRIBUTES "[{'name': 'Device.A', 'access_list': 'Subscriber'}]}",
			"parameters[0].access_list" },
		{ ATTRIBUTES "[{'name': 'Device.A', 'access_list': ['a', '']}]}",
			"parameters[0].access_list[1]" },
		{ ATTRIBUTES "[{'name': 'Device.A', 'notification': 1, 'value': 1}]}",
			"parameters[0].value" },
		{ "{'method': 'Upload'}", "file_type" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'url': 'nourl'}", "url" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'username': 'u'}", "username" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'url': 'ftp://h/', 'file_name': 'a'}",
			"file_name" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'file_name': 'a/b'}", "file_name" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'file_name': '..'}", "file_name" },
		{ "{'method': 'Upload', 'file_type': '2 x', 'file_name': 5}", "file_name" },
		{ "{'method': 'ScheduleInform'}", "delay_seconds" },
		{ "{'method': 'ScheduleInform', 'delay_seconds': 0}", "delay_seconds" },
		{ "{'method': 'ScheduleInform', 'delay_seconds': 4294967296}", "delay_seconds" },
		{ "{'method': 'ScheduleDownload', 'windows': [" WINDOW "]}", "file_type" },
		{ "{'method': 'ScheduleDownload', 'file': 'f'}", "windows" },
		{ "{'method': 'ScheduleDownload', 'file': 'f', 'delay_seconds': 5,"
		  " 'windows': [" WINDOW "]}",
			"delay_seconds" },
		{ SCHEDULED "[]}", "windows" },
		{ SCHEDULED "[" WINDOW ", " WINDOW ", " WINDOW "]}", "windows" },
		{ SCHEDULED "[" WINDOW ", " WINDOW "]}", "windows[1].start" },
		{ SCHEDULED "[{'end': 10, 'mode': '2 Immediately'}]}", "windows[0].start" },
		{ SCHEDULED "[{'start': 10, 'end': 10, 'mode': '2 Immediately'}]}",
			"windows[0].start" },
		{ SCHEDULED "[{'start': 0, 'end': '9', 'mode': '2 Immediately'}]}",
			"windows[0].end" },
		{ SCHEDULED "[{'start': 0, 'end': 9}]}", "windows[0].mode" },
		{ SCHEDULED "[{'start': 0, 'end': 9, 'mode': 'Immediately'}]}", "windows[0].mode" },
		{ SCHEDULED "[{'start': 0, 'end': 9, 'mode': 'X ACME'}]}", "windows[0].mode" },
		{ SCHEDULED "[{'start': 0, 'end': 9, 'mode': '2 Immediately', 'max_retries': -2}]}",
			"windows[0].max_retries" },
		{ "{'method': 'CancelTransfer'}", "command_key" },
		{ "{'method': 'CancelTransfer', 'task': 'x'}", "task" },
		{ "{'method': 'CancelTransfer', 'task': 17}", "task" },
		{ "{'method': 'CancelTransfer', 'task': '1', 'command_key': 'k'}", "task" },
		{ "{'method': 'GetQueuedTransfers', 'all': true}", "all" },
		{ MODULES "[]}", "operations" },
		{ MODULES "[{}]}", "operations[0].operation" },
		{ MODULES "[{'operation': 'install', 'url': 'u'}]}", "operations[0].operation" },
		{ MODULES "[{'operation': 'Install'}]}", "operations[0].url" },
		{ MODULES "[{'operation': 'Install', 'url': 'u'}]}", "operations[0].url" },
		{ MODULES "[{'operation': 'Update', 'url': 'http://me:secret@host/du'}]}",
			"operations[0].url" },
		{ MODULES "[{'operation': 'Install', 'url': 'u', 'version': '1'}]}",
			"operations[0].version" },
		{ MODULES "[{'operation': 'Update', 'uuid': '0123'}]}", "operations[0].uuid" },
		{ MODULES "[{'operation': 'Update'}, {'operation': 'Uninstall'}]}",
			"operations[1].uuid" },
		{ MODULES "[{'operation': 'Uninstall', 'uuid': '" UUID "', 'url': 'u'}]}",
			"operations[0].url" },
		{ "{'method': 'GetOptions', 'option_name': 5}", "option_name" },
		{ "{'method': 'SetVouchers'}", "vouchers" },
		{ "{'method': 'SetVouchers', 'vouchers': ['QUJD', '***']}", "vouchers[1]" },
		{ "{'method': 'X_'}", "method" },
		{ "{'method': 'X_ACME:Foo'}", "method" },
		{ "{'method': 'x_acme_foo'}", "method" },
		{ "{'method': 'X_ACME_Foo', 'xml': '<A>'}", "xml" },
		{ "{'method': 'X_ACME_Foo', 'xml': '</X_ACME_Foo><B/>'}", "xml" },
		{ "{'method': 'X_ACME_Foo', 'names': []}", "names" },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		assert_refused(refused[i].order, refused[i].field);
}

static void test_refusals_name_the_field(void **state)
{
	static const struct {
		const char *order, *field;
	} refused[] = {
		{ "[]", "method" },
		{ "'Reboot'", "method" },
		{ "{}", "method" },
		{ "{'method': 7}", "method" },
		{ "{'method': 'FormatDisk'}", "method" },
		{ "{'method': 'Reboot', 'force': true}", "force" },
		{ "{'method': 'Reboot', 'expires_in': -1}", "expires_in" },
		{ "{'method': 'Reboot', 'expires_in': '60'}", "expires_in" },
		{ "{'method': 'Reboot', 'expires_in': 1e9}", "expires_in" },
		{ "{'method': 'Reboot', 'not_before': 'tomorrow'}", "not_before" },
		{ "{'method': 'Reboot', 'not_before': '2026-11-21T10:00:00'}", "not_before" },
		{ "{'method': 'Reboot', 'not_before': '2026-11-21T10:00:00Z; DROP'}",
			"not_before" },
		{ "{'method': 'Reboot', 'not_before': 5}", "not_before" },
		{ "{'method': 'GetParameterValues'}", "names" },
		{ "{'method': 'GetParameterValues', 'names': []}", "names" },
		{ "{'method': 'GetParameterValues', 'names': 'Device.A'}", "names" },
		{ "{'method': 'GetParameterValues', 'names': ['Device.A', '']}", "names[1]" },
		{ "{'method': 'GetParameterValues', 'names': [null]}", "names[0]" },
		{ "{'method': 'GetParameterNames', 'path': 'a b..c'}", "path" },
		{ "{'method': 'GetParameterNames', 'next_level': 1}", "next_level" },
		{ "{'method': 'SetParameterValues'}", "parameters" },
		{ "{'method': 'SetParameterValues', 'parameters': {}}", "parameters" },
		{ "{'method': 'SetParameterValues', 'parameters': ['Device.A']}", "parameters[0]" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'value': 1}]}",
			"parameters[0].name" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A.', 'value': 1}]}",
			"parameters[0].name" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A'}]}",
			"parameters[0].value" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value': null}]}",
			"parameters[0].value" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value': [1]}]}",
			"parameters[0].value" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value': 1},"
		  " {'name': 'Device.B', 'value': 1, 'type': 'xsd:colour'}]}",
			"parameters[1].type" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value': 1,"
		  " 'typ': 'xsd:int'}]}",
			"parameters[0].typ" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A', 'value': 1}],"
		  " 'parameter_key': 'longer than the thirty-two bytes of CWMP'}",
			"parameter_key" },
		{ "{'method': 'AddObject'}", "object" },
		{ "{'method': 'AddObject', 'object': 'Device.NAT'}", "object" },
		{ "{'method': 'DeleteObject', 'object': 7}", "object" },
		{ "{'method': 'Refresh', 'path': 'Device.Hosts'}", "path" },
		{ "{'method': 'Download'}", "file_type" },
		{ "{'method': 'Download', 'file_type': '1 x'}", "url" },
		{ "{'method': 'Download', 'file': ''}", "file" },
		{ "{'method': 'Download', 'file': 'f', 'url': 'http://h/'}", "url" },
		{ "{'method': 'Download', 'file_type': '1 x', 'url': 'http://u:p@h/'}", "url" },
		{ "{'method': 'Download', 'file_type': '1 x', 'url': 'notaurl'}", "url" },
		{ "{'method': 'SetParameterValues', 'parameters': [{'name': 'Device.A',"
		  " 'value': 'a\\u0001b'}]}",
			"parameters[0].value" },
		{ "{'method': 'Download', 'file': 'f', 'target_file_name': 'a\\u0001b'}",
			"target_file_name" },
		{ "{'method': 'Download', 'file': 'f', 'delay_seconds': -5}", "delay_seconds" },
		{ "{'method': 'Download', 'file': 'f', 'file_size': 4294967296}", "file_size" },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		assert_refused(refused[i].order, refused[i].field);
}

static void test_times_that_postgresql_would_not_read_are_refused(void **state)
{
	static const char *const refused[] = { "2026-02-30T10:00:00Z", "2025-02-29T10:00:00Z",
		"0000-01-01T00:00:00Z", "26-01-01T00:00:00Z", "2026-1-1T00:00:00Z",
		"2026-01-01T24:00:00Z", "2026-01-01T10:00:60Z", "2026-01-01T10:00:00.Z",
		"2026-01-01T10:00:00+23:00", "2026-01-01T10:00:00+14:30",
		"2026-01-01T10:00:00+01:60", "2026-01-01T10:00:00+0100", "2026-01-01T10:00:00z",
		"2026-01-01 10:00:00Z", "2026-01- 1T10:00:00Z", "infinity" };
	static const char *const taken[] = { "2024-02-29T23:59:59Z", "2026-12-31T00:00:00.123456Z",
		"2026-01-01T10:00:00+14:00", "2026-01-01T10:00:00-09:30" };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		assert_refused(
			arena_printf(arena, "{'method': 'Reboot', 'not_before': '%s'}", refused[i]),
			"not_before");
	for (size_t i = 0; i < LENGTH_OF(taken); i++)
		read_order(
			arena_printf(arena, "{'method': 'Reboot', 'not_before': '%s'}", taken[i]));
}

static void test_url_may_have_an_at_sign_behind_its_host(void **state)
{
	(void)state;
	read_order("{'method': 'Download', 'file_type': '1 x', 'url': 'http://h/a@b?c@d'}");
}

static void assert_document(const char *text, const char *expected)
{
	const char *why = NULL;
	json_t *document = json_of(text);
	const bool ok = onboarding_check(arena, document, &why);
	json_decref(document);
	assert_int_equal(ok, expected == NULL);
	if (expected && strncmp(why, expected, strlen(expected)) != 0)
		fail_msg("%s: %s", text, why);
}

static void test_onboarding_documents_are_checked_as_orders_with_words(void **state)
{
	(void)state;
	assert_document("{'tasks': []}", NULL);
	assert_document("{'tasks': [{'method': 'SetParameterValues', 'parameters':"
			" [{'name': '{root}Time.{unknown}', 'value': 1}]}]}",
		"tasks[0].parameters[0].name:");
	assert_document(
		"{'tasks': [{'method': 'SetParameterValues', 'parameters': [{'name': '{root}A',"
		" 'value': '{connection-request-password}'}]}, {'method': 'Refresh'}]}",
		NULL);
	assert_document(
		"{'tasks': [{'method': 'Refresh'}, {'method': 'Nonsense'}]}", "tasks[1].method:");
	assert_document(
		"{'tasks': [{'method': 'Reboot', 'expires_in': 5}]}", "tasks[0].expires_in");
	assert_document("{'tasks': [null]}", "tasks[0].method:");
	assert_document("{'tasks': {}}", "tasks:");
	assert_document("{'tasks': [], 'more': 1}", "tasks:");
	assert_document("[]", "tasks:");
	assert_document("null", "tasks:");
}

static void test_public_ids_are_percent_encoded(void **state)
{
	(void)state;
	assert_string_equal(device_public_id(arena, "00AABB", "Box_7", "S1"), "00AABB-Box_7-S1");
	assert_string_equal(device_public_id(arena, "00AABB", "", "S1"), "00AABB-S1");
	assert_string_equal(device_public_id(arena, "00AABB", "B-7 é", "S/1.%"),
		"00AABB-B%2D7%20%C3%A9-S%2F1%2E%25");
}

static void assert_parses(const char *raw, const char *product_class, const char *serial_number)
{
	const char *oui, *class, *serial;
	int64_t device_id;
	if (!device_id_parse(arena, raw, DEVICE_ID_LAYERS, &device_id, &oui, &class, &serial))
		fail_msg("%s", raw);
	assert_string_equal(oui, "00AABB");
	assert_string_equal(class, product_class);
	assert_string_equal(serial, serial_number);
	assert_true(device_id == device_id_of("00AABB", product_class, serial_number));
}

static void test_device_ids_are_read_raw_encoded_once_and_twice(void **state)
{
	(void)state;
	assert_parses("00AABB-S1", "", "S1");
	assert_parses("00AABB-Box-S1", "Box", "S1");
	assert_parses("00AABB-B%2D7-S%2F1", "B-7", "S/1");
	assert_parses("00AABB-B%252D7-S%252F1", "B-7", "S/1");
	assert_parses("00AABB-B%25252D7-S%25252F1", "B-7", "S/1");
	assert_parses("00AABB-B%2d7-100%25", "B-7", "100%");
}

static void test_serial_number_with_a_percent_sign_is_found_by_its_public_id(void **state)
{
	(void)state;
	assert_string_equal(device_public_id(arena, "00AABB", "Box", "S%41"), "00AABB-Box-S%2541");
	assert_parses("00AABB-Box-S%2541", "Box", "S%41");
	assert_parses("00AABB-Box-S%252541", "Box", "S%41");
}

static void test_a_percent_sign_and_hex_in_a_serial_number_survive_one_layer(void **state)
{
	const char *raw = device_public_id(arena, "00AABB", "", "a%2Db"), *oui, *class, *serial;
	int64_t device_id;
	(void)state;
	assert_string_equal(raw, "00AABB-a%252Db");
	assert_true(device_id_parse(arena, raw, 1, &device_id, &oui, &class, &serial));
	assert_string_equal(serial, "a%2Db");
	assert_true(device_id_parse(arena, raw, 2, &device_id, &oui, &class, &serial));
	assert_string_equal(serial, "a-b");
}

static void test_what_is_no_device_id_is_refused(void **state)
{
	static const char *const texts[] = { "", "-", "00AABB", "00AABB-", "-Box-S1", "00AABB-Box-",
		"a-b-c-d", "00AABB-%FF", "00AABB-S%C3" };
	const char *oui, *class, *serial;
	int64_t device_id;
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		if (device_id_parse(
			    arena, texts[i], DEVICE_ID_LAYERS, &device_id, &oui, &class, &serial))
			fail_msg("was taken: %s", texts[i]);
}

static void test_percent_zero_does_not_cut_a_part(void **state)
{
	const char *oui, *class, *serial;
	int64_t device_id;
	(void)state;
	assert_true(device_id_parse(
		arena, "00AABB-S%001", DEVICE_ID_LAYERS, &device_id, &oui, &class, &serial));
	assert_string_equal(serial, "S%001");
}

static void test_device_id_is_positive_and_knows_where_a_part_ends(void **state)
{
	(void)state;
	assert_true(device_id_of("00AABB", "Box", "S1") > 0);
	assert_true(device_id_of("00aabb", "Box", "S1") == device_id_of("00AABB", "Box", "S1"));
	assert_false(device_id_of("00AABB", "box", "S1") == device_id_of("00AABB", "Box", "S1"));
	assert_false(device_id_of("00AABB", "BoxS", "1") == device_id_of("00AABB", "Box", "S1"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static void test_what_is_wrong_is_told_from_what_is_missing(void **state)
{
	(void)state;
	assert_refused_with(
		"{'method': 'Upload', 'file_type': ''}", "file_type: must not be empty");
	assert_refused_with("{'method': 'Upload', 'file_type': 2}", "file_type: must be a text");
	assert_refused_with("{'method': 'Upload'}", "file_type: must be a text");
	assert_refused_with(
		"{'method': 'ChangeDUState', 'operations': {}}", "operations: must be a list");
	assert_refused_with("{'method': 'SetParameterValues', 'parameters': {'name': 'Device.A'}}",
		"parameters: must be a list");
	assert_refused_with("{'method': 'ChangeDUState', 'operations': []}",
		"operations: must be a list of at least one item");
	assert_refused_with("{'method': 'ScheduleDownload', 'file': 'fw', 'windows': {'start': 1}}",
		"windows: must be a list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order_is_taken_apart),
		TEST(test_what_is_left_out_has_its_default),
		TEST(test_values_become_texts_and_types_are_normalised),
		TEST(test_the_body_given_is_not_changed),
		TEST(test_every_method_of_ours_can_be_ordered),
		TEST(test_every_method_of_the_protocol_can_be_ordered),
		TEST(test_refusals_of_the_protocols_other_methods_name_the_field),
		TEST(test_refusals_name_the_field),
		TEST(test_times_that_postgresql_would_not_read_are_refused),
		TEST(test_url_may_have_an_at_sign_behind_its_host),
		TEST(test_what_is_wrong_is_told_from_what_is_missing),
		TEST(test_onboarding_documents_are_checked_as_orders_with_words),
		TEST(test_public_ids_are_percent_encoded),
		TEST(test_device_ids_are_read_raw_encoded_once_and_twice),
		TEST(test_serial_number_with_a_percent_sign_is_found_by_its_public_id),
		TEST(test_a_percent_sign_and_hex_in_a_serial_number_survive_one_layer),
		TEST(test_what_is_no_device_id_is_refused),
		TEST(test_percent_zero_does_not_cut_a_part),
		TEST(test_device_id_is_positive_and_knows_where_a_part_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
