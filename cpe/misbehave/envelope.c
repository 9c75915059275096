/* misbehave_envelope: devices that write other XML than we do, in frame and spelling.
 * Most modes are a few edits of the finished text; the rest are functions. */
#include <stdlib.h>
#include <string.h>

#include "cpe/misbehave/mode.h"
#include "cwmp/cwmp.h"

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define SOAP_NAMESPACE "http://schemas.xmlsoap.org/soap/envelope/"
#define ENCODING_STYLE "SOAP-ENV:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\""

static void answer_with_id(struct misbehave_envelope *e)
{
	if (e->message->kind != CWMP_REQUEST)
		text_set(e->text, "cwmp:ID", "constant");
}

static void change_namespace(struct misbehave_envelope *e)
{
	const bool is_inform = e->message->kind == CWMP_REQUEST &&
			       e->message->method == CWMP_INFORM;
	if (e->choice->text)
		text_replace(e->text, cwmp_namespace_uri(e->message->ns), e->choice->text);
	else if (!is_inform)
		text_replace(e->text, cwmp_namespace_uri(e->message->ns),
			cwmp_namespace_uri(
				e->message->ns == CWMP_NS_1_0 ? CWMP_NS_1_1 : CWMP_NS_1_0));
}

static void append_in_single_quotes(struct buffer *out, const char *tag, size_t length)
{
	for (size_t i = 0; i < length; i++)
		buffer_append(out, tag[i] == '"' ? "'" : &tag[i], 1);
}

static void quote_singly(struct misbehave_envelope *e)
{
	text_rewrite_tags(e->text, append_in_single_quotes);
}

/* "<Name>" becomes "<cwmp:Name>"; what has a prefix keeps it. */
static void append_qualified(struct buffer *out, const char *tag, size_t length)
{
	const size_t start = tag[1] == '/' ? 2 : 1;
	const size_t name = strcspn(tag + start, ": />?");
	buffer_append(out, tag, start);
	if (tag[start] != '?' && tag[start + name] != ':')
		buffer_append_text(out, "cwmp:");
	buffer_append(out, tag + start, length - start);
}

static void qualify_children(struct misbehave_envelope *e)
{
	text_rewrite_tags(e->text, append_qualified);
}

/* Two bytes of UTF-8 become one of ISO-8859-1, as far as it reaches. */
static void use_latin_1(struct misbehave_envelope *e)
{
	const unsigned char *in = (const unsigned char *)e->text->data;
	size_t length = 0;
	for (size_t i = 0; i < e->text->length; i++) {
		const bool is_pair = (in[i] & 0xfe) == 0xc2;
		const unsigned byte = is_pair ? (in[i] & 3u) << 6 | (in[i + 1] & 0x3fu) : in[i];
		e->text->data[length++] = (char)byte;
		i += is_pair;
	}
	e->text->data[length] = '\0';
	e->text->length = length;
}

static void tell_latin_1(struct misbehave_post *post)
{
	if (post->request.body_length)
		post_set_header(post, "Content-Type", "text/xml; charset=ISO-8859-1");
}

static void append_cdata(struct buffer *out, const char *content, size_t length)
{
	const bool is_plain = length > 0 && !memchr(content, '&', length);
	buffer_append_text(out, is_plain ? "<![CDATA[" : "");
	buffer_append(out, content, length);
	buffer_append_text(out, is_plain ? "]]>" : "");
}

static void use_cdata(struct misbehave_envelope *e)
{
	text_rewrite(e->text, "Value", append_cdata);
	text_rewrite(e->text, "Name", append_cdata);
}

/* The list stands behind the method's element, which refers to it (SOAP 1.1, 5.4.1). */
static void refer_to_list(struct misbehave_envelope *e)
{
	static const char end[] = "</ParameterList>", body_end[] = "</SOAP-ENV:Body>";
	char *list = strstr(e->text->data, "<ParameterList ");
	const char *after = list ? strstr(list, end) : NULL;
	const char *tail = after ? strstr(after, body_end) : NULL;
	if (!tail)
		return;
	struct buffer out = { 0 };
	buffer_append(&out, e->text->data, (size_t)(list - e->text->data));
	buffer_append_text(&out, "<ParameterList href=\"#list\"/>");
	after += strlen(end);
	buffer_append(&out, after, (size_t)(tail - after));
	buffer_append_text(&out, "<ParameterList id=\"list\"");
	list += strlen("<ParameterList");
	buffer_append(&out, list, (size_t)(after - list));
	buffer_append_text(&out, tail);
	buffer_clear(e->text);
	*e->text = out;
}

