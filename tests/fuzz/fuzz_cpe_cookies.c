/* Fuzzes Set-Cookie headers, one a line: what the agent returns is one line, and bounded. */
#include "cpe/session/cookies.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct cookies cookies = { 0 };
	char *text = fuzz_text(bytes, length), *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		const struct http_header header = { "Set-Cookie", line };
		cookies_store(&cookies, arena, "acs.example", &header, 1);
	}
	const char *sent = cookies_text(&cookies, arena, "acs.example", "/");
	HOLDS(cookies.count <= COOKIES_MAX);
	HOLDS(!sent || cookies.count > 0);
	HOLDS(!sent ||
		(!strchr(sent, '\n') && strlen(sent) <= COOKIES_MAX * (COOKIE_BYTES_MAX + 2)));
	HOLDS(!cookies_text(&cookies, arena, "other.example", "/"));
	free(text);
	arena_free(arena);
	return 0;
}
