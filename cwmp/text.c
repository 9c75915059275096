/* text: scalars between XML's texts and C.
 * Devices write numbers and booleans in their own ways; reading forgives, writing does not vary. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cwmp/cwmp.h"
#include "cwmp/soap.h"
#include "cwmp/utf8.h"

static const char blanks[] = " \t\r\n";

void require(struct decoding *d, bool is_there, const char *name)
{
	if (!is_there && !d->missing)
		d->missing = name;
}

const char *text_in(struct decoding *d, const char *text)
{
	return text ? arena_strdup(d->arena, text) : "";
}

const char *token_in(struct decoding *d, const char *text)
{
	if (!text)
		return "";
	text += strspn(text, blanks);
	size_t length = strlen(text);
	while (length > 0 && strchr(blanks, text[length - 1]))
		length--;
	return arena_strndup(d->arena, text, length);
}

void note_repair(struct decoding *d, enum cwmp_repair repair)
{
	d->message->repairs |= 1u << repair;
}

bool is_blank_text(const char *text)
{
	return !text || text[strspn(text, blanks)] == '\0';
}

bool is_number_text(const char *text)
{
	if (is_blank_text(text))
		return false;
	text += strspn(text, blanks);
	text += *text == '+';
	size_t digits = strspn(text, "0123456789");
	return digits > 0 && is_blank_text(text + digits);
}

uint64_t long_in(struct decoding *d, const char *text)
{
	if (is_blank_text(text))
		return 0;
	if (!is_number_text(text))
		note_repair(d, CWMP_REPAIR_VALUES);
	text += strspn(text, blanks);
	return *text == '-' ? 0 : strtoull(text, NULL, 10);
}

unsigned number_in(struct decoding *d, const char *text)
{
	uint64_t number = long_in(d, text);
	return number < UINT_MAX ? (unsigned)number : UINT_MAX;
}

int signed_in(struct decoding *d, const char *text)
{
	if (is_blank_text(text))
		return 0;
	text += strspn(text, blanks);
	bool is_negative = *text == '-';
	uint64_t number = long_in(d, text + is_negative);
	int size = number < INT_MAX ? (int)number : INT_MAX;
	return is_negative ? -size : size;
}

bool boolean_in(struct decoding *d, const char *text)
{
	if (is_blank_text(text))
		return false;
	text += strspn(text, blanks);
	if (strncasecmp(text, "true", 4) == 0)
		return true;
	return strncasecmp(text, "false", 5) != 0 && long_in(d, text) != 0;
}

/* The length of what text holds before the first character that XML cannot carry. */
static size_t sound_length(const char *text, const char *end)
{
	const char *at = text;
	uint32_t c;
	for (size_t length; at < end; at += length) {
		length = 1;
		if (*at >= ' ' && *at <= '~')
			continue; /* plain ASCII, nearly always */
		length = utf8_decode(at, end, &c);
		if (length == 0 || !xml_has_character(c))
			break;
	}
	return (size_t)(at - text);
}

static char *replace_unsound(struct encoding *e, const char *text, const char *end)
{
	/* Each unsound byte becomes the three of U+FFFD. */
	char *copy = arena_alloc(e->arena, (size_t)(end - text) * 3 + 1);
	char *out = copy;
	for (size_t length; text < end; text += length) {
		size_t sound = sound_length(text, end);
		memcpy(out, text, sound);
		out += sound;
		text += sound;
		if (text == end)
			break;
		uint32_t c;
		length = utf8_decode(text, end, &c);
		if (length == 0)
			length = 1;
		out += utf8_encode(UTF8_REPLACEMENT, out);
	}
	return copy;
}

char *text_out(struct encoding *e, const char *text)
{
	if (!text)
		text = "";
	const char *end = text + strlen(text);
	if (text + sound_length(text, end) == end)
		return (char *)text; /* gSOAP's members are not const, but it only reads them */
	return replace_unsound(e, text, end);
}

char *optional_out(struct encoding *e, const char *text)
{
	return text && *text ? text_out(e, text) : NULL;
}

char *number_out(struct encoding *e, uint64_t number)
{
	return arena_printf(e->arena, "%" PRIu64, number);
}

char *file_size_out(struct encoding *e, uint64_t size)
{
	return number_out(e, size <= UINT32_MAX ? size : 0);
}

char *boolean_out(struct encoding *e, bool value)
{
	static char words[2][6] = { "false", "true" }, digits[2][2] = { "0", "1" };
	return e->booleans_as_words ? words[value] : digits[value];
}

char *time_out(struct encoding *e, const char *time)
{
	return text_out(e, is_blank_text(time) ? CWMP_UNKNOWN_TIME : time);
}

char *array_type_out(struct encoding *e, const char *type, size_t count)
{
	return arena_printf(e->arena, "%s[%zu]", type, count);
}
