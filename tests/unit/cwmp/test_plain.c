/* A plain message takes a short way through the decoder: what comes of it must be the same.
 * A comment behind the envelope is nothing to gSOAP, and too much for the short way. */
#include "harness.h"

#include "base/buffer.h"
#include "cwmp/cwmp.h"
#include "samples.h"

#define ENCODING "http://schemas.xmlsoap.org/soap/encoding/"
#define DECLARATIONS \
	" xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:e=\"" ENCODING "\"" \
	" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"" \
	" xmlns:c=\"urn:dslforum-org:cwmp-1-1\""
#define ENVELOPE(attributes, content) \
	"<s:Envelope" DECLARATIONS attributes ">" content "</s:Envelope>"
#define HEADER(content) "<s:Header>" content "</s:Header>"
#define ID HEADER("<c:ID s:mustUnderstand=\"1\">7</c:ID>")
#define BODY(content) "<s:Body><c:Inform>" content "</c:Inform></s:Body>"
#define DEVICE \
	"<DeviceId><Manufacturer>M</Manufacturer><OUI>00A0C9</OUI>" \
	"<ProductClass/><SerialNumber>1 2</SerialNumber></DeviceId>"
#define EVENT "<EventStruct><EventCode>1 BOOT</EventCode><CommandKey>k</CommandKey></EventStruct>"
#define EVENTS(attributes) "<Event" attributes ">" EVENT "</Event>"
#define COUNTS \
	"<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2024-01-02T03:04:05</CurrentTime>" \
	"<RetryCount>0</RetryCount>"
#define PARAMETER(name, value) \
	"<ParameterValueStruct><Name>" name "</Name><Value " value "</Value></ParameterValueStruct>"
#define PARAMETERS(content) \
	"<ParameterList e:arrayType=\"c:ParameterValueStruct[1]\">" content "</ParameterList>"
#define ONE PARAMETERS(PARAMETER("D.A", "i:type=\"xsd:int\">5"))
#define WHOLE ENVELOPE("", ID BODY(DEVICE EVENTS("") COUNTS ONE))
#define RESPONSE(name, content) \
	ENVELOPE("", ID "<s:Body><c:" name "Response>" content "</c:" name "Response></s:Body>")
#define VALUES(content) RESPONSE("GetParameterValues", content)
#define INFO(name, writable) \
	"<ParameterInfoStruct><Name>" name "</Name><Writable>" writable "</Writable>" \
	"</ParameterInfoStruct>"
#define INFOS(content) \
	"<ParameterList e:arrayType=\"c:ParameterInfoStruct[2]\">" content "</ParameterList>"
#define NAMES(content) RESPONSE("GetParameterNames", content)

/* All that decoding gives, as a text. Why something is malformed may depend on the comment. */
static void tell(struct fixture *f, const char *text, size_t length, struct buffer *told)
{
	const enum cwmp_decode_result result = decode(f, text, length);
	buffer_printf(told, "result %d ", (int)result);
	if (result == CWMP_MALFORMED)
		return;
	buffer_printf(told, "why %s repairs %x ", result == CWMP_DECODED ? "" : f->why,
		f->message.repairs);
	tell_message(told, &f->message);
}

static void assert_same(struct fixture *f, const char *text, size_t length)
{
	struct buffer short_way = { 0 }, long_way = { 0 }, commented = { 0 };
	buffer_append(&commented, text, length);
	buffer_append_text(&commented, "<!-- -->");
	tell(f, text, length, &short_way);
	tell(f, commented.data, commented.length, &long_way);
	if (strcmp(short_way.data, long_way.data) != 0)
		print_error("%s\n", commented.data);
	assert_string_equal(short_way.data, long_way.data);
	buffer_clear(&short_way);
	buffer_clear(&long_way);
	buffer_clear(&commented);
}

