/* repair: what devices send, made into XML that a parser can read.
 * Rules 2, 3 and 5 of the tolerance list live here; those about structure are the decoders'. */
#include "cwmp/repair.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cwmp/utf8.h"

#define REPLACEMENT_TEXT "\xEF\xBF\xBD"
#define CDATA_BEGIN "<![CDATA["
#define CDATA_END "]]>"
#define COMMENT_BEGIN "<!--"
#define COMMENT_END "-->"

struct repair {
	const char *at, *end;
	struct buffer *out;
	bool latin1;
	const char *why;
};

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

static void append_character(struct buffer *out, uint32_t character)
{
	char bytes[4];
	uint32_t c = xml_has_character(character) ? character : UTF8_REPLACEMENT;
	buffer_append(out, bytes, utf8_encode(c, bytes));
}

/* A byte above 127: a character of UTF-8, or else of ISO-8859-1. */
static void repair_high_byte(struct repair *r)
{
	uint32_t c;
	size_t length = r->latin1 ? 0 : utf8_decode(r->at, r->end, &c);
	if (length == 0) {
		c = (unsigned char)*r->at;
		length = 1;
	}
	append_character(r->out, c);
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
	} else if (character < 0x80 && xml_has_character(character)) {
		buffer_printf(r->out, "&#%u;", character); /* may be markup or a carriage return */
	} else {
		append_character(r->out, character);
	}
	r->at += length;
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
		unsigned char c = (unsigned char)*r->at;
		if (c >= 0x80) {
			repair_high_byte(r);
			continue;
		}
		if (xml_has_character(c))
			append_escaped(r->out, *r->at);
		else
			buffer_append_text(r->out, REPLACEMENT_TEXT);
		r->at++;
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

/* '&', '<', bytes above 127 and control characters. */
static const bool special[256] = {
	[0 ... 8] = true,
	[11] = true,
	[12] = true,
	[14 ... 31] = true,
	['&'] = true,
	['<'] = true,
	[128 ... 255] = true,
};

static const char *skip_plain(const char *at, const char *end)
{
	while (at < end && !special[(unsigned char)*at])
		at++;
	return at;
}

static void repair_special(struct repair *r)
{
	unsigned char c = (unsigned char)*r->at;
	if (c == '<') {
		repair_markup(r);
	} else if (c == '&') {
		repair_ampersand(r);
	} else if (c >= 0x80) {
		repair_high_byte(r);
	} else {
		buffer_append_text(r->out, REPLACEMENT_TEXT);
		r->at++;
	}
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

static bool names_latin1(const char *at, const char *end)
{
	static const char *const names[] = { "iso-8859-1", "iso8859-1", "latin1", "latin-1",
		"windows-1252" };
	for (; at < end; at++) {
		for (size_t i = 0; i < LENGTH_OF(names); i++) {
			size_t length = strlen(names[i]);
			if ((size_t)(end - at) >= length && strncasecmp(at, names[i], length) == 0)
				return true;
		}
	}
	return false;
}

/* Drops <?xml … ?>; true when it declares ISO-8859-1 (or Windows' variant of it). */
static bool take_declaration(struct span *text)
{
	const char *end = text->data + text->length;
	if (!begins_with(text->data, end, "<?xml"))
		return false;
	const char *close = find(text->data, end, "?>");
	if (!close)
		return false; /* the parser will say what is wrong */
	bool latin1 = names_latin1(text->data, close);
	skip(text, (size_t)(close + 2 - text->data));
	return latin1;
}

const char *repair_envelope(struct span *text, struct buffer *scratch)
{
	if (begins_with(text->data, text->data + text->length, "\xEF\xBB\xBF"))
		skip(text, 3);
	trim(text);
	bool latin1 = take_declaration(text);
	if (text->length < 2 || text->data[0] != '<' || text->data[1] == '\0')
		return "not an XML document";
	if (!needs_repair(*text))
		return NULL;
	struct repair r = {
		.at = text->data,
		.end = text->data + text->length,
		.out = scratch,
		.latin1 = latin1,
	};
	buffer_reset(scratch);
	repair_all(&r);
	*text = (struct span){ scratch->data, scratch->length };
	trim(text);
	return r.why ? r.why : text->length == 0 ? "an empty document" : NULL;
}

bool repair_nests_deeper(struct span text, unsigned limit)
{
	const char *at = text.data, *end = at + text.length;
	unsigned depth = 0;
	while ((at = memchr(at, '<', (size_t)(end - at))) != NULL && end - at > 1) {
		const char *close = memchr(at, '>', (size_t)(end - at));
		if (!close)
			return false; /* the parser will say what is wrong */
		if (at[1] == '/')
			depth -= depth > 0;
		else if (at[1] != '?' && close[-1] != '/' && ++depth > limit)
			return true;
		at = close;
	}
	return false;
}
