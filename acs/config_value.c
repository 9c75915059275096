/* config_value: from a setting's text to its value, and what is told when it is not of its type. */
#include "acs/config_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/util.h>

#include "acs/address.h"
#include "acs/callee.h"
#include "acs/certificate.h"
#include "acs/config.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/crypto.h"
#include "http/url.h"

void *config_field(struct config *config, const struct setting *setting)
{
	return (char *)config + setting->offset;
}

bool config_is_text(const struct setting *setting)
{
	return setting->type <= PEM;
}

bool config_is_secret(const struct setting *setting)
{
	return setting->type == SECRET || setting->type == KEY || setting->type == KEYS;
}

bool config_may_tell_secrets(const struct setting *setting)
{
	return config_is_secret(setting) || setting->type == URL || setting->type == LOCATION;
}

static bool refuse(const struct source *source, const struct setting *setting, const char *allowed)
{
	buffer_printf(source->why, "%s: %s: must be %s\n", source->where, setting->key, allowed);
	return false;
}

static bool index_of(const char *const *choices, const char *value, unsigned *index)
{
	for (*index = 0; choices[*index]; ++*index)
		if (strcmp(choices[*index], value) == 0)
			return true;
	return false;
}

static bool set_choice(
	const struct source *source, const struct setting *setting, const char *value)
{
	struct buffer allowed = { 0 };
	unsigned index;
	if (index_of(setting->choices, value, &index)) {
		if (setting->type == CHOICE)
			*(unsigned *)config_field(source->config, setting) = index;
		return true;
	}
	buffer_append_text(&allowed, "one of");
	for (const char *const *choice = setting->choices; *choice; choice++)
		buffer_printf(&allowed, " %s", *choice);
	refuse(source, setting, allowed.data);
	buffer_clear(&allowed);
	return false;
}

static bool set_boolean(
	const struct source *source, const struct setting *setting, const char *value)
{
	static const char *const words[] = { "false", "true", "no", "yes", "0", "1", "off", "on",
		NULL };
	unsigned index;
	if (!index_of(words, value, &index))
		return refuse(source, setting, "true or false");
	*(bool *)config_field(source->config, setting) = index % 2 == 1;
	return true;
}

static bool read_number(const char *value, bool with_unit, uint64_t *number)
{
	static const char units[] = "KMG";
	char *end;
	errno = 0;
	*number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || errno)
		return false;
	const char *unit = with_unit && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit && end[1] == '\0')
		return !__builtin_mul_overflow(
			*number, UINT64_C(1024) << (10 * (unit - units)), number);
	return *end == '\0';
}

static bool set_number(
	const struct source *source, const struct setting *setting, const char *value)
{
	char allowed[120];
	uint64_t number;
	if (!read_number(value, setting->type == BYTES, &number) || number < setting->min ||
		number > setting->max) {
		snprintf(allowed, sizeof(allowed), "a number from %llu to %llu%s",
			(unsigned long long)setting->min, (unsigned long long)setting->max,
			setting->type == BYTES ? ", with K, M or G if you like" : "");
		return refuse(source, setting, allowed);
	}
	if (setting->type == BYTES)
		*(uint64_t *)config_field(source->config, setting) = number;
	else
		*(unsigned *)config_field(source->config, setting) = (unsigned)number;
	return true;
}

/* "HOST:PORT", "[IPv6]:PORT", ":PORT", or nothing. Whether the host exists is seen when it is
 * bound. */
static bool is_address(const char *value)
{
	const char *colon = strrchr(value, ':');
	uint64_t port;
	if (!*value)
		return true;
	if (!colon || !read_number(colon + 1, false, &port) || port > 65535)
		return false;
	const bool has_inner_colon = memchr(value, ':', (size_t)(colon - value)) != NULL;
	return !has_inner_colon || (*value == '[' && colon[-1] == ']');
}

bool config_next_name_server(const char **servers, char one[NAME_SERVER_BYTES])
{
	static const char separators[] = ", \t";
	*servers += strspn(*servers, separators);
	const size_t length = strcspn(*servers, separators);
	snprintf(one, NAME_SERVER_BYTES, "%.*s", (int)length, *servers);
	*servers += length;
	return length > 0;
}

