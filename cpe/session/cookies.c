/* cookies: what one CWMP session carries back to its ACS (RFC 6265, as far as it matters).
 * They live as long as the session, so expiry is looked at only where it deletes. */
#include "cpe/session/cookies.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"

/* What follows "; name=" among the attributes, NULL without it. */
static const char *attribute(const char *attributes, const char *name)
{
	const size_t length = strlen(name);
	for (const char *at = attributes; (at = strchr(at, ';'));) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

/* "; Max-Age=0" or less: the server takes the cookie back. */
static bool is_deletion(const char *attributes)
{
	const char *age = attribute(attributes, "Max-Age");
	return age && strtol(age, NULL, 10) <= 0;
}

static const char *path_of(struct arena *arena, const char *attributes)
{
	const char *path = attribute(attributes, "Path");
	if (!path || *path != '/')
		return "/";
	return arena_strndup(arena, path, strcspn(path, "; \t"));
}

/* RFC 6265, 5.1.4: whole segments from the start. */
static bool is_below(const char *target, const char *path)
{
	const size_t length = strlen(path);
	return strncmp(target, path, length) == 0 &&
	       (path[length - 1] == '/' || strchr("/?", target[length]) || !target[length]);
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
		.path = path_of(arena, text + length),
	};
}

void cookies_store(struct cookies *cookies, struct arena *arena, const char *authority,
	const struct http_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(headers[i].name, "Set-Cookie") == 0)
			store_one(cookies, arena, authority, headers[i].value);
}

const char *cookies_text(const struct cookies *cookies, struct arena *arena, const char *authority,
	const char *target)
{
	struct buffer text = { 0 };
	for (size_t i = 0; i < cookies->count; i++) {
		const struct cookie *cookie = &cookies->items[i];
		if (strcmp(cookie->authority, authority) == 0 && is_below(target, cookie->path))
			buffer_printf(&text, "%s%s=%s", text.length ? "; " : "", cookie->name,
				cookie->value);
	}
	const char *result = text.length ? arena_strndup(arena, text.data, text.length) : NULL;
	buffer_clear(&text);
	return result;
}
