/* What devices send and the schema forbids is understood all the same.
 * Each test has one deviation; its rule is in the test's name. */
#include "harness.h"

#include "cwmp/cwmp.h"
#include "envelopes.h"

static void assert_decodes(struct fixture *f, const char *envelope)
{
	enum cwmp_decode_result result = decode(f, envelope, strlen(envelope));
	if (result != CWMP_DECODED)
		print_message("%s\n%s\n", f->why, envelope);
	assert_int_equal(result, CWMP_DECODED);
}

static const struct cwmp_value *only_value(struct fixture *f)
{
	assert_int_equal(f->message.request.inform.parameters.count, 1);
	return &f->message.request.inform.parameters.items[0];
}

static void assert_text_reads(struct fixture *f, const char *envelope, const char *expected)
{
	assert_decodes(f, envelope);
	assert_string_equal(only_value(f)->value, expected);
}

static void test_namespaces_are_told_apart(void **state)
{
	static const struct {
		const char *uri;
		enum cwmp_namespace ns;
	} uris[] = {
		{ "urn:dslforum-org:cwmp-1-0", CWMP_NS_1_0 },
		{ "urn:dslforum-org:cwmp-1-1", CWMP_NS_1_1 },
		{ "urn:dslforum-org:cwmp-1-2", CWMP_NS_1_2 },
		{ "urn:dslforum-org:cwmp-1-3", CWMP_NS_1_3 },
		{ "urn:dslforum-org:cwmp-1-4", CWMP_NS_1_4 },
		{ "urn:dslforum-org:cwmp-1-9", CWMP_NS_1_4 },
		{ "urn:dslforum-org:cwmp-3-0", CWMP_NS_1_4 },
		{ "urn:dslforum-org:cwmp-x-y", CWMP_NS_1_0 },
		{ "urn:dslforum-org:cwmp-1-0-extra", CWMP_NS_1_0 },
		{ "urn:example:other", CWMP_NS_1_0 },
	};
	for (size_t i = 0; i < LENGTH_OF(uris); i++) {
		char envelope[1024];
		snprintf(envelope, sizeof(envelope),
			"<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:c=\"%s\">"
			"<e:Header><c:ID e:mustUnderstand=\"1\">7</c:ID></e:Header><e:Body>"
			"<c:RebootResponse/></e:Body></e:Envelope>",
			uris[i].uri);
		assert_decodes(*state, envelope);
		struct fixture *f = *state;
		assert_int_equal(f->message.ns, uris[i].ns);
		assert_int_equal(f->message.method, CWMP_REBOOT);
		assert_string_equal(f->message.id, "7");
	}
}

static void test_default_namespaces_serve_as_prefixes(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Header>"
			  "<ID xmlns=\"" URN "\">7</ID></Header><Body><Reboot xmlns=\"" URN "\">"
			  "<CommandKey xmlns=\"\">k</CommandKey></Reboot></Body></Envelope>");
	assert_string_equal(f->message.id, "7");
	assert_string_equal(f->message.request.command_key, "k");
}

