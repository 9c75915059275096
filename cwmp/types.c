/* types: the simple types of XML Schema as devices spell them, and what is lexically one of them.
 * Only the types that TR-106 3.2 uses have their values checked. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "cwmp/cwmp.h"

/* The largest value that fits, for each sign. */
struct bounds {
	unsigned long long negative, positive;
};

static bool accepts_number(const char *value, const struct bounds *bounds)
{
	bool is_negative = *value == '-';
	if (*value == '-' || *value == '+')
		value++;
	if (!*value || value[strspn(value, "0123456789")] != '\0')
		return false;
	errno = 0;
	unsigned long long number = strtoull(value, NULL, 10);
	return errno == 0 && number <= (is_negative ? bounds->negative : bounds->positive);
}

static bool accepts_boolean(const char *value, const struct bounds *bounds)
{
	static const char *const words[] = { "0", "1", "true", "false" };
	(void)bounds;
	for (size_t i = 0; i < LENGTH_OF(words); i++) {
		if (strcmp(words[i], value) == 0)
			return true;
	}
	return false;
}

/* Matches value with a pattern in which 9 is any digit; the rest of value, NULL if it differs. */
static const char *match_digits(const char *value, const char *pattern)
{
	for (; *pattern; pattern++, value++) {
		bool fits = *pattern == '9' ? isdigit((unsigned char)*value) : *pattern == *value;
		if (!fits)
			return NULL;
	}
	return value;
}

static int two_digits(const char *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Year 0000 is not in the lexical space of XML Schema 1.0, and months have their lengths. */
static bool is_date(const char *date)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = two_digits(date) * 100 + two_digits(date + 2);
	int month = two_digits(date + 5), day = two_digits(date + 8);
	if (year == 0 || month < 1 || month > 12 || day < 1)
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (month == 2 && is_leap);
}

static bool is_time(const char *time)
{
	int hour = two_digits(time), minute = two_digits(time + 3), second = two_digits(time + 6);
	return (hour < 24 && minute < 60 && second < 60) ||
	       (hour == 24 && minute == 0 && second == 0);
}

static bool is_zone(const char *zone)
{
	if (!*zone || strcmp(zone, "Z") == 0)
		return true;
	const char *end = match_digits(zone + 1, "99:99");
	return (*zone == '+' || *zone == '-') && end && !*end && two_digits(zone + 1) <= 14 &&
	       two_digits(zone + 4) < 60;
}

static bool accepts_date_time(const char *value, const struct bounds *bounds)
{
	(void)bounds;
	const char *rest = match_digits(value, "9999-99-99T99:99:99");
	if (!rest || !is_date(value) || !is_time(value + strlen("9999-99-99T")))
		return false;
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");
		if (digits == 0)
			return false;
		rest += 1 + digits;
	}
	return is_zone(rest);
}

static bool accepts_base64(const char *value, const struct bounds *bounds)
{
	(void)bounds;
	size_t characters = 0, padding = 0;
	for (; *value; value++) {
		if (isspace((unsigned char)*value))
			continue;
		bool is_padding = *value == '=';
		bool is_digit = isalnum((unsigned char)*value) || *value == '+' || *value == '/';
		if (!is_padding && (!is_digit || padding > 0))
			return false;
		characters++;
		padding += is_padding;
	}
	return characters % 4 == 0 && padding <= 2;
}

static bool accepts_hex(const char *value, const struct bounds *bounds)
{
	(void)bounds;
	size_t digits = strspn(value, "0123456789abcdefABCDEF");
	return value[digits] == '\0' && digits % 2 == 0;
}

static const struct type {
	const char *name;
	const char *alias; /* SOAP encoding's, or NULL */
	bool (*accepts)(const char *value, const struct bounds *bounds); /* NULL: every text */
	struct bounds bounds;
} types[] = {
	{ .name = "xsd:string" },
	{ .name = "xsd:boolean", .accepts = accepts_boolean },
	{ .name = "xsd:unsignedInt", .accepts = accepts_number, .bounds = { 0, UINT32_MAX } },
	{ .name = "xsd:int", .accepts = accepts_number, .bounds = { 1ull << 31, INT32_MAX } },
	{ .name = "xsd:dateTime", .accepts = accepts_date_time },
	{ .name = "xsd:unsignedLong", .accepts = accepts_number, .bounds = { 0, UINT64_MAX } },
	{ .name = "xsd:long", .accepts = accepts_number, .bounds = { 1ull << 63, INT64_MAX } },
	{ .name = "xsd:base64Binary", .alias = "base64", .accepts = accepts_base64 },
	{ .name = "xsd:hexBinary", .accepts = accepts_hex },
	{ .name = "xsd:unsignedShort", .accepts = accepts_number, .bounds = { 0, UINT16_MAX } },
	{ .name = "xsd:short", .accepts = accepts_number, .bounds = { 1ull << 15, INT16_MAX } },
	{ .name = "xsd:unsignedByte", .accepts = accepts_number, .bounds = { 0, UINT8_MAX } },
	{ .name = "xsd:byte", .accepts = accepts_number, .bounds = { 1ull << 7, INT8_MAX } },
	{ .name = "xsd:integer" },
	{ .name = "xsd:nonNegativeInteger" },
	{ .name = "xsd:positiveInteger" },
	{ .name = "xsd:decimal" },
	{ .name = "xsd:float" },
	{ .name = "xsd:double" },
	{ .name = "xsd:date" },
	{ .name = "xsd:time" },
	{ .name = "xsd:duration" },
	{ .name = "xsd:anyURI" },
	{ .name = "xsd:token" },
	{ .name = "xsd:normalizedString" },
	{ .name = "xsd:anySimpleType" },
};

/* "string" of " xs:string(64)" */
static const char *local_type_name(const char *type, size_t *length)
{
	const char *colon = strrchr(type, ':');
	bool is_range = colon && memchr(type, '[', (size_t)(colon - type)); /* int[0:10] */
	const char *name = colon && !is_range ? colon + 1 : type;
	name += strspn(name, " \t\r\n");
	*length = strcspn(name, " \t\r\n([");
	return name;
}

static bool is_named(const char *known, const char *name, size_t length)
{
	return known && strlen(known) == length && strncasecmp(known, name, length) == 0;
}

static const struct type *find_type(const char *type)
{
	size_t length;
	const char *name = local_type_name(type, &length);
	for (size_t i = 0; i < LENGTH_OF(types); i++) {
		if (is_named(types[i].name + strlen("xsd:"), name, length) ||
			is_named(types[i].alias, name, length))
			return &types[i];
	}
	return NULL;
}

const char *cwmp_type_normalise(const char *type)
{
	const struct type *known = type ? find_type(type) : NULL;
	return known ? known->name : NULL;
}

bool cwmp_type_accepts(const char *type, const char *value)
{
	const struct type *known = type ? find_type(type) : NULL;
	return !known || !known->accepts || known->accepts(value, &known->bounds);
}
