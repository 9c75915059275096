/* Every message survives encoding and decoding, in every namespace.
 * Texts of all fields are compared: see samples.h. */
#include "harness.h"

#include "samples.h"

static void assert_survives(struct fixture *f, const struct cwmp_message *original,
	const struct cwmp_encode_options *options)
{
	struct buffer envelope = { 0 }, before = { 0 }, after = { 0 };
	cwmp_encode(f->codec, original, options, &envelope);
	assert_int_equal(decode(f, envelope.data, envelope.length), CWMP_DECODED);
	tell_message(&before, original);
	tell_message(&after, &f->message);
	assert_string_equal(after.data, before.data);
	buffer_clear(&envelope);
	buffer_clear(&before);
	buffer_clear(&after);
}

static void each_kind_survives(
	struct fixture *f, enum cwmp_kind kind, const struct cwmp_encode_options *options)
{
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		for (int method = CWMP_UNKNOWN_METHOD; method < CWMP_METHOD_COUNT; method++) {
			struct cwmp_message m;
			sample_message(&m, (enum cwmp_namespace)ns, (enum cwmp_method)method, kind);
			assert_survives(f, &m, options);
		}
	}
}

static void test_requests_survive_in_every_namespace(void **state)
{
	each_kind_survives(*state, CWMP_REQUEST, NULL);
}

static void test_responses_survive_in_every_namespace(void **state)
{
	each_kind_survives(*state, CWMP_RESPONSE, NULL);
}

static void test_faults_survive_in_every_namespace(void **state)
{
	each_kind_survives(*state, CWMP_FAULT, NULL);
}

static void test_messages_survive_without_declaration_and_with_boolean_words(void **state)
{
	const struct cwmp_encode_options options = {
		.without_declaration = true,
		.booleans_as_words = true,
	};
	each_kind_survives(*state, CWMP_REQUEST, &options);
	each_kind_survives(*state, CWMP_RESPONSE, &options);
}

static void test_all_headers_survive(void **state)
{
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_4, CWMP_INFORM, CWMP_REQUEST);
	m.hold_requests = 1;
	m.session_timeout = 120;
	m.supported_versions = "1.0,1.4";
	m.use_version = "1.4";
	assert_survives(*state, &m, NULL);
	m.hold_requests = 0;
	assert_survives(*state, &m, NULL);
}

static void test_message_without_any_header_survives(void **state)
{
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_0, CWMP_REBOOT, CWMP_RESPONSE);
	m.id = NULL;
	assert_survives(*state, &m, NULL);
}

static void test_a_fault_of_soap_itself_is_qualified(void **state)
{
	struct fixture *f = *state;
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_0, CWMP_UNKNOWN_METHOD, CWMP_FAULT);
	m.fault = (struct cwmp_fault){
		.fault_code = "MustUnderstand",
		.fault_string = "no such header",
		.text = "",
	};
	assert_survives(f, &m, NULL);
	struct buffer envelope = { 0 };
	cwmp_encode(f->codec, &m, NULL, &envelope);
	assert_non_null(strstr(envelope.data, "<faultcode>SOAP-ENV:MustUnderstand</faultcode>"));
	assert_null(strstr(envelope.data, "detail"));
	buffer_clear(&envelope);
}

static void test_empty_lists_and_texts_survive(void **state)
{
	struct cwmp_message m;
	cwmp_make_request(&m, CWMP_NS_1_0, CWMP_SET_PARAMETER_VALUES, "");
	m.request.set_parameter_values.parameter_key = "";
	assert_survives(*state, &m, NULL);
	cwmp_make_request(&m, CWMP_NS_1_0, CWMP_GET_PARAMETER_NAMES, "");
	m.request.get_parameter_names.path = "";
	assert_survives(*state, &m, NULL);
	cwmp_make_request(&m, CWMP_NS_1_0, CWMP_REBOOT, "");
	m.request.command_key = "";
	assert_survives(*state, &m, NULL);
}

static void test_carriage_returns_and_blanks_in_a_string_survive(void **state)
{
	struct cwmp_value value = { "Device.X", " \r\n \t\r ", "xsd:string" };
	struct cwmp_message m;
	cwmp_make_request(&m, CWMP_NS_1_0, CWMP_GET_PARAMETER_VALUES, "1");
	m.kind = CWMP_RESPONSE;
	m.response.values = (struct cwmp_values){ &value, 1 };
	assert_survives(*state, &m, NULL);
}

/* What an ID with markup makes is printed anew, the others are made of one that was kept. */
static void test_inform_responses_differ_by_their_ids_only(void **state)
{
	static const char *const ids[] = { "1", "", "CPE 7/x", "@ID@" };
	struct fixture *f = *state;
	for (unsigned i = 0; i < CWMP_NS_COUNT * 2 * LENGTH_OF(ids); i++) {
		const struct cwmp_encode_options options = { .without_declaration = i % 2 };
		const char *id = ids[i / 2 % LENGTH_OF(ids)];
		struct cwmp_message m;
		struct buffer markup = { 0 }, plain = { 0 }, expected = { 0 };
		sample_message(&m, (enum cwmp_namespace)(i / 2 / LENGTH_OF(ids)), CWMP_INFORM,
			CWMP_RESPONSE);
		m.id = "&";
		cwmp_encode(f->codec, &m, &options, &markup);
		m.id = id;
		cwmp_encode(f->codec, &m, &options, &plain);
		const char *at = strstr(markup.data, "&amp;");
		buffer_append(&expected, markup.data, (size_t)(at - markup.data));
		buffer_append_text(&expected, id);
		buffer_append_text(&expected, at + strlen("&amp;"));
		assert_string_equal(plain.data, expected.data);
		assert_survives(f, &m, &options);
		buffer_clear(&markup);
		buffer_clear(&plain);
		buffer_clear(&expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_requests_survive_in_every_namespace),
		TEST(test_responses_survive_in_every_namespace),
		TEST(test_faults_survive_in_every_namespace),
		TEST(test_messages_survive_without_declaration_and_with_boolean_words),
		TEST(test_all_headers_survive),
		TEST(test_inform_responses_differ_by_their_ids_only),
		TEST(test_message_without_any_header_survives),
		TEST(test_a_fault_of_soap_itself_is_qualified),
		TEST(test_empty_lists_and_texts_survive),
		TEST(test_carriage_returns_and_blanks_in_a_string_survive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
