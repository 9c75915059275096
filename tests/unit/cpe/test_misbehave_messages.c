/* Tests of cpe/misbehave: what the modes make of envelopes and of POSTs. Every mode changes something,
 * so that a scenario in which it is on shows more than good manners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cpe/misbehave/mode.h"
#include "cwmp/codec.h"
#include "cwmp/cwmp.h"

static void choose(struct misbehaviour *misbehaviour, const char *list)
{
	char why[160] = "";
	*misbehaviour = (struct misbehaviour){ 0 };
	if (!misbehave_parse(misbehaviour, list, why, sizeof(why)))
		fail_msg("%s", why);
}

/* Envelopes: one of each message that a mode may want to change. */

struct sample {
	struct cwmp_message message;
	struct buffer text;
};

enum { SAMPLES = 11 };

struct samples {
	struct arena *arena;
	struct cwmp_codec *codec;
	struct sample items[SAMPLES];
	size_t count;
};

static struct cwmp_message *add_request(struct samples *samples, enum cwmp_method method)
{
	struct cwmp_message *message = &samples->items[samples->count++].message;
	cwmp_make_request(message, CWMP_NS_1_0, method, "1");
	return message;
}

static struct cwmp_message *add_response(struct samples *samples, enum cwmp_method method)
{
	struct cwmp_message request, *message = &samples->items[samples->count++].message;
	cwmp_make_request(&request, CWMP_NS_1_0, method, "1");
	cwmp_make_response(message, &request);
	return message;
}

static void add_messages(struct samples *samples)
{
	static struct cwmp_event boot[] = { { "0 BOOTSTRAP", "" }, { "1 BOOT", "" } };
	static struct cwmp_event transfer[] = { { "7 TRANSFER COMPLETE", "" },
		{ "M Download", "key" } };
	static struct cwmp_value values[] = {
		{ "InternetGatewayDevice.A", "Caf\xc3\xa9 & bar", "xsd:string" },
		{ "InternetGatewayDevice.ManagementServer.ParameterKey", "", "xsd:string" },
		{ "InternetGatewayDevice.B", "7", "xsd:unsignedInt" },
		{ "InternetGatewayDevice.C", CWMP_UNKNOWN_TIME, "xsd:dateTime" },
	};
	static struct cwmp_name names[] = { { "InternetGatewayDevice.", false } };
	static const char *list[] = { "Subscriber" };
	static struct cwmp_attribute attributes[] = { { .name = "A", .access_list = { list, 1 } } };
	static struct cwmp_parameter_fault faults[] = { { "A", 9007, "Invalid value" } };
	struct cwmp_inform *inform = &add_request(samples, CWMP_INFORM)->request.inform;
	*inform = (struct cwmp_inform){
		.device = { "Maker", "00D09E", "Class", "1" },
		.events = boot,
		.event_count = 2,
		.current_time = "2026-01-01T00:00:00Z",
		.parameters = { values, LENGTH_OF(values) },
	};
	struct cwmp_inform *later = &add_request(samples, CWMP_INFORM)->request.inform;
	*later = *inform;
	later->events = transfer;
	add_request(samples, CWMP_TRANSFER_COMPLETE)->request.transfer_complete =
		(struct cwmp_transfer_complete){ "key", { 0, "" }, "2026-01-01T00:00:00Z",
			"2026-01-01T00:00:00Z" };
	add_response(samples, CWMP_GET_PARAMETER_VALUES)->response.values = inform->parameters;
	add_response(samples, CWMP_GET_PARAMETER_NAMES)->response.names =
		(struct cwmp_names){ names, 1 };
	add_response(samples, CWMP_GET_PARAMETER_ATTRIBUTES)->response.attributes =
		(struct cwmp_attributes){ attributes, 1 };
	add_response(samples, CWMP_DOWNLOAD)->response.transfer =
		(struct cwmp_transfer_response){ 1, CWMP_UNKNOWN_TIME, CWMP_UNKNOWN_TIME };
	struct cwmp_message request;
	cwmp_make_request(&request, CWMP_NS_1_0, CWMP_SET_PARAMETER_VALUES, "1");
	struct cwmp_message *fault = &samples->items[samples->count++].message;
	cwmp_make_fault(fault, &request, 9003, NULL);
	fault->fault.parameters = faults;
	fault->fault.parameter_count = 1;
}

static int set_up_samples(void **state)
{
	static struct samples samples;
	samples = (struct samples){
		.arena = arena_new(),
		.codec = cwmp_codec_new(&cwmp_default_limits),
	};
	add_messages(&samples);
	for (size_t i = 0; i < samples.count; i++)
		cwmp_encode(samples.codec, &samples.items[i].message, NULL, &samples.items[i].text);
	*state = &samples;
	return 0;
}

static int tear_down_samples(void **state)
{
	struct samples *samples = *state;
	for (size_t i = 0; i < samples->count; i++)
		buffer_clear(&samples->items[i].text);
	cwmp_codec_free(samples->codec);
	arena_free(samples->arena);
	return 0;
}

