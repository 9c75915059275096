/* Fuzzes the Cookie header as the server reads it. */
#include "fuzz.h"
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	char *text = fuzz_text(bytes, length);
	const char *value = http_cookie(arena, text, "acs-session");
	HOLDS(!value || !strpbrk(value, "\";, \t"));
	free(text);
	arena_free(arena);
	return 0;
}
