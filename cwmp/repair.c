/* repair: what devices send, made into XML that a parser can read.
 * Characters, charsets and line ends are dealt with here; what elements mean is the decoders'. */
#include "cwmp/repair.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cwmp/charset.h"
#include "cwmp/cwmp.h"
#include "cwmp/tags.h"
#include "cwmp/utf8.h"

#define CDATA_BEGIN "<![CDATA["
#define CDATA_END "]]>"
#define COMMENT_BEGIN "<!--"
#define COMMENT_END "-->"

struct repair {
	const char *at, *end;
	struct buffer *out;
	bool western;     /* else UTF-8 */
	unsigned repairs; /* bits of enum cwmp_repair */
	const char *why;
};

/* '&', '<', bytes above 127 and control characters but tab and LF. */
static const bool special[256] = {
	[0 ... 8] = true,
	[11 ... 31] = true,
	['&'] = true,
	['<'] = true,
	[128 ... 255] = true,
};

static void note(struct repair *r, enum cwmp_repair repair)
{
	r->repairs |= 1u << repair;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins_with(const char *at, const char *end, const char *prefix)
{
	size_t length = strlen(prefix);
	return (size_t)(end - at) >= length && memcmp(at, prefix, length) == 0;
}

static const char *find(const char *at, const char *end, const char *needle)
{
	return memmem(at, (size_t)(end - at), needle, strlen(needle));
}

static void append_escaped(struct buffer *out, char c)
{
	if (c == '&')
		buffer_append_text(out, "&amp;");
	else if (c == '<')
		buffer_append_text(out, "&lt;");
	else if (c == '>')
		buffer_append_text(out, "&gt;");
	else
		buffer_append(out, &c, 1);
}

static void append_character(struct repair *r, uint32_t character)
{
	char bytes[4];
	bool is_sound = xml_has_character(character);
	if (!is_sound)
		note(r, CWMP_REPAIR_CONTROLS);
	buffer_append(r->out, bytes, utf8_encode(is_sound ? character : UTF8_REPLACEMENT, bytes));
}

/* A byte above 127: a character of UTF-8, or else of a western charset. */
static void repair_high_byte(struct repair *r)
{
	uint32_t c;
	size_t length = r->western ? 0 : utf8_decode(r->at, r->end, &c);
	if (length == 0) {
		c = charset_western((unsigned char)*r->at);
		length = 1;
		if (!r->western)
			note(r, CWMP_REPAIR_CHARSET);
	}
	append_character(r, c);
	r->at += length;
}

/* The length of "&name;" when name is one of XML's five, else 0. */
static size_t entity_length(const char *at, const char *end)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	for (size_t i = 0; i < LENGTH_OF(entities); i++) {
		if (begins_with(at, end, entities[i]))
			return strlen(entities[i]);
	}
	return 0;
}

/* 16 or more for what is no hexadecimal digit. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	char letter = (char)(c | 0x20);
	return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a' + 10) : 16;
}

/* The length of "&#…;", 0 when it is none. Numbers too large for a character give 0xFFFFFFFF. */
static size_t reference_length(const char *at, const char *end, uint32_t *character)
{
	if (!begins_with(at, end, "&#"))
		return 0;
	unsigned base = begins_with(at, end, "&#x") ? 16 : 10;
	const char *digits = at + (base == 16 ? 3 : 2);
	const char *c = digits;
	uint64_t value = 0;
	for (; c < end && digit_value(*c) < base; c++) {
		value = value * base + digit_value(*c);
		if (value > UINT32_MAX)
			value = UINT32_MAX;
	}
	if (c == digits || c == end || *c != ';')
		return 0;
	*character = (uint32_t)value;
	return (size_t)(c + 1 - at);
}

static void repair_ampersand(struct repair *r)
{
	size_t length = entity_length(r->at, r->end);
	uint32_t character;
	if (length > 0) {
		buffer_append(r->out, r->at, length);
	} else if ((length = reference_length(r->at, r->end, &character)) == 0) {
		buffer_append_text(r->out, "&amp;");
		length = 1;
		note(r, CWMP_REPAIR_AMPERSANDS);
	} else if (character < 0x80 && xml_has_character(character)) {
		buffer_printf(r->out, "&#%u;", character); /* may be markup or a carriage return */
	} else {
		append_character(r, character);
	}
	r->at += length;
}

