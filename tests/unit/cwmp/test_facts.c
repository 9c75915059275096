/* Names, fault codes, types and paths: the tables say what TR-069 and TR-106 say.
 * Needs no codec. */
#include "harness.h"

#include "cwmp/cwmp.h"

static void test_methods_are_found_by_the_name_they_have(void **state)
{
	(void)state;
	for (int i = CWMP_INFORM; i < CWMP_METHOD_COUNT; i++)
		assert_int_equal(cwmp_method_by_name(cwmp_method_name((enum cwmp_method)i)), i);
	assert_int_equal(cwmp_method_by_name(""), CWMP_UNKNOWN_METHOD);
	assert_int_equal(cwmp_method_by_name("inform"), CWMP_UNKNOWN_METHOD);
	assert_string_equal(cwmp_method_name(CWMP_UNKNOWN_METHOD), "");
	assert_string_equal(cwmp_namespace_uri(CWMP_NS_1_2), "urn:dslforum-org:cwmp-1-2");
}

static void test_methods_came_with_a_version(void **state)
{
	(void)state;
	static const struct {
		enum cwmp_method method;
		const char *version;
	} methods[] = {
		{ CWMP_INFORM, "1.0" },
		{ CWMP_UPLOAD, "1.0" },
		{ CWMP_SET_VOUCHERS, "1.0" },
		{ CWMP_KICKED, "1.0" },
		{ CWMP_AUTONOMOUS_TRANSFER_COMPLETE, "1.1" },
		{ CWMP_GET_ALL_QUEUED_TRANSFERS, "1.1" },
		{ CWMP_SCHEDULE_DOWNLOAD, "1.2" },
		{ CWMP_CANCEL_TRANSFER, "1.2" },
		{ CWMP_CHANGE_DU_STATE, "1.2" },
		{ CWMP_DU_STATE_CHANGE_COMPLETE, "1.2" },
		{ CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "1.2" },
		{ CWMP_UNKNOWN_METHOD, "1.0" },
	};
	for (size_t i = 0; i < LENGTH_OF(methods); i++)
		assert_string_equal(cwmp_version_name(cwmp_method_since(methods[i].method)),
			methods[i].version);
	assert_string_equal(cwmp_version_name(CWMP_1_4), "1.4");
}

static void test_fault_codes_fit_the_namespace(void **state)
{
	(void)state;
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 9015), 9010);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 9005), 9005);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_1, 9015), 9015);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_4, 8006), 8006);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 8006), 8001);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 9850), 9850);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 9500), 9002);
	assert_int_equal(cwmp_fault_code_for(CWMP_NS_1_0, 8500), 8002);
	assert_string_equal(cwmp_fault_text(9003), "Invalid arguments");
	assert_string_equal(cwmp_fault_text(9999), "");
}

static void test_a_fault_answers_its_request(void **state)
{
	(void)state;
	struct cwmp_message request, fault;
	cwmp_make_request(&request, CWMP_NS_1_0, CWMP_REBOOT, "id 1");
	cwmp_make_fault(&fault, &request, 9000, NULL);
	assert_string_equal(fault.id, "id 1");
	assert_int_equal(fault.kind, CWMP_FAULT);
	assert_string_equal(fault.fault.fault_code, "Client");
	assert_string_equal(fault.fault.fault_string, "CWMP fault");
	assert_string_equal(fault.fault.text, "Method not supported");
	cwmp_make_fault(&fault, &request, 9002, "disk full");
	assert_string_equal(fault.fault.fault_code, "Server");
	assert_string_equal(fault.fault.text, "disk full");
}

