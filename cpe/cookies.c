/* cookies: what one CWMP session carries back to its ACS (RFC 6265, as far as it matters).
 * They live as long as the session, so expiry is looked at only where it deletes. */
#include "cpe/cookies.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"

/* "; Max-Age=0" or less: the server takes the cookie back. */
static bool is_deletion(const char *attributes)
{
	for (const char *at = attributes; (at = strchr(at, ';'));) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, "Max-Age=", 8) == 0)
			return strtol(at + 8, NULL, 10) <= 0;
	}
	return false;
}

static void remove_cookie(struct cookies *cookies, const char *authority, const char *name)
{
	size_t kept = 0;
	for (size_t i = 0; i < cookies->count; i++) {
		const struct cookie *cookie = &cookies->items[i];
		if (strcmp(cookie->authority, authority) != 0 || strcmp(cookie->name, name) != 0)
			cookies->items[kept++] = *cookie;
	}
	cookies->count = kept;
}

static void store_one(
	struct cookies *cookies, struct arena *arena, const char *authority, const char *text)
{
	const size_t length = strcspn(text, ";");
	const char *equals = memchr(text, '=', length);
	if (!equals || equals == text || length > COOKIE_BYTES_MAX)
		return;
	const char *name = arena_strndup(arena, text, (size_t)(equals - text));
	remove_cookie(cookies, authority, name);
	if (is_deletion(text + length) || cookies->count == COOKIES_MAX)
		return;
	cookies->items[cookies->count++] = (struct cookie){
		.authority = arena_strdup(arena, authority),
		.name = name,
		.value = arena_strndup(arena, equals + 1, (size_t)(text + length - equals - 1)),
	};
}

void cookies_store(struct cookies *cookies, struct arena *arena, const char *authority,
	const struct http_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(headers[i].name, "Set-Cookie") == 0)
			store_one(cookies, arena, authority, headers[i].value);
}

const char *cookies_text(const struct cookies *cookies, struct arena *arena, const char *authority)
{
	struct buffer text = { 0 };
	for (size_t i = 0; i < cookies->count; i++) {
		const struct cookie *cookie = &cookies->items[i];
		if (strcmp(cookie->authority, authority) == 0)
			buffer_printf(&text, "%s%s=%s", text.length ? "; " : "", cookie->name,
				cookie->value);
	}
	const char *result = text.length ? arena_strndup(arena, text.data, text.length) : NULL;
	buffer_clear(&text);
	return result;
}
