/* path: names in the data model, TR-106 3.1.
 * A name is segments between dots: words, instance numbers, aliases, or the wildcard. */
#include <string.h>

#include "cwmp/cwmp.h"
#include "cwmp/utf8.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool begins_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}

/* X_000E50_Country, SSID, but not -x or 5GHz */
static bool is_word(const char *at, size_t length)
{
	if (!begins_word(*at))
		return false;
	for (size_t i = 1; i < length; i++) {
		if (!begins_word(at[i]) && !is_digit(at[i]) && at[i] != '-')
			return false;
	}
	return true;
}

static bool is_instance(const char *at, size_t length)
{
	if (length == 1 && *at == '*')
		return true;
	for (size_t i = 0; i < length; i++) {
		if (!is_digit(at[i]))
			return false;
	}
	return true;
}

/* [my-alias] */
static bool is_alias(const char *at, size_t length)
{
	return length > 2 && at[0] == '[' && at[length - 1] == ']' &&
	       !memchr(at + 1, '[', length - 1) && memchr(at, ']', length) == at + length - 1;
}

static bool is_utf8(const char *text)
{
	const char *end = text + strlen(text);
	uint32_t c;
	for (size_t length; text < end; text += length) {
		length = utf8_decode(text, end, &c);
		if (length == 0)
			return false;
	}
	return true;
}

bool cwmp_path_is_partial(const char *name)
{
	size_t length = strlen(name);
	return length == 0 || name[length - 1] == '.';
}

bool cwmp_path_is_valid(const char *name)
{
	if (strlen(name) > CWMP_NAME_MAX || !is_utf8(name))
		return false;
	for (bool is_root = true; *name; is_root = false) {
		size_t length = strcspn(name, ".");
		if (length == 0)
			return false;
		if (!is_word(name, length) &&
			(is_root || (!is_instance(name, length) && !is_alias(name, length))))
			return false;
		name += length;
		if (*name == '.')
			name++;
	}
	return true;
}