static void test_types_are_known_in_any_spelling(void **state)
{
	static const struct {
		const char *spelling, *type;
	} types[] = {
		{ "xsd:string", "xsd:string" },
		{ "xs:int", "xsd:int" },
		{ "SOAP-ENC:string", "xsd:string" },
		{ "string(64)", "xsd:string" },
		{ "xsd:string(64)", "xsd:string" },
		{ "int[0:10]", "xsd:int" },
		{ "unsignedInt[:10]", "xsd:unsignedInt" },
		{ "xsd:unsignedint", "xsd:unsignedInt" },
		{ "SOAP-ENC:base64", "xsd:base64Binary" },
		{ "xsd:base64Binary", "xsd:base64Binary" },
		{ " xsd:dateTime ", "xsd:dateTime" },
		{ "boolean", "xsd:boolean" },
		{ "xsd:anySimpleType", "xsd:anySimpleType" },
		{ "xsd:json", NULL },
		{ "", NULL },
		{ ":", NULL },
		{ NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(types); i++) {
		const char *type = cwmp_type_normalise(types[i].spelling);
		if (types[i].type)
			assert_string_equal(type, types[i].type);
		else
			assert_null(type);
	}
}

static void test_types_accept_their_lexical_space(void **state)
{
	static const struct {
		const char *type, *value;
		bool accepts;
	} cases[] = {
		{ "xsd:string", "", true },
		{ "xsd:json", "anything", true },
		{ NULL, "anything", true },
		{ "xsd:boolean", "1", true },
		{ "xsd:boolean", "false", true },
		{ "xsd:boolean", "TRUE", false },
		{ "xsd:boolean", "", false },
		{ "xsd:boolean", "2", false },
		{ "xsd:int", "-2147483648", true },
		{ "xsd:int", "-2147483649", false },
		{ "xsd:int", "2147483647", true },
		{ "xsd:int", "2147483648", false },
		{ "xsd:int", "+05", true },
		{ "xsd:int", "1.0", false },
		{ "xsd:int", "", false },
		{ "xsd:int", "-", false },
		{ "xsd:int", " 1", false },
		{ "xsd:unsignedInt", "4294967295", true },
		{ "xsd:unsignedInt", "4294967296", false },
		{ "xsd:unsignedInt", "-1", false },
		{ "xsd:unsignedInt", "-0", true },
		{ "xsd:long", "-9223372036854775808", true },
		{ "xsd:long", "9223372036854775808", false },
		{ "xsd:unsignedLong", "18446744073709551615", true },
		{ "xsd:unsignedLong", "18446744073709551616", false },
		{ "xsd:dateTime", "2024-02-29T23:59:59Z", true },
		{ "xsd:dateTime", "2023-02-29T00:00:00Z", false },
		{ "xsd:dateTime", "0001-01-01T00:00:00Z", true },
		{ "xsd:dateTime", "0000-00-00T00:00:00", false },
		{ "xsd:dateTime", "2024-01-01T24:00:00", true },
		{ "xsd:dateTime", "2024-01-01T24:00:01", false },
		{ "xsd:dateTime", "2024-01-01T00:00:00.123+14:00", true },
		{ "xsd:dateTime", "2024-01-01T00:00:00.", false },
		{ "xsd:dateTime", "2024-01-01T00:00:00+1:00", false },
		{ "xsd:dateTime", "2024-01-01", false },
		{ "xsd:dateTime", "2024-01-01T00:00:00z", false },
		{ "xsd:base64Binary", "QUI=", true },
		{ "xsd:base64Binary", "", true },
		{ "xsd:base64Binary", "QUI", false },
		{ "xsd:base64Binary", "Q=I=", false },
		{ "xsd:base64Binary", "QU I=\n", true },
		{ "xsd:base64Binary", "Q===", false },
		{ "xsd:hexBinary", "0aFF", true },
		{ "xsd:hexBinary", "0aF", false },
		{ "xsd:hexBinary", "0g", false },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		bool accepts = cwmp_type_accepts(cases[i].type, cases[i].value);
		if (accepts != cases[i].accepts)
			print_message("%s %s\n", cases[i].type, cases[i].value);
		assert_int_equal(accepts, cases[i].accepts);
	}
}

static void test_paths_are_segments_of_words_instances_and_aliases(void **state)
{
	static const char *const valid[] = { "", "Device.", "Device", "Device.A.1.B",
		"Device.A.12.", "InternetGatewayDevice.X_000E50_Country", "Device.A.[my alias].B",
		"Device.A.*.B", "Device.X_ACME-COM_Foo.1.",
		"Device.Gr\xC3\xB6\xC3\x9F"
		"e" };
	static const char *const invalid[] = { ".", ".Device", "Device..A", "1.Device",
		"Device.A b", "Device.5GHz", "Device.[", "Device.[]", "Device.[a]b]", "Device.A\n",
		"Device.A/B", "Device.\xFF", "Device.**" };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(valid); i++)
		assert_true(cwmp_path_is_valid(valid[i]));
	for (size_t i = 0; i < LENGTH_OF(invalid); i++)
		assert_false(cwmp_path_is_valid(invalid[i]));
	assert_true(cwmp_path_is_partial(""));
	assert_true(cwmp_path_is_partial("Device."));
	assert_false(cwmp_path_is_partial("Device"));
}

static void test_paths_have_at_most_256_bytes(void **state)
{
	char name[CWMP_NAME_MAX + 2];
	(void)state;
	memset(name, 'a', sizeof(name));
	name[CWMP_NAME_MAX] = '\0';
	assert_true(cwmp_path_is_valid(name));
	name[CWMP_NAME_MAX] = 'a';
	name[CWMP_NAME_MAX + 1] = '\0';
	assert_false(cwmp_path_is_valid(name));
}

static void test_texts_that_xml_cannot_carry_are_told(void **state)
{
	(void)state;
	assert_true(cwmp_text_is_sendable(""));
	assert_true(cwmp_text_is_sendable("tab\tline\nMünchen <&> \xF0\x9F\x98\x80"));
	assert_false(cwmp_text_is_sendable("a\x01"
					   "b"));
	assert_false(cwmp_text_is_sendable("\xEF\xBF\xBE"));
	assert_false(cwmp_text_is_sendable("latin-1 \xFC"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods_are_found_by_the_name_they_have),
		cmocka_unit_test(test_methods_came_with_a_version),
		cmocka_unit_test(test_fault_codes_fit_the_namespace),
		cmocka_unit_test(test_a_fault_answers_its_request),
		cmocka_unit_test(test_types_are_known_in_any_spelling),
		cmocka_unit_test(test_types_accept_their_lexical_space),
		cmocka_unit_test(test_paths_are_segments_of_words_instances_and_aliases),
		cmocka_unit_test(test_paths_have_at_most_256_bytes),
		cmocka_unit_test(test_texts_that_xml_cannot_carry_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