static void test_missing_header_gives_no_id_and_an_empty_one_is_kept(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, "<soap:Envelope" XMLNS_SOAP XMLNS_CWMP(
				  URN) "><soap:Body>"
				       "<cwmp:RebootResponse/></soap:Body></soap:Envelope>");
	assert_null(f->message.id);
	assert_decodes(f, ENVELOPE_WITH("", "<cwmp:RebootResponse/>"));
	assert_null(f->message.id);
	assert_decodes(f, ENVELOPE_WITH("<cwmp:ID></cwmp:ID>", "<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, "");
	assert_decodes(f, ENVELOPE_WITH("<cwmp:ID/>", "<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, "");
}

static void test_id_keeps_every_byte(void **state)
{
	struct fixture *f = *state;
	assert_decodes(
		f, ENVELOPE_WITH("<cwmp:ID> a  &amp;b&lt; </cwmp:ID>", "<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, " a  &b< ");
}

static void test_headers_are_read(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE_WITH(
			"<cwmp:HoldRequests soap:mustUnderstand=\"true\">true</cwmp:HoldRequests>"
			"<cwmp:SessionTimeout>90</cwmp:SessionTimeout>"
			"<cwmp:SupportedCWMPVersions>1.0,1.4</cwmp:SupportedCWMPVersions>"
			"<cwmp:UseCWMPVersion soap:mustUnderstand=\"1\">1.4</cwmp:UseCWMPVersion>",
			"<cwmp:RebootResponse/>"));
	assert_int_equal(f->message.hold_requests, 1);
	assert_int_equal(f->message.session_timeout, 90);
	assert_string_equal(f->message.supported_versions, "1.0,1.4");
	assert_string_equal(f->message.use_version, "1.4");
}

static void test_no_more_requests_and_optional_headers_are_ignored(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE_WITH(
			"<cwmp:ID>7</cwmp:ID>"
			"<cwmp:NoMoreRequests soap:mustUnderstand=\"1\">1</cwmp:NoMoreRequests>"
			"<v:Trace xmlns:v=\"urn:v\" soap:mustUnderstand=\"0\"><v:a>1</v:a></v:Trace>",
			"<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, "7");
	assert_int_equal(f->message.hold_requests, -1);
}

static void test_must_understand_of_the_wrong_namespace_is_ignored(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE_WITH("<cwmp:ID enc:mustUnderstand=\"1\">7</cwmp:ID>"
					"<cwmp:Novelty enc:mustUnderstand=\"1\">x</cwmp:Novelty>",
				  "<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, "7");
}

static void test_unqualified_id_is_found(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE_WITH("<ID>7</ID>", "<cwmp:RebootResponse/>"));
	assert_string_equal(f->message.id, "7");
}

static void test_undeclared_prefixes_are_read_by_local_name(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		"<soap-env:Envelope xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\""
		" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"><soap-env:Header><cwmp:ID>7</cwmp:ID>"
		"</soap-env:Header><soap-env:Body><soap:Fault><faultcode>Server</faultcode>"
		"<faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>9005</FaultCode>"
		"<FaultString>no</FaultString></cwmp:Fault></detail></soap:Fault></soap-env:Body>"
		"</soap-env:Envelope>");
	assert_int_equal(f->message.kind, CWMP_FAULT);
	assert_int_equal(f->message.ns, CWMP_NS_1_2);
	assert_int_equal(f->message.fault.code, 9005);
	assert_string_equal(f->message.fault.fault_code, "Server");
	assert_string_equal(f->message.id, "7");
}

static void test_qualified_children_are_found_beside_unknown_prefixed_ones(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<cwmp:Inform>" DEVICE_ID
			"<cwmp:Event><cwmp:EventStruct><cwmp:EventCode>1 BOOT</cwmp:EventCode></cwmp:EventStruct>"
			"</cwmp:Event><v:Extra xmlns:v=\"urn:v\"><v:Deep>1</v:Deep></v:Extra><Plain/>"
			"<cwmp:ParameterList><cwmp:ParameterValueStruct><cwmp:Name>Device.X</cwmp:Name>"
			"<cwmp:Value xsi:type=\"xsd:string\">v</cwmp:Value></cwmp:ParameterValueStruct>"
			"</cwmp:ParameterList></cwmp:Inform>"));
	assert_int_equal(f->message.request.inform.event_count, 1);
	assert_string_equal(f->message.request.inform.events[0].code, "1 BOOT");
	assert_string_equal(only_value(f)->value, "v");
	assert_string_equal(only_value(f)->type, "xsd:string");
}

static void test_list_members_may_be_called_item(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<cwmp:Inform>" DEVICE_ID
			"<Event><item><EventCode>1 BOOT</EventCode></item></Event>" TIMES
			"<ParameterList><item><Name>Device.X</Name><Value>v</Value></item></ParameterList></cwmp:Inform>"));
	assert_int_equal(f->message.request.inform.event_count, 1);
	assert_string_equal(only_value(f)->value, "v");
	assert_decodes(
		f, ENVELOPE("<cwmp:GetRPCMethodsResponse><MethodList><item>Reboot</item>"
			    "<string>Inform</string></MethodList></cwmp:GetRPCMethodsResponse>"));
	assert_int_equal(f->message.response.methods.count, 2);
}

