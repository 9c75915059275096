/* url: RFC 3986 as far as http and https URLs need it.
 * What a device or an operator wrote is refused rather than repaired. */
#include "http/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "base/crypto.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443, LONGEST_HOST = 253 };

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

static const char *skip_scheme(const char *text, bool *is_https)
{
	static const struct {
		const char *prefix;
		bool is_https;
	} schemes[] = { { "http://", false }, { "https://", true } };

	for (size_t i = 0; i < LENGTH_OF(schemes); i++) {
		const size_t length = strlen(schemes[i].prefix);
		if (strncasecmp(text, schemes[i].prefix, length) == 0) {
			*is_https = schemes[i].is_https;
			return text + length;
		}
	}
	return NULL;
}

static bool is_host_name(const char *host)
{
	const size_t length = strlen(host);
	if (length == 0 || length > LONGEST_HOST)
		return false;
	for (; *host; host++) {
		if (!isalnum((unsigned char)*host) && !strchr("-._", *host))
			return false;
	}
	return true;
}

static bool is_ipv6(const char *host)
{
	struct in6_addr address;
	return inet_pton(AF_INET6, host, &address) == 1;
}

/* An empty port means the scheme's own (RFC 3986, 3.2.3). */
static bool parse_port(const char *text, const char *end, uint16_t *port)
{
	unsigned value = 0;
	if (text == end)
		return true;
	for (; text < end; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		value = value * 10 + (unsigned)(*text - '0');
		if (value > UINT16_MAX)
			return false;
	}
	*port = (uint16_t)value;
	return value != 0;
}

/* Where the host ends inside [start, end): behind the bracket or before the colon. */
static const char *end_of_host(const char *start, const char *end)
{
	const size_t length = (size_t)(end - start);
	if (length && *start == '[') {
		const char *bracket = memchr(start, ']', length);
		return bracket ? bracket + 1 : NULL;
	}
	const char *colon = memchr(start, ':', length);
	return colon ? colon : end;
}

static bool parse_authority(
	struct arena *arena, const char *start, const char *end, struct http_url *url)
{
	const uint16_t default_port = url->is_https ? HTTPS_PORT : HTTP_PORT;
	const char *host_end = end_of_host(start, end);
	if (!host_end || memchr(start, '@', (size_t)(end - start)))
		return false;
	if (host_end < end && *host_end != ':')
		return false;
	url->port = default_port;
	if (host_end < end && !parse_port(host_end + 1, end, &url->port))
		return false;

	const char *as_written = arena_strndup(arena, start, (size_t)(host_end - start));
	const bool has_brackets = *as_written == '[';
	url->host = has_brackets ? arena_strndup(arena, start + 1, (size_t)(host_end - start) - 2)
				 : as_written;
	url->authority = url->port == default_port
				 ? as_written
				 : arena_printf(arena, "%s:%u", as_written, (unsigned)url->port);
	return has_brackets ? is_ipv6(url->host) : is_host_name(url->host);
}

bool http_url_parse(struct arena *arena, const char *text, struct http_url *url)
{
	*url = (struct http_url){ 0 };
	const char *start = text && is_printable(text) ? skip_scheme(text, &url->is_https) : NULL;
	if (!start)
		return false;
	const char *end = start + strcspn(start, "/?#");
	if (!parse_authority(arena, start, end, url))
		return false;
	const char *target = arena_strndup(arena, end, strcspn(end, "#"));
	url->target = *target == '/' ? target : arena_printf(arena, "/%s", target);
	return true;
}

/* Drops the last segment of what was written so far, with the slash in front of it. */
static char *drop_segment(char *start, char *out)
{
	while (out > start && *--out != '/')
		;
	return out;
}

/* "." and ".." taken out of a path that begins with a slash (RFC 3986, 5.2.4), in place; the
 * query is left alone. */
static void remove_dot_segments(char *path)
{
	char *out = path;
	const char *in = path;
	while (*in == '/') {
		const size_t length = 1 + strcspn(in + 1, "/?");
		const bool is_last = in[length] != '/';
		if (length == 2 && in[1] == '.') {
			if (is_last)
				*out++ = '/';
		} else if (length == 3 && in[1] == '.' && in[2] == '.') {
			out = drop_segment(path, out);
			if (is_last)
				*out++ = '/';
		} else {
			memmove(out, in, length);
			out += length;
		}
		in += length;
	}
	memmove(out, in, strlen(in) + 1);
}

/* The target of a reference without scheme and authority. */
static char *resolve_target(struct arena *arena, const char *base, const char *location)
{
	const size_t path = strcspn(base, "?");
	if (*location == '/')
		return arena_strdup(arena, location);
	if (*location == '\0' || *location == '#')
		return arena_strdup(arena, base);
	if (*location == '?')
		return arena_printf(arena, "%.*s%s", (int)path, base, location);
	size_t folder = path;
	while (folder > 0 && base[folder - 1] != '/')
		folder--;
	return arena_printf(arena, "%.*s%s", (int)folder, base, location);
}

static bool has_scheme(const char *location)
{
	const size_t length = strcspn(location, ":/?#");
	return length > 0 && location[length] == ':';
}

char *http_url_resolve(struct arena *arena, const struct http_url *base, const char *location)
{
	const char *scheme = base->is_https ? "https:" : "http:";
	char *text;
	if (!is_printable(location))
		return NULL;
	if (has_scheme(location)) {
		text = arena_strdup(arena, location);
	} else if (strncmp(location, "//", 2) == 0) {
		text = arena_printf(arena, "%s%s", scheme, location);
	} else {
		char *target = resolve_target(arena, base->target, location);
		target[strcspn(target, "#")] = '\0';
		remove_dot_segments(target);
		text = arena_printf(arena, "%s//%s%s", scheme, base->authority, target);
	}
	struct http_url checked;
	return http_url_parse(arena, text, &checked) ? text : NULL;
}

char *http_percent_encode(struct arena *arena, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *encoded = arena_alloc(arena, strlen(text) * 3 + 1), *out = encoded;
	for (; *text; text++) {
		const unsigned char byte = (unsigned char)*text;
		if (byte < 0x80 && (isalnum(byte) || strchr("_.~-", byte))) {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '%';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	return encoded;
}

static char *decode(struct arena *arena, const char *text, size_t length, bool plus_is_blank)
{
	char *decoded = arena_alloc(arena, length + 1), *out = decoded;
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '%') {
			*out = text[i];
			if (plus_is_blank && *out == '+')
				*out = ' ';
			out++;
			continue;
		}
		if (length - i < 3)
			return NULL;
		const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return NULL;
		*out++ = (char)(high << 4 | low);
		i += 2;
	}
	return decoded;
}

char *http_percent_decode(struct arena *arena, const char *text)
{
	return decode(arena, text, strlen(text), false);
}

char *http_query_value(struct arena *arena, const char *query, const char *name)
{
	while (*query) {
		const size_t pair = strcspn(query, "&");
		const char *equals = memchr(query, '=', pair);
		const size_t key_length = equals ? (size_t)(equals - query) : pair;
		const char *key = decode(arena, query, key_length, true);
		if (key && strcmp(key, name) == 0) {
			const size_t skip = equals ? key_length + 1 : pair;
			return decode(arena, query + skip, pair - skip, true);
		}
		query += pair + (query[pair] == '&');
	}
	return NULL;
}
