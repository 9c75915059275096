/* challenge: the client's half of HTTP authentication: choose a challenge, answer it.
 * A chosen challenge answers many requests, each with the next nonce count. */
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "http/auth_params.h"
#include "http/digest.h"
#include "http/http.h"

enum { CNONCE_CHARACTERS = 16, MOST_ITEMS = 64 };

struct http_challenge {
	enum http_auth_scheme scheme;
	const char *realm, *nonce, *opaque, *qop, *algorithm_name; /* as received, or NULL */
	enum digest_algorithm algorithm;
	bool is_session;
	bool is_malformed;
	const char *
		cnonce; /* one for the challenge's life: the -sess forms are defined by the first */
	unsigned nonce_count;
};

static const struct auth_field challenge_fields[] = {
	{ "realm", offsetof(struct http_challenge, realm) },
	{ "nonce", offsetof(struct http_challenge, nonce) },
	{ "opaque", offsetof(struct http_challenge, opaque) },
	{ "qop", offsetof(struct http_challenge, qop) },
	{ "algorithm", offsetof(struct http_challenge, algorithm_name) },
};

static bool offers_auth(const char *qop)
{
	while (*qop) {
		qop += strspn(qop, ", \t");
		const size_t length = strcspn(qop, ", \t");
		if (length == strlen("auth") && strncasecmp(qop, "auth", length) == 0)
			return true;
		qop += length;
	}
	return false;
}

/* The higher the better; 0 for one that cannot be answered. */
static int strength(struct http_challenge *challenge, bool allow_basic)
{
	if (challenge->is_malformed)
		return 0;
	if (challenge->scheme == HTTP_AUTH_BASIC)
		return allow_basic ? 1 : 0;
	if (challenge->scheme != HTTP_AUTH_DIGEST || !challenge->realm || !challenge->nonce)
		return 0;
	if (challenge->qop && !offers_auth(challenge->qop))
		return 0;
	if (!auth_algorithm(
		    challenge->algorithm_name, &challenge->algorithm, &challenge->is_session))
		return 0;
	return challenge->algorithm == DIGEST_SHA256 ? 3 : 2;
}

static enum http_auth_scheme scheme_of(const char *name)
{
	if (strcasecmp(name, "Digest") == 0)
		return HTTP_AUTH_DIGEST;
	return strcasecmp(name, "Basic") == 0 ? HTTP_AUTH_BASIC : HTTP_AUTH_OTHER;
}

struct choice {
	struct http_challenge best;
	int strength;
	bool allow_basic;
};

static void consider(struct choice *choice, struct http_challenge *challenge)
{
	const int found = strength(challenge, choice->allow_basic);
	if (found <= choice->strength)
		return;
	choice->best = *challenge;
	choice->strength = found;
}

/* One header may carry several challenges, and several headers one each. */
static void read_challenges(struct arena *arena, const char *text, struct choice *choice)
{
	struct http_challenge current = { .scheme = HTTP_AUTH_NONE };
	for (unsigned i = 0; i < MOST_ITEMS; i++) {
		struct auth_token token;
		const enum auth_item item = auth_next(arena, &text, &token);
		if (item == AUTH_PARAM) {
			if (!auth_store(challenge_fields, LENGTH_OF(challenge_fields), &current,
				    &token))
				current.is_malformed = true;
			continue;
		}
		if (item == AUTH_BAD)
			return;
		consider(choice, &current);
		if (item == AUTH_END)
			return;
		current = (struct http_challenge){ .scheme = scheme_of(token.name) };
	}
}

struct http_challenge *http_challenge_choose(
	struct arena *arena, const struct http_header *headers, size_t count, bool allow_basic)
{
	struct choice choice = { .allow_basic = allow_basic };
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(headers[i].name, "WWW-Authenticate") == 0)
			read_challenges(arena, headers[i].value, &choice);
	}
	if (!choice.strength)
		return NULL;
	choice.best.cnonce = random_text(arena, CNONCE_CHARACTERS);
	return arena_memdup(arena, &choice.best, sizeof(choice.best));
}

static char *answer_basic(struct arena *arena, const char *username, const char *password)
{
	const char *pair = arena_printf(arena, "%s:%s", username, password);
	return arena_printf(arena, "Basic %s", base64_encode(arena, pair, strlen(pair)));
}

/* ", name=value", or nothing without a value. */
static const char *optional(struct arena *arena, const char *name, const char *value)
{
	return value ? arena_printf(arena, ", %s=%s", name, value) : "";
}

char *http_challenge_answer(struct arena *arena, struct http_challenge *challenge,
	const char *method, const char *target, const char *username, const char *password)
{
	if (challenge->scheme == HTTP_AUTH_BASIC)
		return answer_basic(arena, username, password);
	const bool sends_cnonce = challenge->qop || challenge->is_session;
	const struct http_authorization a = {
		.scheme = HTTP_AUTH_DIGEST,
		.nonce = challenge->nonce,
		.uri = target,
		.algorithm = challenge->algorithm,
		.is_session = challenge->is_session,
		.qop = challenge->qop ? "auth" : NULL,
		.nc = challenge->qop ? arena_printf(arena, "%08x", ++challenge->nonce_count) : NULL,
		.cnonce = sends_cnonce ? challenge->cnonce : NULL,
	};
	const char *ha1 = digest_ha1(arena, a.algorithm, username, challenge->realm, password);
	return arena_printf(arena,
		"Digest username=%s, realm=%s, nonce=%s, uri=%s, response=\"%s\"%s%s%s%s%s",
		auth_quote(arena, username), auth_quote(arena, challenge->realm),
		auth_quote(arena, challenge->nonce), auth_quote(arena, target),
		digest_response(arena, &a, ha1, method),
		optional(arena, "algorithm", challenge->algorithm_name),
		optional(arena, "qop", a.qop), optional(arena, "nc", a.nc),
		optional(arena, "cnonce", a.cnonce ? auth_quote(arena, a.cnonce) : NULL),
		optional(arena, "opaque",
			challenge->opaque ? auth_quote(arena, challenge->opaque) : NULL));
}