static void test_events_without_code_are_skipped(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(INFORM_WITH(
			"<Event><EventStruct><CommandKey/></EventStruct>"
			"<EventStruct><EventCode> 2 PERIODIC\n</EventCode></EventStruct></Event>",
			VALUES(""))));
	assert_int_equal(f->message.request.inform.event_count, 1);
	assert_string_equal(f->message.request.inform.events[0].code, "2 PERIODIC");
	assert_string_equal(f->message.request.inform.events[0].command_key, "");
}

static void test_values_without_type_or_element_are_read(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, INFORM_VALUES(VALUE("Device.X", "")));
	assert_string_equal(only_value(f)->value, "");
	assert_null(only_value(f)->type);
	assert_decodes(f, INFORM_VALUES(VALUE("Device.X", "<Value>1</Value>")));
	assert_null(only_value(f)->type);
	assert_decodes(
		f, INFORM_VALUES(VALUE("Device.X", "<Value xsi:type=\"xsd:json\">{}</Value>")));
	assert_null(only_value(f)->type);
	assert_decodes(f, INFORM_VALUES(VALUE("Device.X", "<Value xsi:type=\"xsd:string(64)\"/>")));
	assert_string_equal(only_value(f)->value, "");
	assert_string_equal(only_value(f)->type, "xsd:string");
	assert_decodes(f, INFORM_VALUES(VALUE("Device.X", "<Value xsi:nil=\"true\"/>")));
	assert_string_equal(only_value(f)->value, "");
}

static void test_blanks_are_trimmed_from_names_and_typed_values_but_not_from_strings(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		INFORM_VALUES(VALUE("\n Device.X\t", "<Value xsi:type=\"xs:int\"> 5\n</Value>")));
	assert_string_equal(only_value(f)->name, "Device.X");
	assert_string_equal(only_value(f)->value, "5");
	assert_text_reads(f, INFORM_TEXT(" a \n"), " a \n");
}

static void test_byte_order_mark_blanks_and_nuls_around_the_envelope_are_dropped(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, "\xEF\xBB\xBF \r\n<?xml version='1.0'?>\r\n" ENVELOPE(
				  "<cwmp:RebootResponse/>") "\r\n \n");
	static const char with_nul[] = ENVELOPE("<cwmp:RebootResponse/>") "\r\n\0\0";
	assert_int_equal(decode(f, with_nul, sizeof(with_nul)), CWMP_DECODED);
	assert_decodes(f, "<!-- before -->" ENVELOPE("<cwmp:RebootResponse/>") "<!-- after -->");
}

static void test_declared_latin1_becomes_utf8(void **state)
{
	assert_text_reads(*state,
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" INFORM_TEXT("gr\xFC\xDF"),
		"gr\xC3\xBC\xC3\x9F");
}

static void test_bytes_that_are_no_utf8_are_taken_as_western(void **state)
{
	assert_text_reads(*state, INFORM_TEXT("\xC3\xBC \xFC \xC3"), "\xC3\xBC \xC3\xBC \xC3\x83");
	assert_text_reads(*state, INFORM_TEXT("\xC0\x80"), "\xC3\x80\xE2\x82\xAC");
}