/* Rewrites a copy of a sample. */
static void rewrite(
	const struct misbehaviour *misbehaviour, const struct sample *sample, struct buffer *out)
{
	buffer_reset(out);
	buffer_append(out, sample->text.data, sample->text.length);
	misbehave_on_envelope(misbehaviour, &sample->message, out);
}

static size_t count_changed(const struct samples *samples, const struct misbehaviour *misbehaviour)
{
	struct buffer text = { 0 };
	size_t changed = 0;
	for (size_t i = 0; i < samples->count; i++) {
		rewrite(misbehaviour, &samples->items[i], &text);
		changed += text.length != samples->items[i].text.length ||
			   memcmp(text.data, samples->items[i].text.data, text.length) != 0;
	}
	buffer_clear(&text);
	return changed;
}

static void test_every_mode_of_envelopes_changes_one(void **state)
{
	size_t count;
	const struct misbehave_group *const *groups = misbehave_groups(&count);
	for (size_t g = 0; g < count; g++)
		for (size_t i = 0; i < groups[g]->count; i++) {
			const struct misbehave_mode *mode = &groups[g]->modes[i];
			struct misbehaviour misbehaviour;
			char list[80];
			if (!mode->edits[0].what && !mode->on_envelope)
				continue;
			snprintf(list, sizeof(list), "%s%s", mode->name,
				mode->kind == MODE_PLAIN ? "" : "=odd");
			choose(&misbehaviour, list);
			if (count_changed(*state, &misbehaviour) == 0)
				fail_msg("%s changes nothing", mode->name);
			misbehave_clear(&misbehaviour);
		}
}

/* What becomes of the sample of that index. */
static void assert_writes(
	const struct samples *samples, const char *list, size_t index, const char *text)
{
	struct misbehaviour misbehaviour;
	struct buffer out = { 0 };
	choose(&misbehaviour, list);
	rewrite(&misbehaviour, &samples->items[index], &out);
	if (!strstr(out.data, text))
		fail_msg("%s gives %s", list, out.data);
	buffer_clear(&out);
	misbehave_clear(&misbehaviour);
}

static void test_edits_reach_what_they_are_meant_for(void **state)
{
	enum {
		INFORM,
		TRANSFER_INFORM,
		TRANSFER_COMPLETE,
		VALUES,
		NAMES,
		ATTRIBUTES,
		DOWNLOAD,
		FAULT
	};
	assert_writes(
		*state, "single-quotes", INFORM, "xsi:type='xsd:string'>Caf\xc3\xa9 &amp; bar<");
	assert_writes(*state, "qualified-children", INFORM, "<cwmp:OUI>00D09E</cwmp:OUI>");
	assert_writes(*state, "latin-1", INFORM, "encoding=\"ISO-8859-1\"");
	assert_writes(*state, "latin-1-undeclared", VALUES, ">Caf\xe9 &amp; bar<");
	assert_writes(*state, "bare-ampersand", VALUES, " & bar<");
	assert_writes(*state, "padded-array-type", VALUES, "ParameterValueStruct[0004]\"");
	assert_writes(*state, "wrong-array-type", VALUES, "ParameterValueStruct[13]\"");
	assert_writes(*state, "no-array-type", VALUES, "<ParameterList><");
	assert_writes(*state, "hrefs", VALUES,
		"<ParameterList href=\"#list\"/></cwmp:GetParameterValuesResponse><ParameterList id=\"list\"");
	assert_writes(*state, "items", NAMES, "<item><Name>InternetGatewayDevice.</Name>");
	assert_writes(*state, "cdata", VALUES, "<![CDATA[7]]></Value>");
	assert_writes(*state, "no-value", VALUES, "ParameterKey</Name></ParameterValueStruct>");
	assert_writes(*state, "no-parameter-key", INFORM,
		"</ParameterValueStruct><ParameterValueStruct><Name>InternetGatewayDevice.B</Name>");
	assert_writes(*state, "duplicate-parameter", INFORM,
		"bar</Value></ParameterValueStruct><ParameterValueStruct><Name>"
		"InternetGatewayDevice.A</Name>");
	assert_writes(*state, "no-bootstrap", INFORM,
		"[2]\"><EventStruct><EventCode>2 PERIODIC</EventCode>");
	assert_writes(*state, "current-time=now", INFORM, "<CurrentTime>now</CurrentTime>");
	assert_writes(
		*state, "transfer-bare-fault", TRANSFER_COMPLETE, "<FaultStruct>0</FaultStruct>");
	assert_writes(*state, "download-without-times", DOWNLOAD,
		"<Status>1</Status></cwmp:DownloadResponse>");
	assert_writes(*state, "lower-case-access", ATTRIBUTES, ">subscriber<");
	assert_writes(*state, "fault-without-detail", FAULT, "</faultstring></SOAP-ENV:Fault>");
	assert_writes(*state, "undeclared-prefix", FAULT, "<soap:Fault>");
	assert_writes(*state, "constant-id", VALUES, ">constant</cwmp:ID>");
	assert_writes(*state, "constant-id", INFORM, ">1</cwmp:ID>");
	assert_writes(*state, "transfer-without-event", TRANSFER_INFORM, "2 PERIODIC");
}

