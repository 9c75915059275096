/* utf8: characters from and to bytes, and which of them XML 1.0 can carry.
 * The decoder reads the lead byte's length from a table and then checks range and continuation. */
#include "cwmp/utf8.h"

#include <string.h>

#include "cwmp/cwmp.h"

static const struct lead {
	unsigned char mask, bits;
	uint32_t least; /* anything smaller is overlong */
} leads[] = {
	{ 0x80, 0x00, 0 },
	{ 0xE0, 0xC0, 0x80 },
	{ 0xF0, 0xE0, 0x800 },
	{ 0xF8, 0xF0, 0x10000 },
};

static size_t lead_length(unsigned char byte)
{
	for (size_t n = 0; n < sizeof(leads) / sizeof(leads[0]); n++) {
		if ((byte & leads[n].mask) == leads[n].bits)
			return n + 1;
	}
	return 0;
}

size_t utf8_decode(const char *at, const char *end, uint32_t *character)
{
	const unsigned char *byte = (const unsigned char *)at;
	size_t length = at < end ? lead_length(byte[0]) : 0;
	if (length == 0 || length > (size_t)(end - at))
		return 0;
	const struct lead *lead = &leads[length - 1];
	uint32_t c = byte[0] & (unsigned char)~lead->mask;
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (byte[i] & 0x3F);
	}
	if (c < lead->least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*character = c;
	return length;
}

size_t utf8_encode(uint32_t character, char out[4])
{
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (character & 0x3F));
		character >>= 6;
	}
	out[0] = (char)(leads[length - 1].bits | character);
	return length;
}

bool xml_has_character(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool cwmp_text_is_sendable(const char *text)
{
	const char *end = text + strlen(text);
	uint32_t character;
	for (size_t length; text < end; text += length) {
		length = utf8_decode(text, end, &character);
		if (length == 0 || !xml_has_character(character))
			return false;
	}
	return true;
}