static void test_characters_that_xml_cannot_carry_are_replaced(void **state)
{
	struct fixture *f = *state;
	assert_text_reads(f, INFORM_TEXT("a\x02z"), "a\xEF\xBF\xBDz");
	assert_text_reads(f, INFORM_TEXT("a&#2;z&#x0;&#xFFFF;&#99999999999;"),
		"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_text_reads(f, INFORM_TEXT("\xEF\xBF\xBF"), "\xEF\xBF\xBD");
	static const char nul[] = INFORM_TEXT("a\0z");
	assert_int_equal(decode(f, nul, sizeof(nul) - 1), CWMP_DECODED);
	assert_string_equal(only_value(f)->value, "a\xEF\xBF\xBDz");
}

/* XML 1.0, 2.11 */
static void test_line_ends_become_line_feeds_unless_they_are_references(void **state)
{
	struct fixture *f = *state;
	assert_text_reads(f, INFORM_TEXT("a\r\nb\rc\r\r\nd\n\r"), "a\nb\nc\n\nd\n\n");
	assert_text_reads(f, INFORM_TEXT("<![CDATA[a\r\nb\r]]>\nc"), "a\nb\n\nc");
	assert_text_reads(f, INFORM_TEXT("a&#13;&#10;b&#xD;\r\n"), "a\r\nb\r\n");
	assert_int_equal(f->message.repairs, 0);
}

static void test_references_and_cdata_are_resolved(void **state)
{
	assert_text_reads(*state,
		INFORM_TEXT("&lt;&amp;&gt;&quot;&apos;&#10;&#x4E2D;&#x1F600;&#60;&#38;amp;"),
		"<&>\"'\n\xE4\xB8\xAD\xF0\x9F\x98\x80<&amp;");
	assert_text_reads(*state, INFORM_TEXT("a<![CDATA[<b>&amp;\x03\xFC]]]]>c"),
		"a<b>&amp;\xEF\xBF\xBD\xC3\xBC]]c");
	assert_text_reads(*state, INFORM_TEXT("a<!-- <&\x01 -->b"), "ab");
}

static void test_a_bare_ampersand_is_text(void **state)
{
	assert_text_reads(*state, INFORM_TEXT("a & b &c; &amp &#; &#xZ; x&y=1&"),
		"a & b &c; &amp &#; &#xZ; x&y=1&");
}

static void test_repeated_attributes_are_dropped(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE_WITH(
			"<cwmp:ID soap:mustUnderstand=\"1\" soap:mustUnderstand = ''>a&gt;b</cwmp:ID>",
			"<cwmp:RebootResponse a='>' a='>'></cwmp:RebootResponse>"));
	assert_string_equal(f->message.id, "a>b");
}

static void test_wrong_array_types_do_not_matter(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE(INFORM_WITH(NO_EVENTS,
				  "<ParameterList xsi:type=\"enc:Array\""
				  " enc:arrayType=\"cwmp:ParameterValueStruct[0008]\">" VALUE(
					  "Device.X", "<Value>1</Value>") "</ParameterList>")));
	only_value(f);
	assert_decodes(f, ENVELOPE(INFORM_WITH(NO_EVENTS,
				  "<ParameterList enc:arrayType=\"x[-1,2][[\">" VALUE(
					  "Device.X", "<Value>1</Value>") "</ParameterList>")));
	only_value(f);
}

static void test_faults_are_read_with_and_without_parts(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<soap:Fault><faultcode>soap:Client</faultcode>"
			"<faultstring>CWMP fault</faultstring><detail><Fault><FaultCode>9003</FaultCode>"
			"<SetParameterValuesFault><ParameterName> Device.X </ParameterName><FaultCode>9007</FaultCode>"
			"</SetParameterValuesFault></Fault></detail></soap:Fault>"));
	assert_string_equal(f->message.fault.fault_code, "Client");
	assert_int_equal(f->message.fault.code, 9003);
	assert_string_equal(f->message.fault.text, "");
	assert_int_equal(f->message.fault.parameter_count, 1);
	assert_string_equal(f->message.fault.parameters[0].name, "Device.X");
	assert_int_equal(f->message.fault.parameters[0].code, 9007);
	assert_null(f->message.method_name);
	assert_decodes(f, ENVELOPE("<soap:Fault><faultcode>Client</faultcode></soap:Fault>"));
	assert_false(f->message.fault.has_detail);
	assert_string_equal(f->message.fault.text, "");
	assert_decodes(f,
		ENVELOPE(
			"<soap:Fault><faultstring>x</faultstring><detail><cwmp:Fault/></detail></soap:Fault>"));
	assert_false(f->message.fault.has_detail);
	assert_decodes(f,
		ENVELOPE("<soap:Fault><detail><cwmp:Fault><cwmp:FaultCode> 9001 </cwmp:FaultCode>"
			 "</cwmp:Fault></detail></soap:Fault>"));
	assert_int_equal(f->message.fault.code, 9001);
}