/* POSTs */

static void fill_post(struct misbehave_post *post, struct arena *arena, const char *body)
{
	*post = (struct misbehave_post){
		.arena = arena,
		.username = "user",
		.password = "secret",
		.headers = {
			{ "Content-Type", "text/xml; charset=utf-8" },
			{ "SOAPAction", "" },
			{ "Cookie", "session=abc" },
			{ "Authorization", "Digest username=\"user\", realm=\"r\", nonce=\"n\","
				" uri=\"/acs\", response=\"0\", qop=auth, nc=1, cnonce=\"c\"" },
		},
		.request = { .method = "POST", .header_count = 4, .body = body,
			.body_length = strlen(body) },
	};
	post->request.headers = post->headers;
}

static char *describe_post(struct arena *arena, const struct misbehave_post *post)
{
	char *text = arena_printf(arena, "%d %d %.*s|", post->request.is_http_1_0,
		post->request.has_own_framing, (int)post->request.body_length,
		(const char *)post->request.body);
	for (size_t i = 0; i < post->request.header_count; i++)
		text = arena_printf(
			arena, "%s%s: %s|", text, post->headers[i].name, post->headers[i].value);
	return text;
}

/* What becomes of a POST with that body and the first of those headers. */
static char *post_with(struct arena *arena, const char *list, const char *body, size_t headers)
{
	struct misbehaviour misbehaviour;
	struct misbehave_post post;
	choose(&misbehaviour, list);
	fill_post(&post, arena, body);
	post.request.header_count = headers;
	misbehave_on_post(&misbehaviour, &post);
	char *text = describe_post(arena, &post);
	misbehave_clear(&misbehaviour);
	return text;
}

static void test_posts_are_framed_and_marked_as_told(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	static const struct {
		const char *list, *body;
		size_t headers;
		const char *expected;
	} cases[] = {
		{ "chunked", "<a/>", 0, "0 1 4\r\n<a/>\r\n0\r\n\r\n|Transfer-Encoding: chunked|" },
		{ "crlf-behind", "<a/>", 0, "0 1 <a/>\r\n|Content-Length: 4|" },
		{ "http-1.0", "<a/>", 0, "1 0 <a/>|" },
		{ "content-type=none", "<a/>", 2, "0 0 <a/>|SOAPAction: |" },
		{ "content-type=text/html", "<a/>", 1, "0 0 <a/>|Content-Type: text/html|" },
		{ "content-type=text/html", "", 0, "0 0 |" },
		{ "soap-action=\"\"", "<a/>", 0, "0 0 <a/>|SOAPAction: \"\"|" },
		{ "typed-empty-post", "", 0,
			"0 0 |Content-Type: text/xml; charset=utf-8|SOAPAction: |" },
		{ "expect-continue", "<a/>", 0, "0 0 <a/>|Expect: 100-continue|" },
		{ "stale-cookie=a=b", "", 0, "0 0 |Cookie: a=b|" },
		{ "basic-first", "", 0, "0 0 |Authorization: Basic dXNlcjpzZWNyZXQ=|" },
		{ "empty-basic", "", 0, "0 0 |Authorization: Basic Og==|" },
		{ "empty-first", "<a/>", 0, "0 0 |" },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_string_equal(
			post_with(arena, cases[i].list, cases[i].body, cases[i].headers),
			cases[i].expected);
	arena_free(arena);
}

static void test_cookies_and_credentials_are_rewritten(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	static const char *const cases[][2] = {
		{ "stale-cookie=a=b", "|Cookie: session=abc|" },
		{ "quoted-cookie", "|Cookie: session=\"abc\"|" },
		{ "comma-cookies", "|Cookie: lang=en,session=abc,a=b|" },
		{ "old-cookie", "|Cookie: $Version=\"0\"; session=abc;$Path=/|" },
		{ "basic-first", "|Authorization: Digest username" },
		{ "empty-first", "<a/>" },
		/* MD5(MD5(user:r:secret):n:MD5(POST:/acs)), and the same with an empty uri */
		{ "rfc-2069",
			"nonce=\"n\", uri=\"/acs\", response=\"cf31a0132e0d4cc42dc533635bf376c9\"" },
		{ "empty-uri",
			"nonce=\"n\", uri=\"\", response=\"b1c8f0cb39478c9f078b10baa4c7e190\"" },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const char *text = post_with(arena, cases[i][0], "<a/>", 4);
		if (!strstr(text, cases[i][1]))
			fail_msg("%s gives %s", cases[i][0], text);
	}
	arena_free(arena);
}

#define WITH_SAMPLES(test) cmocka_unit_test_setup_teardown(test, set_up_samples, tear_down_samples)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLES(test_every_mode_of_envelopes_changes_one),
		WITH_SAMPLES(test_edits_reach_what_they_are_meant_for),
		cmocka_unit_test(test_posts_are_framed_and_marked_as_told),
		cmocka_unit_test(test_cookies_and_credentials_are_rewritten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