static void test_plain_and_nearly_plain_informs_are_read_alike(void **state)
{
	static const char *const texts[] = {
		WHOLE,
		"",
		":",
		"<:",
		"<s",
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n" WHOLE,
		ENVELOPE(
			"", ID BODY(DEVICE EVENTS(" e:arrayType=\"c:EventStruct[1]\"") COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE EVENTS(" arrayType=\"x\"") COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE "<Event></Event>" COUNTS PARAMETERS(""))),
		ENVELOPE("", ID BODY(DEVICE "<Event/>" COUNTS "<ParameterList/>")),
		ENVELOPE("", ID BODY(EVENTS("") DEVICE COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE COUNTS ONE)),
		ENVELOPE("", ID BODY("<DeviceId></DeviceId>" EVENTS("") COUNTS ONE)),
		ENVELOPE("", ID BODY("\r\n\t" DEVICE "\n" EVENTS("\n") " " COUNTS ONE " ")),
		ENVELOPE("", HEADER("<c:ID> 7 \n</c:ID>") BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE("", HEADER("<c:ID/>") BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE("", HEADER("") BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE("", BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE("", HEADER("<c:SessionTimeout>9</c:SessionTimeout>")
				     BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE("", HEADER("<x s:mustUnderstand=\"1\"/>") BODY(DEVICE EVENTS("") COUNTS)),
		ENVELOPE(" xmlns:d=\"urn:dslforum-org:cwmp-1-0\"",
			ID BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE(" xmlns:d=\"urn:dslforum-org:cwmp-1-9\"",
			ID BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE(" xmlns:d=\"http://www.w3.org/2003/05/soap-envelope\"",
			ID BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE(" xmlns=\"urn:dslforum-org:cwmp-1-1\"",
			ID BODY(DEVICE EVENTS("") COUNTS ONE)),
		ENVELOPE(
			" s:encodingStyle=\"" ENCODING "\"", ID BODY(DEVICE EVENTS("") COUNTS ONE)),
		"<s:Envelope s:encodingStyle=\"" ENCODING "\"" DECLARATIONS
		">" ID BODY(DEVICE EVENTS("") COUNTS ONE) "</s:Envelope>",
		"<s:Envelope s:encodingStyle=\"urn:x\"" DECLARATIONS
		">" ID BODY(DEVICE EVENTS("") COUNTS ONE) "</s:Envelope>",
		"<t:Envelope" DECLARATIONS
		">" ID BODY(DEVICE EVENTS("") COUNTS ONE) "</t:Envelope>",
		ENVELOPE("", ID "<s:Body s:encodingStyle=\"" ENCODING "\"><c:Inform>" DEVICE EVENTS(
				     "") COUNTS ONE "</c:Inform></s:Body>"),
		ENVELOPE("", ID "<s:Body s:encodingStyle=\"\"><c:Inform>" DEVICE EVENTS("")
				     COUNTS ONE "</c:Inform></s:Body>"),
		ENVELOPE("", ID BODY(DEVICE EVENTS(" i:type=\"e:Array\"") COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE EVENTS(" i:type=\"e:Array\" e:arrayType=\"c:E[1]\"")
					     COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE EVENTS(" i:type=\"c:EventList\"") COUNTS ONE)),
		ENVELOPE("", ID BODY(DEVICE EVENTS(" i:type=\"x:Array\"") COUNTS ONE)),
		ENVELOPE(" xmlns:c=\"http://www.w3.org/2001/XMLSchema\"",
			ID BODY(DEVICE EVENTS("") COUNTS ONE)),
	};
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_same(*state, texts[i], strlen(texts[i]));
}

static void test_values_are_read_alike(void **state)
{
	static const char *const values[] = { ">", " >", "/>", "i:type=\"xsd:string\">  a b  ",
		"i:type=\"xsd:string\">\n\ta\n", "i:type=\"xsd:string\">   ",
		"i:type=\"xsd:int\"> 5 ", "i:type=\"xsd:int\">\n5\n", "i:type=\" xsd:int \">5",
		"i:type='xsd:int'>5", "i:type=\"\">5", "i:type=\"a&amp;b\">5",
		"i:type=\"xsd:int\" i:nil=\"true\">5", "type=\"xsd:int\">5", "x:type=\"xsd:int\">5",
		"i:nil=\"true\">", "href=\"#1\">", "id=\"1\">5", ">a&lt;b", ">a>b", ">a&b", ">a\rb",
		">a\r\nb", ">\xc3\xa4", ">\xe4", ">\x01", "><b/>", ">a<b/>", "><![CDATA[x]]>",
		">]]", ">\x7f", ">\"'" };
	for (size_t i = 0; i < LENGTH_OF(values); i++) {
		char text[3000];
		const int length = snprintf(text, sizeof(text),
			ENVELOPE("", ID BODY(DEVICE EVENTS("")
						     COUNTS PARAMETERS(PARAMETER("D.A", "%s")))),
			values[i]);
		assert_same(*state, text, (size_t)length);
	}
}

static void test_long_lists_are_read_alike(void **state)
{
	for (int count = 0; count <= 70; count += 1 + count / 8) {
		struct buffer text = { 0 };
		buffer_append_text(&text, "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/"
					  "envelope/\" xmlns:c=\"urn:dslforum-org:cwmp-1-2\">" ID
					  "<s:Body><c:Inform>" DEVICE "<Event>");
		for (int i = 0; i < count; i++)
			buffer_append_text(&text, EVENT);
		buffer_append_text(&text, "</Event>" COUNTS "<ParameterList>");
		for (int i = 0; i < count; i++)
			buffer_printf(&text, PARAMETER("D.%d", ">%d"), i, i);
		buffer_append_text(&text, "</ParameterList></c:Inform></s:Body></s:Envelope>");
		assert_same(*state, text.data, text.length);
		struct fixture *f = *state;
		assert_int_equal(f->message.request.inform.event_count, count);
		assert_int_equal(f->message.request.inform.parameters.count, count);
		buffer_clear(&text);
	}
}

static void test_responses_are_read_alike(void **state)
{
	static const char *const texts[] = {
		VALUES(ONE),
		VALUES(PARAMETERS("")),
		VALUES("<ParameterList/>"),
		VALUES(""),
		VALUES(ONE ONE),
		VALUES(PARAMETERS("<Name/>")),
		VALUES(PARAMETERS("<ParameterValueStruct><Name>D.A</Name></ParameterValueStruct>")),
		VALUES(PARAMETERS("<item><Name>D.A</Name><Value>1</Value></item>")),
		VALUES(PARAMETERS(PARAMETER(" D.A\n", ">1") PARAMETER("", ">2"))),
		VALUES(INFOS(INFO("D.A", "1"))),
		NAMES(INFOS(INFO("D.", "0") INFO("D.A", "1"))),
		NAMES(INFOS(INFO("D.A", "true") INFO("D.B", " false ") INFO("D.C", "no"))),
		NAMES(INFOS(INFO("", "1") INFO("D.A", ""))),
		NAMES(INFOS("<ParameterInfoStruct><Writable>1</Writable><Name>D.A</Name>"
			    "</ParameterInfoStruct>")),
		NAMES(INFOS("<ParameterInfoStruct><Name>D.A</Name></ParameterInfoStruct>")),
		NAMES(INFOS("<item><Name>D.A</Name><Writable>1</Writable></item>")),
		NAMES(INFOS("")),
		NAMES(""),
		NAMES(ONE),
		RESPONSE("GetParameterName", INFOS(INFO("D.A", "1"))),
		RESPONSE("GetParameterValuesResponse", ONE),
		RESPONSE("Inform", "<MaxEnvelopes>1</MaxEnvelopes>"),
	};
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_same(*state, texts[i], strlen(texts[i]));
}

/* Each byte of a message, replaced by others or left out. */
static void assert_broken_are_read_alike(struct fixture *f, const char *whole, size_t length)
{
	static const char others[] = "<>&\"/ :\r\0x\x80";
	char *text = test_malloc(length);
	for (size_t at = 0; at < length; at++) {
		memcpy(text, whole, at);
		memcpy(text + at, whole + at + 1, length - at - 1);
		assert_same(f, text, length - 1);
		memcpy(text, whole, length);
		text[at] = others[at % (sizeof(others) - 1)];
		assert_same(f, text, length);
	}
	test_free(text);
}

static void test_broken_messages_are_read_alike(void **state)
{
	static const char *const wholes[] = { WHOLE, VALUES(ONE),
		NAMES(INFOS(INFO("D.", "0") INFO("D.A", "1"))) };
	for (size_t i = 0; i < LENGTH_OF(wholes); i++)
		assert_broken_are_read_alike(*state, wholes[i], strlen(wholes[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain_and_nearly_plain_informs_are_read_alike),
		TEST(test_values_are_read_alike),
		TEST(test_long_lists_are_read_alike),
		TEST(test_responses_are_read_alike),
		TEST(test_broken_messages_are_read_alike),
	};
	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
