/* Fuzzes what hides secrets in devices' words: what is hidden in a text stays so when it is hidden again. */
#include "fuzz.h"
#include "rpc/secrets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	char *text = fuzz_text(bytes, length);
	const char *shown = secrets_text(arena, text);
	HOLDS(strcmp(shown, secrets_text(arena, shown)) == 0);
	shown = secrets_value(arena, text);
	HOLDS(strcmp(shown, secrets_value(arena, shown)) == 0);
	secrets_xml(arena, text, "Code");
	free(text);
	arena_free(arena);
	return 0;
}