static bool are_name_servers(const char *value)
{
	char one[NAME_SERVER_BYTES];
	while (config_next_name_server(&value, one)) {
		struct sockaddr_storage address;
		int size = sizeof(address);
		if (evutil_parse_sockaddr_port(one, (struct sockaddr *)&address, &size) != 0)
			return false;
	}
	return true;
}

static bool is_key(const char *value)
{
	uint8_t key[SEAL_KEY_BYTES];
	return !*value || hex_decode(value, key, sizeof(key));
}

static bool are_keys(const char *value)
{
	const size_t digits = strspn(value, "0123456789abcdefABCDEF");
	if (!value[digits])
		return digits == 0 || digits == 2 * SEAL_KEY_BYTES;
	return digits == 2 * SEAL_KEY_BYTES && value[digits] == ',' &&
	       are_keys(value + digits + 1 + strspn(value + digits + 1, " "));
}

/* A query or a fragment would end up in front of the path that is appended. */
static bool is_base_url(const char *value)
{
	struct http_url url;
	struct arena *arena = arena_new();
	const bool ok = !*value || (http_url_parse(arena, value, &url) && !strpbrk(value, "?#"));
	arena_free(arena);
	return ok;
}

static bool is_location(const char *value)
{
	struct http_url url;
	struct arena *arena = arena_new();
	const bool ok = !*value || http_url_parse(arena, value, &url);
	arena_free(arena);
	return ok;
}

static bool is_anything(const char *value)
{
	(void)value;
	return true;
}

/* They would end a header or a line of the log. */
static bool has_control_characters(const char *value)
{
	for (; *value; value++)
		if (iscntrl((unsigned char)*value) && *value != '\t')
			return true;
	return false;
}

/* Whether a PEM file can be read is asked by config_check_files(). */
static const struct {
	bool (*is_good)(const char *value);
	const char *allowed;
} text_rules[] = {
	[TEXT] = { is_anything, NULL },
	[SECRET] = { is_anything, NULL },
	[KEY] = { is_key, "64 hex digits" },
	[KEYS] = { are_keys, "keys of 64 hex digits each, separated by commas" },
	[ADDRESS] = { is_address, "HOST:PORT, [IPv6]:PORT or :PORT" },
	[PORTS] = { ports_are_good, "ports, like 80, 1024-65535" },
	[NAME_SERVERS] = { are_name_servers, "addresses, like 192.0.2.53, [2001:db8::53]:53" },
	[RANGES] = { address_ranges_are_good, "address ranges, like 10.0.0.0/8, fd00::/8" },
	[URL] = { is_base_url, "an http or https URL without query" },
	[LOCATION] = { is_location, "an absolute http or https URL" },
	[FORMS] = { certificate_forms_are_good,
		"names of a certificate with {oui}, {product_class}, {serial} or {mac} in each" },
	[PEM] = { is_anything, NULL },
};

static bool set_text(const struct source *source, const struct setting *setting, const char *value)
{
	char **text = config_field(source->config, setting);
	size_t length = strlen(value);
	if (setting->choices && !set_choice(source, setting, value))
		return false;
	if (has_control_characters(value))
		return refuse(source, setting, "without control characters");
	if (!text_rules[setting->type].is_good(value))
		return refuse(source, setting, text_rules[setting->type].allowed);
	/* Paths that begin with a slash are appended. */
	while (setting->type == URL && length && value[length - 1] == '/')
		length--;
	free(*text);
	*text = strndup(value, length);
	return true;
}

bool config_set(const struct source *source, const struct setting *setting, const char *value)
{
	switch (setting->type) {
	case NUMBER:
	case BYTES:
		return set_number(source, setting, value);
	case BOOLEAN:
		return set_boolean(source, setting, value);
	case CHOICE:
		return set_choice(source, setting, value);
	default:
		return set_text(source, setting, value);
	}
}

void config_copy(struct config *to, const struct config *from, const struct setting *setting)
{
	static const size_t sizes[] = {
		[NUMBER] = sizeof(unsigned),
		[BYTES] = sizeof(uint64_t),
		[BOOLEAN] = sizeof(bool),
		[CHOICE] = sizeof(unsigned),
	};
	const void *value = (const char *)from + setting->offset;
	char **text = config_field(to, setting);
	if (!config_is_text(setting)) {
		memcpy(text, value, sizes[setting->type]);
		return;
	}
	free(*text);
	*text = strdup(*(char *const *)value);
}
