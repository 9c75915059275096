/* Methods and versions that we do not know: their content and their names go through as they are. */
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

static void test_content_is_kept_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<cwmp:X_ACME_Dance>\n<cwmp:Step n='>'>1</cwmp:Step>"
				   "<Body/> a &amp; b<X_ACME_Dance/></cwmp:X_ACME_Dance>"));
	assert_int_equal(f->message.method, CWMP_UNKNOWN_METHOD);
	assert_string_equal(f->message.request.xml,
		"\n<cwmp:Step n='&gt;'>1</cwmp:Step><Body/> a &amp; b<X_ACME_Dance/>");
	assert_int_equal(f->message.repairs, 0);
}

/* gSOAP would take that for an end. */
static void test_an_end_of_a_tag_in_a_text_is_text(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<cwmp:X_ACME_Dance>a > b<Step>/></Step></cwmp:X_ACME_Dance>"));
	assert_string_equal(f->message.request.xml, "a &gt; b<Step>/&gt;</Step>");
	assert_decodes(f, ENVELOPE("<cwmp:Reboot><CommandKey>a/></CommandKey>"
				   "<Other>a<b>/></b></Other></cwmp:Reboot>"));
	assert_string_equal(f->message.request.command_key, "a/>");
	assert_decodes(f, ENVELOPE("<cwmp:X_ACME_Dance>a<b c='/>'></b></cwmp:X_ACME_Dance>"));
	assert_string_equal(f->message.request.xml, "a<b c='/&gt;'></b>");
}

static void test_content_of_a_header_is_not_taken_for_the_bodys(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE_WITH("<x:Body xmlns:x=\"urn:x\"><wrong>1</wrong></x:Body>",
				  "<cwmp:X_ACME_Dance><right/></cwmp:X_ACME_Dance>"));
	assert_string_equal(f->message.request.xml, "<right/>");
	assert_int_equal(f->message.repairs, 1u << CWMP_REPAIR_IGNORED);
}

static void test_content_with_undeclared_prefixes_is_kept(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<odd:X_ACME_DanceResponse><odd:Step>1</odd:Step>"
				   "</odd:X_ACME_DanceResponse>"));
	assert_string_equal(f->message.method_name, "X_ACME_Dance");
	assert_non_null(strstr(f->message.response.xml, "Step>1</"));
}

static void test_content_that_can_be_sent_is_well_formed(void **state)
{
	(void)state;
	static const char *const good[] = {
		"",
		"text &amp; more",
		"<a/>",
		"<a><b c=\"d\">e</b></a> <f/>",
		"<cwmp:a xsi:type=\"xsd:int\" SOAP-ENC:arrayType=\"xsd:string[0]\"/>",
		"<v:a xmlns:v=\"urn:v\"><v:b/></v:a>",
		"<!-- comment --><![CDATA[<]]>",
		"gr\xC3\xBC\xC3\x9F",
	};
	static const char *const bad[] = {
		"<a>",
		"</a>",
		"<a></b>",
		"<a",
		"<a b=\"",
		"a & b",
		"&nbsp;",
		"<v:a/>",
		"<a b='1' b='2'/>",
		"</cwmp:x><cwmp:x>",
		"</cwmp:x>",
		"<?php?>",
		"<!DOCTYPE a>",
		"<!-- ",
		"<![CDATA[",
		"a\x02",
		"\xFF",
	};
	for (size_t i = 0; i < LENGTH_OF(good); i++) {
		print_message("%s\n", good[i]);
		assert_true(cwmp_xml_is_content(good[i]));
	}
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		print_message("%s\n", bad[i]);
		assert_false(cwmp_xml_is_content(bad[i]));
	}
}

static void test_content_that_nests_too_deeply_is_not_sent(void **state)
{
	(void)state;
	struct buffer content = { 0 };
	for (int i = 0; i < 40; i++)
		buffer_append_text(&content, "<a>");
	for (int i = 0; i < 40; i++)
		buffer_append_text(&content, "</a>");
	assert_false(cwmp_xml_is_content(content.data));
	buffer_clear(&content);
}

#define VERSIONED(uri) \
	"<soap:Envelope" XMLNS_SOAP XMLNS_CWMP(uri) "><soap:Body><cwmp:RebootResponse/>" \
						    "</soap:Body></soap:Envelope>"

static void test_an_unknown_version_keeps_its_uri_in_the_answer(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, VERSIONED("urn:dslforum-org:cwmp-2-7"));
	assert_int_equal(f->message.ns, CWMP_NS_1_4);
	assert_string_equal(f->message.ns_uri, "urn:dslforum-org:cwmp-2-7");
	struct cwmp_message answer;
	struct buffer envelope = { 0 };
	cwmp_make_response(&answer, &f->message);
	assert_string_equal(answer.ns_uri, "urn:dslforum-org:cwmp-2-7");
	cwmp_encode(f->codec, &answer, NULL, &envelope);
	assert_non_null(strstr(envelope.data, "xmlns:cwmp=\"urn:dslforum-org:cwmp-2-7\""));
	cwmp_make_fault(&answer, &f->message, 8000, NULL);
	assert_string_equal(answer.ns_uri, "urn:dslforum-org:cwmp-2-7");
	buffer_clear(&envelope);
}

static void test_a_uri_that_is_no_version_is_not_kept(void **state)
{
	struct fixture *f = *state;
	static const char *const envelopes[] = {
		VERSIONED("urn:dslforum-org:cwmp-1-2"),
		VERSIONED("urn:dslforum-org:cwmp-x-y"),
		VERSIONED("urn:dslforum-org:cwmp-1-0-more"),
		VERSIONED("urn:dslforum-org:cwmp-12345-0"),
		VERSIONED("urn:dslforum-org:cwmp-1-"),
		VERSIONED("urn:example:other"),
	};
	for (size_t i = 0; i < LENGTH_OF(envelopes); i++) {
		assert_decodes(f, envelopes[i]);
		assert_null(f->message.ns_uri);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_content_is_kept_as_it_was_written),
		TEST(test_an_end_of_a_tag_in_a_text_is_text),
		TEST(test_content_of_a_header_is_not_taken_for_the_bodys),
		TEST(test_content_with_undeclared_prefixes_is_kept),
		TEST(test_content_that_can_be_sent_is_well_formed),
		TEST(test_content_that_nests_too_deeply_is_not_sent),
		TEST(test_an_unknown_version_keeps_its_uri_in_the_answer),
		TEST(test_a_uri_that_is_no_version_is_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
