/* What cannot be trusted is refused, with the right result and a reason.
 * A codec goes on serving after each refusal. */
#include "harness.h"

#include "base/buffer.h"
#include "cwmp/cwmp.h"
#include "envelopes.h"

static void assert_result(
	struct fixture *f, const char *envelope, enum cwmp_decode_result expected, const char *why)
{
	enum cwmp_decode_result result = decode(f, envelope, strlen(envelope));
	if (result != expected || !strstr(f->why ? f->why : "", why))
		print_message(
			"%d: %s\n%.2000s\n", result, f->why ? f->why : "(no reason)", envelope);
	assert_int_equal(result, expected);
	assert_non_null(f->why);
	assert_non_null(strstr(f->why, why));
	assert_int_equal(decode(f, ENVELOPE("<cwmp:RebootResponse/>"),
				 strlen(ENVELOPE("<cwmp:RebootResponse/>"))),
		CWMP_DECODED);
}

static void test_what_is_no_xml_is_malformed(void **state)
{
	static const char *const texts[] = { "", " \r\n", "hello", "{}", "<",
		"POST / HTTP/1.1\r\n\r\n", "<?xml version=\"1.0\"?>", "<?xml", "<!-- -->",
		"\xFE\xFF\0<", "\xFF\xFE<", "<a", "<a>", "<>", "</a>", "<a></b>", "<![CDATA[x" };
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_result(*state, texts[i], CWMP_MALFORMED, "");
	static const char utf16[] = "<\0a\0/\0>\0";
	assert_int_equal(decode(*state, utf16, sizeof(utf16)), CWMP_MALFORMED);
}

static void test_what_is_no_envelope_is_malformed(void **state)
{
	assert_result(*state, "<html><body>x</body></html>", CWMP_MALFORMED, "");
	assert_result(*state, "<soap:Envelope" XMLNS_SOAP "/>", CWMP_MALFORMED, "");
	assert_result(*state, "<soap:Envelope" XMLNS_SOAP "><soap:Header/></soap:Envelope>",
		CWMP_MALFORMED, "");
}

static void test_document_type_declarations_are_refused(void **state)
{
	assert_result(*state,
		"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]>" ENVELOPE(
			"<cwmp:RebootResponse/>"),
		CWMP_MALFORMED, "document type");
	assert_result(*state, ENVELOPE("<!DOCTYPE a><cwmp:RebootResponse/>"), CWMP_MALFORMED,
		"document type");
}

static void test_soap_1_2_is_refused(void **state)
{
	assert_result(*state,
		"<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"" XMLNS_CWMP(
			URN) "><e:Body><cwmp:RebootResponse/></e:Body></e:Envelope>",
		CWMP_MALFORMED, "SOAP 1.1");
}

static void test_a_body_holds_exactly_one_element(void **state)
{
	assert_result(*state, ENVELOPE(""), CWMP_MALFORMED, "empty");
	assert_result(*state, ENVELOPE("<cwmp:RebootResponse/><cwmp:RebootResponse/>"),
		CWMP_MALFORMED, "more than one");
	assert_result(*state, ENVELOPE("<cwmp:RebootResponse/>") "<a/>", CWMP_MALFORMED, "follows");
	assert_result(*state, ENVELOPE("<cwmp:RebootResponse/>") "junk", CWMP_MALFORMED, "follows");
}

static void test_a_header_that_must_be_understood_is_told(void **state)
{
	assert_result(*state,
		ENVELOPE_WITH("<v:Secure xmlns:v=\"urn:v\" soap:mustUnderstand=\"1\"/>",
			"<cwmp:RebootResponse/>"),
		CWMP_NOT_UNDERSTOOD, "header");
	assert_result(*state,
		ENVELOPE_WITH("<cwmp:Novelty soap:mustUnderstand=\"1\">x</cwmp:Novelty>",
			"<cwmp:RebootResponse/>"),
		CWMP_NOT_UNDERSTOOD, "header");
}

#define ID "<cwmp:ID soap:mustUnderstand=\"1\">7</cwmp:ID>"
#define SECURE "<v:Secure xmlns:v=\"urn:v\" soap:mustUnderstand=\"1\"><v:a>1</v:a></v:Secure>"

