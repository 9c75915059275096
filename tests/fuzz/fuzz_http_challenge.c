/* Fuzzes the WWW-Authenticate headers, one a line: what the client answers the server must
 * understand. */
#include "fuzz.h"
#include "http/digest.h"
#include "http/http.h"

enum { HEADERS_MAX = 8 };

static void answer(struct arena *arena, struct http_challenge *challenge)
{
	struct http_authorization authorization;
	for (int use = 0; use < 2; use++) {
		const char *value = http_challenge_answer(
			arena, challenge, "POST", "/cwmp?a=1", "us\"er", "pass:word");
		HOLDS(value);
		HOLDS(http_authorization_parse(arena, value, &authorization));
		HOLDS(authorization.scheme == HTTP_AUTH_DIGEST ||
			authorization.scheme == HTTP_AUTH_BASIC);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct http_header headers[HEADERS_MAX];
	size_t count = 0;
	char *text = fuzz_text(bytes, length), *rest = text;
	for (char *line; count < HEADERS_MAX && (line = strsep(&rest, "\n"));)
		headers[count++] = (struct http_header){ "WWW-Authenticate", line };
	struct http_challenge *challenge = http_challenge_choose(arena, headers, count, true);
	if (challenge)
		answer(arena, challenge);
	free(text);
	arena_free(arena);
	return 0;
}
