/* Fuzzes URLs, escapes, queries and media types: all that is text within HTTP's headers. */
#include "fuzz.h"
#include "http/http.h"
#include "http/url.h"

static void resolve(struct arena *arena, const struct http_url *base, const char *location)
{
	struct http_url url;
	const char *resolved = http_url_resolve(arena, base, location);
	HOLDS(!resolved || http_url_parse(arena, resolved, &url));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	char *text = fuzz_text(bytes, length);
	struct http_url url;
	HOLDS(http_url_parse(arena, "http://host.example:81/a/b?c", &url));
	resolve(arena, &url, text);
	if (http_url_parse(arena, text, &url))
		resolve(arena, &url, "../x?y");
	const char *decoded = http_percent_decode(arena, http_percent_encode(arena, text));
	HOLDS(decoded && strcmp(decoded, text) == 0);
	http_percent_decode(arena, text);
	http_query_value(arena, text, "name");
	http_charset(arena, text);
	free(text);
	arena_free(arena);
	return 0;
}