/* XML 1.0, 2.11: however a line end was sent, it is one LF. */
static void repair_line_end(struct repair *r)
{
	r->at += begins_with(r->at, r->end, "\r\n") ? 2 : 1;
	buffer_append_text(r->out, "\n");
}

/* What is special, but no markup. */
static void repair_character(struct repair *r)
{
	const unsigned char c = (unsigned char)*r->at;
	if (c >= 0x80)
		repair_high_byte(r);
	else if (c == '\r')
		repair_line_end(r);
	else
		append_character(r, (unsigned char)*r->at++);
}

/* A CDATA section becomes escaped text, so that later steps need not know of sections. */
static void repair_cdata(struct repair *r)
{
	const char *end = find(r->at, r->end, CDATA_END);
	if (!end) {
		r->why = "a CDATA section does not end";
		return;
	}
	r->at += strlen(CDATA_BEGIN);
	while (r->at < end) {
		const unsigned char c = (unsigned char)*r->at;
		if (special[c] && c != '&' && c != '<')
			repair_character(r);
		else
			append_escaped(r->out, *r->at++);
	}
	r->at = end + strlen(CDATA_END);
}

static void repair_markup(struct repair *r)
{
	if (!begins_with(r->at, r->end, "<!")) {
		buffer_append(r->out, r->at++, 1);
	} else if (begins_with(r->at, r->end, CDATA_BEGIN)) {
		repair_cdata(r);
	} else if (begins_with(r->at, r->end, COMMENT_BEGIN)) {
		const char *end = find(r->at + strlen(COMMENT_BEGIN), r->end, COMMENT_END);
		if (end)
			r->at = end + strlen(COMMENT_END);
		else
			r->why = "a comment does not end";
	} else {
		r->why = "a document type declaration";
	}
}

static const char *skip_plain(const char *at, const char *end)
{
	while (at < end && !special[(unsigned char)*at])
		at++;
	return at;
}

static void repair_special(struct repair *r)
{
	if (*r->at == '<')
		repair_markup(r);
	else if (*r->at == '&')
		repair_ampersand(r);
	else
		repair_character(r);
}

static void repair_all(struct repair *r)
{
	while (r->at < r->end && !r->why) {
		const char *run = r->at;
		r->at = skip_plain(r->at, r->end);
		buffer_append(r->out, run, (size_t)(r->at - run));
		if (r->at < r->end)
			repair_special(r);
	}
}

static bool needs_repair(struct span text)
{
	const char *end = text.data + text.length;
	for (const char *at = text.data; (at = skip_plain(at, end)) < end; at++) {
		if (*at != '<' || begins_with(at, end, "<!"))
			return true;
	}
	return false;
}

static void trim(struct span *text)
{
	while (text->length > 0 && is_blank(text->data[0])) {
		text->data++;
		text->length--;
	}
	while (text->length > 0 &&
		(is_blank(text->data[text->length - 1]) || text->data[text->length - 1] == '\0'))
		text->length--;
}

static void skip(struct span *text, size_t length)
{
	text->data += length;
	text->length -= length;
	trim(text);
}

/* The name in `encoding="…"`, empty when there is none. */
static struct span declared_encoding(const char *at, const char *end)
{
	const char *name = find(at, end, "encoding");
	if (!name)
		return (struct span){ at, 0 };
	name += strlen("encoding");
	while (name < end && (is_blank(*name) || *name == '='))
		name++;
	const char *close = name < end ? memchr(name + 1, *name, (size_t)(end - name - 1)) : NULL;
	if (!close || (*name != '"' && *name != '\''))
		return (struct span){ at, 0 };
	return (struct span){ name + 1, (size_t)(close - name - 1) };
}

/* Drops <?xml … ?> and gives the encoding that it declares. */
static struct span take_declaration(struct span *text)
{
	struct span none = { text->data, 0 };
	const char *end = text->data + text->length;
	if (!begins_with(text->data, end, "<?xml"))
		return none;
	const char *close = find(text->data, end, "?>");
	if (!close)
		return none; /* the parser will say what is wrong */
	struct span encoding = declared_encoding(text->data, close);
	skip(text, (size_t)(close + 2 - text->data));
	return encoding;
}

