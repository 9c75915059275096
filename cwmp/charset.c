/* charset: what an envelope is written in, and how its bytes become UTF-8.
 * UTF-8 and ISO-8859-1, which is nearly all, need no conversion; the C library does the others. */
#include "cwmp/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LENGTH 40
#define REPLACEMENT_TEXT "\xEF\xBF\xBD"

/* 0x80 to 0x9F of windows-1252; five have no character. */
static const uint16_t western[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, /* 80 */
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F, /* 88 */
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, /* 90 */
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178, /* 98 */
};

static const struct {
	const char *name;
	enum charset charset;
} names[] = {
	{ "", CHARSET_UTF8 },
	{ "utf-8", CHARSET_UTF8 },
	{ "utf8", CHARSET_UTF8 },
	{ "us-ascii", CHARSET_UTF8 },
	{ "ascii", CHARSET_UTF8 },
	{ "iso-8859-1", CHARSET_WESTERN },
	{ "iso8859-1", CHARSET_WESTERN },
	{ "iso_8859-1", CHARSET_WESTERN },
	{ "latin1", CHARSET_WESTERN },
	{ "latin-1", CHARSET_WESTERN },
	{ "windows-1252", CHARSET_WESTERN },
	{ "cp1252", CHARSET_WESTERN },
};

/* What the names begin with that the C library may convert. It knows a thousand more, seldom tried
 * and read by code that a device would choose for us. */
static const char *const families[] = { "iso-8859-", "iso8859-", "iso_8859-", "windows-", "cp125",
	"koi8-", "gb", "big5", "euc-kr", "euc-jp", "shift_jis", "sjis", "tis-620" };

uint32_t charset_western(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xA0 ? western[byte - 0x80] : byte;
}

static iconv_t open_charset(struct span name)
{
	char text[NAME_MAX_LENGTH + 1];
	/* "//" would be options of iconv's. */
	if (name.length > NAME_MAX_LENGTH || memchr(name.data, '/', name.length)) {
		errno = EINVAL;
		return (iconv_t)-1;
	}
	memcpy(text, name.data, name.length);
	text[name.length] = '\0';
	return iconv_open("UTF-8", text);
}

/* Do the characters of ASCII that markup needs stand for themselves? */
static bool is_like_ascii(iconv_t charset)
{
	char markup[] = "<?xml version=\"1.0\"?><a:b c='d+e-'>&#38;</a:b>";
	char converted[4 * sizeof(markup)];
	char *in = markup, *out = converted;
	size_t in_left = sizeof(markup) - 1, out_left = sizeof(converted);
	if (iconv(charset, &in, &in_left, &out, &out_left) == (size_t)-1)
		return false;
	size_t length = sizeof(converted) - out_left;
	return length == sizeof(markup) - 1 && memcmp(converted, markup, length) == 0;
}

static bool is_of_family(struct span name)
{
	for (size_t i = 0; i < LENGTH_OF(families); i++) {
		const size_t length = strlen(families[i]);
		if (name.length >= length && strncasecmp(name.data, families[i], length) == 0)
			return true;
	}
	return false;
}

static enum charset ask_library(struct span name)
{
	iconv_t charset = open_charset(name);
	if (charset == (iconv_t)-1)
		return CHARSET_UNKNOWN;
	bool is_fit = is_like_ascii(charset);
	iconv_close(charset);
	if (!is_fit)
		return CHARSET_REFUSED;
	return is_of_family(name) ? CHARSET_OTHER : CHARSET_UNKNOWN;
}

enum charset charset_by_name(struct span name)
{
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		if (strlen(names[i].name) == name.length &&
			strncasecmp(names[i].name, name.data, name.length) == 0)
			return names[i].charset;
	}
	return ask_library(name);
}

bool charset_convert(struct span name, struct span *text, struct buffer *scratch)
{
	iconv_t charset = open_charset(name);
	if (charset == (iconv_t)-1)
		return false;
	char *in = (char *)text->data; /* iconv() does not write there */
	size_t in_left = text->length;
	bool is_sound = true;
	buffer_reset(scratch);
	while (in_left > 0) {
		char converted[4096];
		char *out = converted;
		size_t out_left = sizeof(converted);
		size_t result = iconv(charset, &in, &in_left, &out, &out_left);
		buffer_append(scratch, converted, sizeof(converted) - out_left);
		if (result != (size_t)-1 || errno == E2BIG)
			continue;
		buffer_append_text(scratch, REPLACEMENT_TEXT);
		in++;
		in_left--;
		is_sound = false;
	}
	iconv_close(charset);
	*text = (struct span){ scratch->data, scratch->length };
	return is_sound;
}