static void test_what_must_be_understood_is_refused_under_the_id_of_its_message(void **state)
{
	static const char *const envelopes[] = {
		ENVELOPE_WITH(ID SECURE, "<cwmp:RebootResponse/>"),
		ENVELOPE_WITH(SECURE ID, "<cwmp:RebootResponse/>"),
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < LENGTH_OF(envelopes); i++) {
		assert_result(f, envelopes[i], CWMP_NOT_UNDERSTOOD, "header");
		decode(f, envelopes[i], strlen(envelopes[i]));
		assert_string_equal(f->message.id, "7");
	}
}

static void test_missing_mandatory_arguments_are_named(void **state)
{
	static const struct {
		const char *body, *missing;
	} bodies[] = {
		{ "<cwmp:Inform/>", "DeviceId" },
		{ "<cwmp:Inform><DeviceId><OUI>00A0C9</OUI></DeviceId></cwmp:Inform>",
			"SerialNumber" },
		{ "<cwmp:Inform><DeviceId><OUI> </OUI><SerialNumber>1</SerialNumber></DeviceId></cwmp:Inform>",
			"OUI" },
		{ "<cwmp:TransferComplete/>", "CommandKey" },
		{ "<cwmp:GetRPCMethodsResponse/>", "MethodList" },
		{ "<cwmp:GetParameterNames><NextLevel>1</NextLevel></cwmp:GetParameterNames>",
			"ParameterPath" },
		{ "<cwmp:GetParameterNames><ParameterPath/></cwmp:GetParameterNames>",
			"NextLevel" },
		{ "<cwmp:GetParameterNamesResponse/>", "ParameterList" },
		{ "<cwmp:GetParameterValues/>", "ParameterNames" },
		{ "<cwmp:GetParameterValuesResponse/>", "ParameterList" },
		{ "<cwmp:SetParameterValues><ParameterKey/></cwmp:SetParameterValues>",
			"ParameterList" },
		{ "<cwmp:SetParameterValues><ParameterList/></cwmp:SetParameterValues>",
			"ParameterKey" },
		{ "<cwmp:SetParameterValuesResponse/>", "Status" },
		{ "<cwmp:AddObject><ParameterKey/></cwmp:AddObject>", "ObjectName" },
		{ "<cwmp:AddObjectResponse><Status>0</Status></cwmp:AddObjectResponse>",
			"InstanceNumber" },
		{ "<cwmp:DeleteObject><ObjectName>a.1.</ObjectName></cwmp:DeleteObject>",
			"ParameterKey" },
		{ "<cwmp:Download><CommandKey/><URL>u</URL></cwmp:Download>", "FileType" },
		{ "<cwmp:DownloadResponse/>", "Status" },
		{ "<cwmp:Reboot/>", "CommandKey" },
		{ "<cwmp:CancelTransfer/>", "CommandKey" },
		{ "<cwmp:GetParameterAttributes/>", "ParameterNames" },
		{ "<cwmp:GetParameterAttributesResponse/>", "ParameterList" },
		{ "<cwmp:SetParameterAttributes/>", "ParameterList" },
		{ "<cwmp:SetParameterAttributes><ParameterList><SetParameterAttributesStruct/>"
		  "</ParameterList></cwmp:SetParameterAttributes>",
			"Name" },
		{ "<cwmp:Upload><CommandKey/><FileType>1 X</FileType></cwmp:Upload>", "URL" },
		{ "<cwmp:UploadResponse/>", "Status" },
		{ "<cwmp:ScheduleInform><CommandKey/></cwmp:ScheduleInform>", "DelaySeconds" },
		{ "<cwmp:ScheduleInform><DelaySeconds>soon</DelaySeconds><CommandKey/>"
		  "</cwmp:ScheduleInform>",
			"DelaySeconds" },
		{ "<cwmp:ScheduleDownload><CommandKey/><FileType>1 X</FileType><URL>u</URL>"
		  "<TimeWindowList/></cwmp:ScheduleDownload>",
			"TimeWindowList" },
		{ "<cwmp:ScheduleDownload><CommandKey/><FileType>1 X</FileType><URL>u</URL>"
		  "<TimeWindowList><TimeWindowStruct><WindowStart>0</WindowStart>"
		  "<WindowMode>1 At Any Time</WindowMode></TimeWindowStruct></TimeWindowList>"
		  "</cwmp:ScheduleDownload>",
			"WindowEnd" },
		{ "<cwmp:GetQueuedTransfersResponse/>", "TransferList" },
		{ "<cwmp:GetAllQueuedTransfersResponse/>", "TransferList" },
		{ "<cwmp:ChangeDUState><CommandKey/></cwmp:ChangeDUState>", "Operations" },
		{ "<cwmp:ChangeDUState><Operations><URL>u</URL></Operations></cwmp:ChangeDUState>",
			"type of an operation" },
		{ "<cwmp:ChangeDUState><Operations xsi:type=\"cwmp:InstallOpStruct\"/>"
		  "</cwmp:ChangeDUState>",
			"URL" },
		{ "<cwmp:ChangeDUState><Operations xsi:type=\"cwmp:UninstallOpStruct\"/>"
		  "</cwmp:ChangeDUState>",
			"UUID" },
		{ "<cwmp:DUStateChangeComplete/>", "Results" },
		{ "<cwmp:AutonomousDUStateChangeComplete/>", "Results" },
		{ "<cwmp:AutonomousTransferComplete/>", "TransferURL" },
		{ "<cwmp:GetOptions/>", "OptionName" },
		{ "<cwmp:GetOptionsResponse/>", "OptionList" },
		{ "<cwmp:SetVouchers/>", "VoucherList" },
		{ "<cwmp:RequestDownload/>", "FileType" },
		{ "<cwmp:Kicked/>", "Command" },
		{ "<cwmp:KickedResponse/>", "NextURL" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < LENGTH_OF(bodies); i++) {
		char envelope[2048];
		snprintf(envelope, sizeof(envelope),
			"<soap:Envelope" XMLNS_SOAP XMLNS_CWMP(
				URN) ">"
				     "<soap:Header><cwmp:ID>7</cwmp:ID></soap:Header><soap:Body>%s</soap:Body>"
				     "</soap:Envelope>",
			bodies[i].body);
		assert_int_equal(decode(f, envelope, strlen(envelope)), CWMP_INVALID_ARGUMENTS);
		assert_non_null(strstr(f->why, bodies[i].missing));
		assert_string_equal(f->message.id, "7");
		assert_int_not_equal(f->message.method, CWMP_UNKNOWN_METHOD);
	}
}

static void repeat(struct buffer *b, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buffer_append_text(b, text);
}

static void assert_buffer_result(
	struct fixture *f, struct buffer *b, enum cwmp_decode_result expected, const char *why)
{
	assert_result(f, b->data, expected, why);
	buffer_clear(b);
}

#define BODY_BEGIN "<soap:Envelope" XMLNS_SOAP XMLNS_CWMP(URN) "><soap:Body>"
#define BODY_END "</soap:Body></soap:Envelope>"

/* SOAP 1.2's Subcode is the one element that our structs nest in itself. */
static void test_deep_nesting_of_what_is_read_is_refused(void **state)
{
	struct buffer b = { 0 };
	repeat(&b, BODY_BEGIN "<soap:Fault><soap:Code>", 1);
	repeat(&b, "<soap:Subcode>", 200000);
	assert_buffer_result(*state, &b, CWMP_MALFORMED, "deep");
}

static void test_deep_nesting_of_what_is_ignored_is_refused(void **state)
{
	struct buffer b = { 0 };
	repeat(&b, BODY_BEGIN "<cwmp:X_Deep>", 1);
	repeat(&b, "<a>", 100000);
	repeat(&b, "</a>", 100000);
	repeat(&b, "</cwmp:X_Deep>" BODY_END, 1);
	assert_buffer_result(*state, &b, CWMP_MALFORMED, "deep");
}

static void test_markup_inside_a_text_is_no_danger(void **state)
{
	struct fixture *f = *state;
	struct buffer b = { 0 };
	repeat(&b, BODY_BEGIN "<cwmp:Reboot><CommandKey>", 1);
	repeat(&b, "<a>", 100000);
	assert_buffer_result(f, &b, CWMP_MALFORMED, "");
}

static void test_lists_and_texts_beyond_their_limits_are_refused(void **state)
{
	struct fixture *f = *state;
	struct cwmp_limits limits = cwmp_default_limits;
	limits.list_items = 50;
	limits.text_bytes = 1000;
	cwmp_codec_free(f->codec);
	f->codec = cwmp_codec_new(&limits);
	struct buffer b = { 0 };
	repeat(&b, BODY_BEGIN "<cwmp:GetParameterValuesResponse><ParameterList>", 1);
	repeat(&b, VALUE("a", ""), 51);
	repeat(&b, "</ParameterList></cwmp:GetParameterValuesResponse>" BODY_END, 1);
	assert_buffer_result(f, &b, CWMP_MALFORMED, "many");
	repeat(&b, BODY_BEGIN "<cwmp:Reboot><CommandKey>", 1);
	repeat(&b, "k", 1001);
	repeat(&b, "</CommandKey></cwmp:Reboot>" BODY_END, 1);
	assert_buffer_result(f, &b, CWMP_MALFORMED, "long");
	repeat(&b, BODY_BEGIN "<cwmp:Reboot><CommandKey>", 1);
	repeat(&b, "k", 1000);
	repeat(&b, "</CommandKey></cwmp:Reboot>" BODY_END, 1);
	assert_int_equal(decode(f, b.data, b.length), CWMP_DECODED);
	buffer_clear(&b);
}

static void test_a_flood_of_attribute_names_costs_no_more_than_the_budget(void **state)
{
	struct fixture *f = *state;
	struct buffer b = { 0 };
	buffer_append_text(&b, BODY_BEGIN "<cwmp:X_Flood ");
	for (int i = 0; i < 60000; i++)
		buffer_printf(&b, "attribute%d='' ", i);
	buffer_append_text(&b, "/>" BODY_END);
	clock_t start = clock();
	assert_result(f, b.data, CWMP_MALFORMED, "too long to parse");
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	double budget = (cwmp_default_limits.cpu_ms + cwmp_default_limits.cpu_ms_per_mb) / 1000.0;
	assert_true(seconds < 2 * budget + 0.1);
	buffer_clear(&b);
}

static void test_large_messages_within_the_limits_are_read(void **state)
{
	struct fixture *f = *state;
	struct buffer b = { 0 };
	repeat(&b, BODY_BEGIN "<cwmp:GetParameterValuesResponse><ParameterList>", 1);
	repeat(&b,
		VALUE("Device.Some.Object.1.Parameter",
			"<Value xsi:type=\"xsd:string\">value</Value>"),
		40000);
	repeat(&b, "</ParameterList></cwmp:GetParameterValuesResponse>" BODY_END, 1);
	assert_int_equal(decode(f, b.data, b.length), CWMP_DECODED);
	assert_int_equal(f->message.response.values.count, 40000);
	buffer_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_no_xml_is_malformed),
		TEST(test_what_is_no_envelope_is_malformed),
		TEST(test_document_type_declarations_are_refused),
		TEST(test_soap_1_2_is_refused),
		TEST(test_a_body_holds_exactly_one_element),
		TEST(test_a_header_that_must_be_understood_is_told),
		TEST(test_what_must_be_understood_is_refused_under_the_id_of_its_message),
		TEST(test_missing_mandatory_arguments_are_named),
		TEST(test_deep_nesting_of_what_is_read_is_refused),
		TEST(test_deep_nesting_of_what_is_ignored_is_refused),
		TEST(test_markup_inside_a_text_is_no_danger),
		TEST(test_lists_and_texts_beyond_their_limits_are_refused),
		TEST(test_a_flood_of_attribute_names_costs_no_more_than_the_budget),
		TEST(test_large_messages_within_the_limits_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
