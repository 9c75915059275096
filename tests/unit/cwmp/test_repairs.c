/* Nothing is mended or left out in silence: each kind of it is told, and sound messages tell of none.
 * Charsets are here too: what the envelope says counts, then what HTTP said. */
#include "harness.h"

#include "cwmp/cwmp.h"
#include "envelopes.h"

#define BIT(repair) (1u << CWMP_REPAIR_##repair)

static void decode_as(struct fixture *f, const char *charset, const char *bytes)
{
	enum cwmp_decode_result result = cwmp_decode(
		f->codec, f->arena, bytes, strlen(bytes), charset, &f->message, &f->why);
	if (result != CWMP_DECODED)
		print_message("%s\n%s\n", f->why, bytes);
	assert_int_equal(result, CWMP_DECODED);
}

static void assert_repairs(struct fixture *f, const char *envelope, unsigned repairs)
{
	decode_as(f, NULL, envelope);
	if (f->message.repairs != repairs)
		print_message(
			"%s\n%s\n", cwmp_repairs_text(f->arena, f->message.repairs), envelope);
	assert_int_equal(f->message.repairs, repairs);
}

static void assert_text(struct fixture *f, const char *expected)
{
	assert_int_equal(f->message.request.inform.parameters.count, 1);
	assert_string_equal(f->message.request.inform.parameters.items[0].value, expected);
}

static void test_sound_messages_need_no_repair(void **state)
{
	struct fixture *f = *state;
	assert_repairs(f, INFORM_TEXT("gr\xC3\xBC\xC3\x9F &amp; &#65;"), 0);
	assert_repairs(
		f, "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n" INFORM_TEXT("x"), 0);
	assert_repairs(f, INFORM_TEXT("<![CDATA[a & b]]>"), 0);
	assert_repairs(f, INFORM_VALUES(VALUE("Device.X", "")), 0);
}

static void test_characters_that_are_replaced_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(f, INFORM_TEXT("a\x02z"), BIT(CONTROLS));
	assert_repairs(f, INFORM_TEXT("<![CDATA[a\x02z]]>"), BIT(CONTROLS));
	assert_repairs(f, INFORM_TEXT("&#2;"), BIT(CONTROLS));
	assert_repairs(f, INFORM_TEXT("\xEF\xBF\xBF"), BIT(CONTROLS));
	assert_repairs(f, INFORM_TEXT("a & b &nbsp;"), BIT(AMPERSANDS));
	assert_repairs(f, INFORM_TEXT("\xFC"), BIT(CHARSET));
	assert_repairs(
		f, INFORM_TEXT("\xFC\x02 & c"), BIT(CHARSET) | BIT(CONTROLS) | BIT(AMPERSANDS));
}

static void test_prefixes_that_are_passed_over_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(f, ENVELOPE("<odd:Reboot><odd:CommandKey/></odd:Reboot>"), BIT(NAMESPACES));
	assert_repairs(f,
		ENVELOPE("<cwmp:Reboot><cwmp:CommandKey>k</cwmp:CommandKey></cwmp:Reboot>"),
		BIT(NAMESPACES));
	assert_string_equal(f->message.request.command_key, "k");
	assert_repairs(f, ENVELOPE_WITH("<soap:ID>9</soap:ID>", "<cwmp:RebootResponse/>"),
		BIT(NAMESPACES));
	assert_string_equal(f->message.id, "9");
}

static void test_repeated_attributes_are_told(void **state)
{
	assert_repairs(*state, ENVELOPE("<cwmp:RebootResponse a=\"1\" a=\"2\"/>"),
		BIT(NAMESPACES) | BIT(ATTRIBUTES));
}

static void test_members_of_lists_by_another_name_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(
		f, INFORM_VALUES("<item><Name>Device.X</Name><Value>1</Value></item>"), BIT(ITEMS));
	assert_text(f, "1");
}

static void test_entries_without_their_name_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(f, INFORM_VALUES(VALUE(" ", "<Value>1</Value>")), BIT(DROPPED));
	assert_int_equal(f->message.request.inform.parameters.count, 0);
	assert_repairs(f,
		ENVELOPE(INFORM_WITH(
			"<Event><EventStruct><CommandKey>k</CommandKey></EventStruct>"
			"<EventStruct><EventCode>1 BOOT</EventCode></EventStruct></Event>",
			"")),
		BIT(DROPPED));
	assert_int_equal(f->message.request.inform.event_count, 1);
	assert_repairs(f,
		ENVELOPE("<cwmp:GetParameterNamesResponse><ParameterList><ParameterInfoStruct>"
			 "<Writable>1</Writable></ParameterInfoStruct></ParameterList>"
			 "</cwmp:GetParameterNamesResponse>"),
		BIT(DROPPED));
}

static void test_elements_that_a_message_does_not_have_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(
		f, ENVELOPE("<cwmp:RebootResponse><Extra/></cwmp:RebootResponse>"), BIT(IGNORED));
	assert_repairs(f, ENVELOPE_WITH("<x:Other xmlns:x=\"urn:x\"/>", "<cwmp:RebootResponse/>"),
		BIT(IGNORED));
	assert_repairs(f,
		ENVELOPE("<cwmp:Reboot><CommandKey>1</CommandKey><CommandKey>2</CommandKey>"
			 "</cwmp:Reboot>"),
		BIT(IGNORED));
	assert_string_equal(f->message.request.command_key, "1");
}

