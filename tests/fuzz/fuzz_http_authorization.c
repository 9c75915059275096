/* Fuzzes the Authorization header: what was taken apart must bear being checked. */
#include "fuzz.h"
#include "http/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t key[32];
	struct arena *arena = arena_new();
	char *text = fuzz_text(bytes, length);
	struct http_authorization authorization;
	if (http_authorization_parse(arena, text, &authorization) &&
		authorization.scheme == HTTP_AUTH_DIGEST) {
		char *ha1 = digest_ha1(arena, authorization.algorithm, "user", "realm", "password");
		HOLDS(!digest_matches(arena, &authorization, ha1, "POST"));
		if (authorization.nonce)
			HOLDS(digest_nonce_check(key, authorization.nonce, 1000000000, 60) ==
				NONCE_FOREIGN);
	}
	free(text);
	arena_free(arena);
	return 0;
}