/* What the envelope itself declares counts, then what HTTP said. */
static struct span find_charset(struct span *text, const char *http_charset)
{
	static const char utf8[] = "utf-8";
	bool has_mark = begins_with(text->data, text->data + text->length, "\xEF\xBB\xBF");
	if (has_mark)
		skip(text, 3);
	trim(text);
	struct span declared = take_declaration(text);
	if (has_mark)
		return (struct span){ utf8, strlen(utf8) };
	if (declared.length == 0 && http_charset)
		return (struct span){ http_charset, strlen(http_charset) };
	return declared;
}

bool repair_find_root(struct span *text, const char *http_charset)
{
	const enum charset charset = charset_by_name(find_charset(text, http_charset));
	return charset == CHARSET_UTF8 || charset == CHARSET_WESTERN;
}

static const char *convert(
	struct repair *r, struct span *text, struct span name, struct buffer *scratch)
{
	enum charset charset = charset_by_name(name);
	r->western = charset == CHARSET_WESTERN;
	if (charset == CHARSET_REFUSED)
		return "a charset in which ASCII does not stand for itself";
	bool is_sound = charset != CHARSET_UNKNOWN;
	if (charset == CHARSET_OTHER)
		is_sound = charset_convert(name, text, scratch);
	if (!is_sound)
		note(r, CWMP_REPAIR_CHARSET);
	return NULL;
}

const char *repair_envelope(struct span *text, const char *http_charset, struct buffer *converted,
	struct buffer *repaired, unsigned *repairs)
{
	struct span name = find_charset(text, http_charset);
	if (text->length < 2 || text->data[0] != '<' || text->data[1] == '\0')
		return "not an XML document";
	struct repair r = { .out = repaired };
	r.why = convert(&r, text, name, converted);
	if (!r.why && needs_repair(*text)) {
		r.at = text->data;
		r.end = text->data + text->length;
		buffer_reset(repaired);
		repair_all(&r);
		*text = (struct span){ repaired->data, repaired->length };
		trim(text);
	}
	*repairs |= r.repairs;
	return r.why ? r.why : text->length == 0 ? "an empty document" : NULL;
}

bool repair_nests_deeper(struct span text, unsigned limit)
{
	const char *at = text.data, *end = at + text.length;
	unsigned depth = 0;
	while ((at = memchr(at, '<', (size_t)(end - at))) != NULL && end - at > 1) {
		const char *close = tag_end(at + 1, end);
		if (close == end)
			return false; /* the parser will say what is wrong */
		if (at[1] == '/')
			depth -= depth > 0;
		else if (at[1] != '?' && close[-1] != '/' && ++depth > limit)
			return true;
		at = close;
	}
	return false;
}

const char *cwmp_repair_name(enum cwmp_repair repair)
{
	static const char *const names[CWMP_REPAIR_COUNT] = {
		[CWMP_REPAIR_CHARSET] = "charset",
		[CWMP_REPAIR_CONTROLS] = "controls",
		[CWMP_REPAIR_AMPERSANDS] = "ampersands",
		[CWMP_REPAIR_NAMESPACES] = "namespaces",
		[CWMP_REPAIR_ATTRIBUTES] = "attributes",
		[CWMP_REPAIR_REFERENCES] = "references",
		[CWMP_REPAIR_ITEMS] = "items",
		[CWMP_REPAIR_VALUES] = "values",
		[CWMP_REPAIR_IGNORED] = "ignored",
		[CWMP_REPAIR_DROPPED] = "dropped",
	};
	return names[repair];
}

const char *cwmp_repairs_text(struct arena *arena, unsigned repairs)
{
	const char *text = "";
	for (unsigned i = 0; i < CWMP_REPAIR_COUNT; i++) {
		if (repairs & 1u << i)
			text = arena_printf(arena, "%s%s%s", text, *text ? "," : "",
				cwmp_repair_name((enum cwmp_repair)i));
	}
	return text;
}
