/* Multi-reference values (SOAP 1.1, 5.4.1) are read as if they stood where they are referred to. */
#include "harness.h"

#include "cwmp/cwmp.h"
#include "envelopes.h"

static void assert_decodes(struct fixture *f, const char *envelope)
{
	enum cwmp_decode_result result = decode(f, envelope, strlen(envelope));
	if (result != CWMP_DECODED)
		print_message("%s\n%s\n", f->why, envelope);
	assert_int_equal(result, CWMP_DECODED);
	assert_true(f->message.repairs & 1u << CWMP_REPAIR_REFERENCES);
}

static void assert_refused(struct fixture *f, const char *envelope, const char *why)
{
	assert_int_equal(decode(f, envelope, strlen(envelope)), CWMP_MALFORMED);
	if (!strstr(f->why, why))
		print_message("%s\n", f->why);
	assert_non_null(strstr(f->why, why));
}

#define RESPONSE(list) "<cwmp:GetParameterValuesResponse>" list "</cwmp:GetParameterValuesResponse>"

static void test_a_list_and_its_members_may_be_referred_to(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(RESPONSE(
			"<ParameterList href=\"#list\"/>") "<multiRef id='list' enc:root='0' enc:arrayType='cwmp:ParameterValueStruct[2]'>"
							   "<item href='#one'/><item href=\"#two\"></item></multiRef>"
							   "<multiRef id=\"one\" xmlns:n=\"urn:dslforum-org:cwmp-1-0\""
							   " xsi:type=\"n:ParameterValueStruct\"><Name>Device.A</Name>"
							   "<Value xsi:type=\"xsd:int\">1</Value></multiRef>"
							   "<multiRef id=\"two\"><Name>Device.B</Name><Value href=\"#text\"/></multiRef>"
							   "<multiRef id=\"text\" xsi:type=\"xsd:string\">a &lt; b</multiRef>"));
	const struct cwmp_values *values = &f->message.response.values;
	assert_int_equal(values->count, 2);
	assert_string_equal(values->items[0].name, "Device.A");
	assert_string_equal(values->items[0].value, "1");
	assert_string_equal(values->items[0].type, "xsd:int");
	assert_string_equal(values->items[1].value, "a < b");
	assert_string_equal(values->items[1].type, "xsd:string");
}

static void test_an_element_may_be_referred_to_twice_and_in_its_place(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<cwmp:SetParameterValues><ParameterList>"
				   "<ParameterValueStruct><Name>Device.A</Name>"
				   "<Value id=\"v\" xsi:type=\"xsd:string\">same</Value>"
				   "</ParameterValueStruct><ParameterValueStruct>"
				   "<Name>Device.B</Name><Value href=\"#v\"/>"
				   "</ParameterValueStruct></ParameterList><ParameterKey/>"
				   "</cwmp:SetParameterValues>"));
	const struct cwmp_values *values = &f->message.request.set_parameter_values.parameters;
	assert_int_equal(values->count, 2);
	assert_string_equal(values->items[0].value, "same");
	assert_string_equal(values->items[1].value, "same");
}

static void test_a_reference_to_nothing_is_an_empty_element(void **state)
{
	struct fixture *f = *state;
	static const char envelope[] = ENVELOPE(
		RESPONSE("<ParameterList><item><Name>Device.A</Name>"
			 "<Value href=\"#nothing\"/></item></ParameterList>"));
	assert_int_equal(decode(f, envelope, sizeof(envelope) - 1), CWMP_DECODED);
	assert_string_equal(f->message.response.values.items[0].value, "");
}

static void test_the_word_href_in_a_text_is_no_reference(void **state)
{
	struct fixture *f = *state;
	static const char envelope[] = INFORM_TEXT("&lt;a href=\"#top\">");
	assert_int_equal(decode(f, envelope, sizeof(envelope) - 1), CWMP_DECODED);
	assert_string_equal(
		f->message.request.inform.parameters.items[0].value, "<a href=\"#top\">");
	assert_int_equal(f->message.repairs, 0);
}

static void test_references_in_a_circle_are_refused(void **state)
{
	assert_refused(*state,
		ENVELOPE(RESPONSE(
			"<ParameterList href=\"#a\"/>") "<multiRef id=\"a\"><item href=\"#b\"/></multiRef>"
							"<multiRef id=\"b\"><Name href=\"#a\"/></multiRef>"),
		"circle");
}

static void test_references_that_multiply_are_refused(void **state)
{
	struct buffer body = { 0 };
	buffer_append_text(&body, RESPONSE("<ParameterList href=\"#r0\"/>"));
	for (int i = 0; i < 16; i++) {
		buffer_printf(&body, "<multiRef id=\"r%d\">", i);
		for (int n = 0; n < 10; n++)
			buffer_printf(&body, "<item href=\"#r%d\"/>", i + 1);
		buffer_append_text(&body, "</multiRef>");
	}
	struct buffer envelope = { 0 };
	buffer_printf(&envelope, ENVELOPE("%s"), body.data);
	assert_refused(*state, envelope.data, "without measure");
	buffer_clear(&body);
	buffer_clear(&envelope);
}

/* What stands in an element with href is passed over, so nearly nothing comes of each reference. */
static void test_references_that_are_read_much_and_give_little_are_refused(void **state)
{
	struct buffer envelope = { 0 };
	buffer_append_text(&envelope, "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/"
				      "envelope/\"><e:Body><X>");
	for (int i = 0; i < 100; i++)
		buffer_append_text(&envelope, "<a href=\"#much\"/>");
	buffer_append_text(
		&envelope, "</X><m id=\"little\"/><m id=\"much\"><b href=\"#little\">");
	for (int i = 0; i < 10000; i++)
		buffer_append_text(&envelope, "<c/>");
	buffer_append_text(&envelope, "</b></m></e:Body></e:Envelope>");
	assert_refused(*state, envelope.data, "without measure");
	buffer_clear(&envelope);
}

static void test_references_that_nest_too_deeply_are_refused(void **state)
{
	struct buffer envelope = { 0 };
	buffer_append_text(&envelope, "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/"
				      "envelope/\"><e:Body><X href=\"#r0\"/>");
	for (int i = 0; i < 50; i++)
		buffer_printf(
			&envelope, "<multiRef id=\"r%d\"><a href=\"#r%d\"/></multiRef>", i, i + 1);
	buffer_append_text(&envelope, "<multiRef id=\"r50\"/></e:Body></e:Envelope>");
	assert_refused(*state, envelope.data, "nest too deeply");
	buffer_clear(&envelope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_list_and_its_members_may_be_referred_to),
		TEST(test_an_element_may_be_referred_to_twice_and_in_its_place),
		TEST(test_a_reference_to_nothing_is_an_empty_element),
		TEST(test_the_word_href_in_a_text_is_no_reference),
		TEST(test_references_in_a_circle_are_refused),
		TEST(test_references_that_multiply_are_refused),
		TEST(test_references_that_are_read_much_and_give_little_are_refused),
		TEST(test_references_that_nest_too_deeply_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