static void test_odd_numbers_and_booleans_are_read(void **state)
{
	struct fixture *f = *state;
	assert_decodes(
		f, ENVELOPE("<cwmp:Inform>" DEVICE_ID NO_EVENTS "<MaxEnvelopes>9</MaxEnvelopes>"
			    "<CurrentTime/><RetryCount> 05</RetryCount></cwmp:Inform>"));
	assert_int_equal(f->message.request.inform.retry_count, 5);
	assert_string_equal(f->message.request.inform.current_time, "");
	assert_decodes(f,
		ENVELOPE(
			"<cwmp:GetParameterNamesResponse><ParameterList>"
			"<ParameterInfoStruct><Name>a</Name><Writable>30</Writable></ParameterInfoStruct>"
			"<ParameterInfoStruct><Name>b</Name><Writable>TRUE</Writable></ParameterInfoStruct>"
			"<ParameterInfoStruct><Name>c</Name></ParameterInfoStruct><ParameterInfoStruct/>"
			"</ParameterList></cwmp:GetParameterNamesResponse>"));
	assert_int_equal(f->message.response.names.count, 3);
	assert_true(f->message.response.names.items[0].writable);
	assert_true(f->message.response.names.items[1].writable);
	assert_false(f->message.response.names.items[2].writable);
}

static void test_transfer_complete_may_lack_all_but_its_key(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<cwmp:TransferComplete><CommandKey/></cwmp:TransferComplete>"));
	assert_string_equal(f->message.request.transfer_complete.command_key, "");
	assert_int_equal(f->message.request.transfer_complete.fault.code, 0);
	assert_string_equal(f->message.request.transfer_complete.start_time, "");
}

static void test_unknown_methods_keep_their_name_and_kind(void **state)
{
	struct fixture *f = *state;
	assert_decodes(
		f, ENVELOPE("<v:X_ACME_Foo xmlns:v=\"urn:v\"><a><v:b/></a>text</v:X_ACME_Foo>"));
	assert_int_equal(f->message.method, CWMP_UNKNOWN_METHOD);
	assert_int_equal(f->message.kind, CWMP_REQUEST);
	assert_string_equal(f->message.method_name, "X_ACME_Foo");
	assert_string_equal(f->message.request.xml, "<a><v:b/></a>text");
	assert_decodes(f, ENVELOPE("<cwmp:X_ACME_FooResponse/>"));
	assert_string_equal(f->message.response.xml, "");
	assert_int_equal(f->message.kind, CWMP_RESPONSE);
	assert_string_equal(f->message.method_name, "X_ACME_Foo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_namespaces_are_told_apart),
		TEST(test_default_namespaces_serve_as_prefixes),
		TEST(test_missing_header_gives_no_id_and_an_empty_one_is_kept),
		TEST(test_id_keeps_every_byte),
		TEST(test_headers_are_read),
		TEST(test_no_more_requests_and_optional_headers_are_ignored),
		TEST(test_must_understand_of_the_wrong_namespace_is_ignored),
		TEST(test_unqualified_id_is_found),
		TEST(test_undeclared_prefixes_are_read_by_local_name),
		TEST(test_qualified_children_are_found_beside_unknown_prefixed_ones),
		TEST(test_list_members_may_be_called_item),
		TEST(test_events_without_code_are_skipped),
		TEST(test_values_without_type_or_element_are_read),
		TEST(test_blanks_are_trimmed_from_names_and_typed_values_but_not_from_strings),
		TEST(test_byte_order_mark_blanks_and_nuls_around_the_envelope_are_dropped),
		TEST(test_declared_latin1_becomes_utf8),
		TEST(test_bytes_that_are_no_utf8_are_taken_as_western),
		TEST(test_characters_that_xml_cannot_carry_are_replaced),
		TEST(test_line_ends_become_line_feeds_unless_they_are_references),
		TEST(test_references_and_cdata_are_resolved),
		TEST(test_a_bare_ampersand_is_text),
		TEST(test_repeated_attributes_are_dropped),
		TEST(test_wrong_array_types_do_not_matter),
		TEST(test_faults_are_read_with_and_without_parts),
		TEST(test_odd_numbers_and_booleans_are_read),
		TEST(test_transfer_complete_may_lack_all_but_its_key),
		TEST(test_unknown_methods_keep_their_name_and_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