static void test_numbers_that_are_none_are_told(void **state)
{
	struct fixture *f = *state;
	assert_repairs(f,
		ENVELOPE("<cwmp:SetParameterValuesResponse><Status>fine</Status>"
			 "</cwmp:SetParameterValuesResponse>"),
		BIT(VALUES));
	assert_int_equal(f->message.response.status, 0);
	assert_repairs(f,
		ENVELOPE("<cwmp:SetParameterValuesResponse><Status> 01 </Status>"
			 "</cwmp:SetParameterValuesResponse>"),
		0);
	assert_int_equal(f->message.response.status, 1);
}

static void test_names_of_repairs_are_listed(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(cwmp_repairs_text(f->arena, 0), "");
	assert_string_equal(
		cwmp_repairs_text(f->arena, BIT(CHARSET) | BIT(DROPPED)), "charset,dropped");
}

/* The first reading's repaired text is the second's, whatever its size. */
static void test_a_large_text_that_was_repaired_is_read_a_second_time(void **state)
{
	struct fixture *f = *state;
	struct buffer text = { 0 }, envelope = { 0 };
	for (int i = 0; i < 300000; i++)
		buffer_append_text(&text, "&");
	buffer_printf(&envelope,
		ENVELOPE("<odd:Reboot><odd:CommandKey>%s</odd:CommandKey></odd:Reboot>"),
		text.data);
	assert_repairs(f, envelope.data, BIT(AMPERSANDS) | BIT(NAMESPACES));
	assert_int_equal(strlen(f->message.request.command_key), text.length);
	buffer_clear(&text);
	buffer_clear(&envelope);
}

static void test_http_tells_the_charset_of_an_envelope_that_declares_none(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *charset, *bytes, *text;
		unsigned repairs;
	} texts[] = {
		{ "ISO-8859-1", "gr\xFC\xDF", "gr\xC3\xBC\xC3\x9F", 0 },
		{ "iso-8859-1", "\xC3\xBC", "\xC3\x83\xC2\xBC", 0 },
		{ "windows-1252", "\x80 \x99", "\xE2\x82\xAC \xE2\x84\xA2", 0 },
		{ "us-ascii", "plain", "plain", 0 },
		{ "us-ascii", "gr\xFC\xDF", "gr\xC3\xBC\xC3\x9F", BIT(CHARSET) },
		{ "utf-8", "\xC3\xBC", "\xC3\xBC", 0 },
		{ "UTF8", "\xC3\xBC", "\xC3\xBC", 0 },
		{ "", "\xC3\xBC", "\xC3\xBC", 0 },
		{ "iso-8859-2", "\xB3", "\xC5\x82", 0 },
		{ "gb2312", "\xD6\xD0", "\xE4\xB8\xAD", 0 },
		{ "gb2312", "\xD6\xD0 \xFF", "\xE4\xB8\xAD \xEF\xBF\xBD", BIT(CHARSET) },
		{ "Shift_JIS", "\x83\x65", "\xE3\x83\x86", 0 },
		{ "iso-2022-jp", "\xC3\xBC", "\xC3\xBC", BIT(CHARSET) },
		{ "no-such-charset", "\xC3\xBC", "\xC3\xBC", BIT(CHARSET) },
		{ "utf-8//IGNORE", "\xC3\xBC", "\xC3\xBC", BIT(CHARSET) },
	};
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		char envelope[4096];
		snprintf(envelope, sizeof(envelope), INFORM_TEXT("%s"), texts[i].bytes);
		decode_as(f, texts[i].charset, envelope);
		assert_text(f, texts[i].text);
		assert_int_equal(f->message.repairs, texts[i].repairs);
	}
}

static void test_what_the_envelope_declares_outweighs_http(void **state)
{
	struct fixture *f = *state;
	decode_as(f, "iso-8859-1",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>" INFORM_TEXT("\xC3\xBC"));
	assert_text(f, "\xC3\xBC");
	decode_as(f, "utf-8", "<?xml version='1.0' encoding = 'ISO-8859-1' ?>" INFORM_TEXT("\xFC"));
	assert_text(f, "\xC3\xBC");
	assert_int_equal(f->message.repairs, 0);
	decode_as(f, "iso-8859-1", "\xEF\xBB\xBF" INFORM_TEXT("\xC3\xBC"));
	assert_text(f, "\xC3\xBC");
	decode_as(f, "iso-8859-1", "<?xml version=\"1.0\"?>" INFORM_TEXT("\xFC"));
	assert_text(f, "\xC3\xBC");
}

static void test_charsets_unlike_ascii_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const charsets[] = { "utf-16", "UTF-16LE", "utf-32", "ebcdic-us",
		"utf-7" };
	static const char envelope[] = INFORM_TEXT("x");
	for (size_t i = 0; i < LENGTH_OF(charsets); i++) {
		assert_int_equal(cwmp_decode(f->codec, f->arena, envelope, sizeof(envelope) - 1,
					 charsets[i], &f->message, &f->why),
			CWMP_MALFORMED);
		assert_non_null(strstr(f->why, "charset"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sound_messages_need_no_repair),
		TEST(test_characters_that_are_replaced_are_told),
		TEST(test_prefixes_that_are_passed_over_are_told),
		TEST(test_repeated_attributes_are_told),
		TEST(test_members_of_lists_by_another_name_are_told),
		TEST(test_entries_without_their_name_are_told),
		TEST(test_elements_that_a_message_does_not_have_are_told),
		TEST(test_numbers_that_are_none_are_told),
		TEST(test_names_of_repairs_are_listed),
		TEST(test_a_large_text_that_was_repaired_is_read_a_second_time),
		TEST(test_http_tells_the_charset_of_an_envelope_that_declares_none),
		TEST(test_what_the_envelope_declares_outweighs_http),
		TEST(test_charsets_unlike_ascii_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