/* Every "…[12]" of an arrayType is written anew: with more items, and as many digits. */
static void recount(struct buffer *envelope, unsigned more, int digits)
{
	static const char attribute[] = " SOAP-ENC:arrayType=\"";
	struct buffer out = { 0 };
	const char *at = envelope->data, *found, *bracket;
	while ((found = strstr(at, attribute)) && (bracket = strchr(found, '['))) {
		char *end;
		const unsigned count = (unsigned)strtoul(bracket + 1, &end, 10) + more;
		buffer_append(&out, at, (size_t)(bracket - at));
		buffer_printf(&out, "[%0*u", digits, count);
		at = end;
	}
	buffer_append_text(&out, at);
	buffer_clear(envelope);
	*envelope = out;
}

static void pad_counts(struct misbehave_envelope *e)
{
	recount(e->text, 0, 4);
}

static void count_wrongly(struct misbehave_envelope *e)
{
	recount(e->text, 9, 1);
}

static const struct misbehave_mode modes[] = {
	{ "other-prefixes", "calls its namespaces soapenv, soapenc and cwmp1", "jiuzhou, SCTY",
		.edits = { { TEXT_REPLACE, "SOAP-ENV", "soapenv" },
			{ TEXT_REPLACE, "SOAP-ENC", "soapenc" },
			{ TEXT_REPLACE, "cwmp:", "cwmp1:" },
			{ TEXT_REPLACE, "xmlns:cwmp=", "xmlns:cwmp1=" } } },
	{ "soap-default-namespace", "has SOAP as its default namespace", "several",
		.edits = { { TEXT_REPLACE, "<SOAP-ENV:", "<" },
			{ TEXT_REPLACE, "</SOAP-ENV:", "</" },
			{ TEXT_REPLACE, "<Envelope ",
				"<Envelope xmlns=\"" SOAP_NAMESPACE "\" " } } },
	{ "cwmp-default-namespace", "has CWMP as its default namespace", "Alcatel femto",
		.edits = { { TEXT_REPLACE, "<cwmp:", "<" }, { TEXT_REPLACE, "</cwmp:", "</" },
			{ TEXT_REPLACE, "xmlns:cwmp=", "xmlns=" } } },
	{ "soap-is-encoding", "calls the encoding namespace soap", "Thomson, MikroTik",
		.edits = { { TEXT_REPLACE, "SOAP-ENC", "soap" } } },
	{ "undeclared-prefix", "faults with a prefix that nothing declares", "softov/cwmp-sim",
		.only_in = "Fault",
		.edits = { { TEXT_REPLACE, "<SOAP-ENV:Fault>", "<soap:Fault>" },
			{ TEXT_REPLACE, "</SOAP-ENV:Fault>", "</soap:Fault>" } } },
	{ "duplicate-attribute", "gives an attribute twice", "jiuzhou",
		.edits = { { TEXT_REPLACE_ONE, "<SOAP-ENV:Envelope ",
			"<SOAP-ENV:Envelope " ENCODING_STYLE " " ENCODING_STYLE " " } } },
	{ "no-declaration", "begins without <?xml ...?>", "most devices",
		.edits = { { TEXT_REPLACE_ONE, DECLARATION, "" } } },
	{ "leading-blanks", "begins with blank lines", "several",
		.edits = { { TEXT_PREPEND, "\r\n \t\n" } } },
	{ "byte-order-mark", "begins with a byte order mark", "several",
		.edits = { { TEXT_PREPEND, "\xef\xbb\xbf" } } },
	{ "single-quotes", "quotes attributes by apostrophes", "MikroTik, e8-C",
		.on_envelope = quote_singly },
	{ "indented", "indents its XML", "Thomson",
		.edits = { { TEXT_REPLACE, "><", ">\r\n   <" } } },
	{ "comments", "strews comments and processing instructions", "several",
		.edits = { { TEXT_REPLACE, "<SOAP-ENV:Body>",
				   "<!-- <SOAP-ENV:Body> -->\n<?vendor a=\"<b>\"?><SOAP-ENV:Body>" },
			{ TEXT_REPLACE, "<Name>", "<!-- name --><Name>" } } },
	{ "cdata", "writes texts as CDATA", "several", .on_envelope = use_cdata },
	{ "no-header", "leaves the SOAP header out", "MikroTik, Motorola, jiuzhou",
		.edits = { { TEXT_DROP, "SOAP-ENV:Header" } } },
	{ "empty-id", "leaves the ID header empty", "Moonar, jiuzhou", MODE_FIELD(empty_id),
		.edits = { { TEXT_SET, "cwmp:ID", "" } } },
	{ "wrong-id", "answers with an ID of its own", NULL, .on_envelope = answer_with_id },
	{ "constant-id", "answers with always the same ID", "tr069tc",
		.on_envelope = answer_with_id },
	{ "must-understand-elsewhere", "has mustUnderstand in the encoding namespace", "MikroTik",
		.edits = { { TEXT_REPLACE, "SOAP-ENV:mustUnderstand",
			"SOAP-ENC:mustUnderstand" } } },
	{ "hold-requests", "sends HoldRequests, which is the ACS's to send", "several",
		.edits = { { TEXT_REPLACE, "</SOAP-ENV:Header>",
			"<cwmp:HoldRequests SOAP-ENV:mustUnderstand=\"1\">0</cwmp:HoldRequests>"
			"</SOAP-ENV:Header>" } } },
	{ "no-more-requests", "sends the NoMoreRequests of early drafts", "Technicolor",
		.edits = { { TEXT_REPLACE, "</SOAP-ENV:Header>",
			"<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests></SOAP-ENV:Header>" } } },
	{ "qualified-children", "gives every element the prefix cwmp", "Alcatel femto",
		.on_envelope = qualify_children },
	{ "empty-namespaces", "gives some children a namespace, others an empty one",
		"Alcatel femto",
		.edits = { { TEXT_REPLACE, "<DeviceId>",
				   "<DeviceId xmlns=\"urn:dslforum-org:cwmp-1-0\">" },
			{ TEXT_REPLACE, "<Manufacturer>", "<Manufacturer xmlns=\"\">" },
			{ TEXT_REPLACE, "<SerialNumber>", "<SerialNumber xmlns=\"\">" },
			{ TEXT_REPLACE, "<Name>", "<Name xmlns=\"\">" } } },
	{ "encoding-style", "has an encodingStyle on its Body", "Thomson, ZyXEL",
		.edits = { { TEXT_REPLACE, "<SOAP-ENV:Body>",
			"<SOAP-ENV:Body " ENCODING_STYLE ">" } } },
	{ "typed-lists", "has xsi:type=\"SOAP-ENC:Array\" on lists", "Sagemcom, Cavium, ZTE",
		.edits = { { TEXT_REPLACE, " SOAP-ENC:arrayType=",
			" xsi:type=\"SOAP-ENC:Array\" SOAP-ENC:arrayType=" } } },
	{ "typed-names", "has xsi:type on names, event codes and DeviceId", "Yeacomm P11",
		.edits = { { TEXT_REPLACE, "<Name>", "<Name xsi:type=\"xsd:string\">" },
			{ TEXT_REPLACE, "<EventCode>", "<EventCode xsi:type=\"xsd:string\">" },
			{ TEXT_REPLACE, "<DeviceId>",
				"<DeviceId xsi:type=\"cwmp:DeviceIdStruct\">" } } },
	{ "xsd-1999", "uses the XML Schema of 1999", "netcwmp",
		.edits = { { TEXT_REPLACE, "http://www.w3.org/2001/",
			"http://www.w3.org/1999/" } } },
	{ "encoding-without-slash", "leaves the slash off the encoding namespace", "e8-C",
		.edits = { { TEXT_REPLACE, "/soap/encoding/", "/soap/encoding" } } },
	{ "no-array-type", "leaves arrayType out", "Moonar",
		.edits = { { TEXT_DROP_ATTRIBUTE, "SOAP-ENC:arrayType" } } },
	{ "padded-array-type", "pads the count in arrayType by zeros", "Technicolor",
		.on_envelope = pad_counts },
	{ "wrong-array-type", "counts wrongly in arrayType", "SCTY, genieacs-sim",
		.on_envelope = count_wrongly },
	{ "items", "calls the members of lists item", "several",
		.edits = { { TEXT_REPLACE, "ParameterValueStruct>", "item>" },
			{ TEXT_REPLACE, "ParameterInfoStruct>", "item>" },
			{ TEXT_REPLACE, "EventStruct>", "item>" } } },
	{ "hrefs", "puts lists behind the method and refers to them", "SOAP toolkits",
		.on_envelope = refer_to_list },
	{ "latin-1", "writes and declares ISO-8859-1", "tr069tc",
		.edits = { { TEXT_REPLACE_ONE, "UTF-8", "ISO-8859-1" } },
		.on_envelope = use_latin_1 },
	{ "latin-1-header", "writes ISO-8859-1 and tells so in Content-Type only", "Thomson",
		.edits = { { TEXT_REPLACE_ONE, DECLARATION, "" } }, .on_envelope = use_latin_1,
		.on_post = tell_latin_1 },
	{ "latin-1-undeclared", "writes ISO-8859-1 and calls it UTF-8", "Thomson",
		.on_envelope = use_latin_1 },
	{ "namespace", "speaks the namespace TEXT", "several", MODE_TEXT,
		.on_envelope = change_namespace },
	{ "changing-namespace", "changes the namespace after the Inform", "genieacs#138",
		.on_envelope = change_namespace },
};

const struct misbehave_group misbehave_envelope_group = { "envelopes", modes, LENGTH_OF(modes) };
