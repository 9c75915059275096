/* digest: the server's half of HTTP authentication, and the arithmetic of both halves.
 * A nonce is hex of time (8 bytes), random (8) and the first 12 bytes of an HMAC over both. */
#include "http/digest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "http/auth_params.h"

enum { TIME_BYTES = 8, RANDOM_BYTES = 8, PROOF_BYTES = 12 };
enum { SIGNED_BYTES = TIME_BYTES + RANDOM_BYTES, NONCE_BYTES = SIGNED_BYTES + PROOF_BYTES };
enum { MOST_PARAMS = 32 };

/* What a Digest Authorization header carries; the algorithm is read from its text. */
struct digest_params {
	const char *username, *realm, *nonce, *uri, *response, *cnonce, *nc, *qop, *opaque,
		*algorithm;
};

#define FIELD(member) \
	{ \
#member, offsetof(struct digest_params, member) \
	}
static const struct auth_field digest_fields[] = {
	FIELD(username),
	FIELD(realm),
	FIELD(nonce),
	FIELD(uri),
	FIELD(response),
	FIELD(cnonce),
	FIELD(nc),
	FIELD(qop),
	FIELD(opaque),
	FIELD(algorithm),
};
#undef FIELD

static bool read_digest_params(struct arena *arena, const char *text, struct digest_params *params)
{
	for (unsigned i = 0; i <= MOST_PARAMS; i++) {
		struct auth_token token;
		const enum auth_item item = auth_next(arena, &text, &token);
		if (item == AUTH_END)
			return true;
		if (item != AUTH_PARAM)
			return false;
		if (!auth_store(digest_fields, LENGTH_OF(digest_fields), params, &token))
			return false;
	}
	return false;
}

static bool parse_digest(struct arena *arena, const char *text, struct http_authorization *out)
{
	struct digest_params p = { 0 };
	if (!read_digest_params(arena, text, &p))
		return false;
	out->username = p.username;
	out->realm = p.realm;
	out->nonce = p.nonce;
	out->uri = p.uri;
	out->response = p.response;
	out->cnonce = p.cnonce;
	out->nc = p.nc;
	out->qop = p.qop;
	out->opaque = p.opaque;
	return auth_algorithm(p.algorithm, &out->algorithm, &out->is_session);
}

static bool parse_basic(struct arena *arena, const char *text, struct http_authorization *out)
{
	size_t length;
	char *decoded = base64_decode(arena, text, &length);
	if (!decoded || strlen(decoded) != length)
		return false;
	char *colon = strchr(decoded, ':');
	if (!colon)
		return false;
	*colon = '\0';
	out->username = decoded;
	out->password = colon + 1;
	return true;
}

static bool parse_bearer(struct arena *arena, const char *text, struct http_authorization *out)
{
	(void)arena;
	out->token = text;
	return *text != '\0';
}

static bool parse_other(struct arena *arena, const char *text, struct http_authorization *out)
{
	(void)arena, (void)text, (void)out;
	return true;
}

static const struct scheme {
	const char *name;
	enum http_auth_scheme scheme;
	bool (*parse)(struct arena *arena, const char *text, struct http_authorization *out);
} schemes[] = {
	{ "Digest", HTTP_AUTH_DIGEST, parse_digest },
	{ "Basic", HTTP_AUTH_BASIC, parse_basic },
	{ "Bearer", HTTP_AUTH_BEARER, parse_bearer },
};
static const struct scheme other_scheme = { "", HTTP_AUTH_OTHER, parse_other };

static const struct scheme *find_scheme(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(schemes); i++) {
		if (strcasecmp(name, schemes[i].name) == 0)
			return &schemes[i];
	}
	return &other_scheme;
}

static char *trimmed(struct arena *arena, const char *text)
{
	text += strspn(text, " \t");
	size_t length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		length--;
	return arena_strndup(arena, text, length);
}

bool http_authorization_parse(
	struct arena *arena, const char *value, struct http_authorization *out)
{
	*out = (struct http_authorization){ .scheme = HTTP_AUTH_NONE };
	if (!value)
		return true;
	const char *text = trimmed(arena, value);
	const size_t length = strcspn(text, " \t");
	const struct scheme *scheme = find_scheme(arena_strndup(arena, text, length));
	if (length == 0)
		return false;
	out->scheme = scheme->scheme;
	return scheme->parse(arena, trimmed(arena, text + length), out);
}

char *digest_hash(struct arena *arena, enum digest_algorithm algorithm, const char *text)
{
	char *hex = arena_alloc(arena, SHA256_HEX_BYTES);
	if (algorithm == DIGEST_SHA256)
		sha256_hex(text, strlen(text), hex);
	else
		md5_hex(text, strlen(text), hex);
	return hex;
}

char *digest_ha1(struct arena *arena, enum digest_algorithm algorithm, const char *username,
	const char *realm, const char *password)
{
	return digest_hash(
		arena, algorithm, arena_printf(arena, "%s:%s:%s", username, realm, password));
}

static void prove(
	const uint8_t key[32], const uint8_t nonce[NONCE_BYTES], uint8_t proof[PROOF_BYTES])
{
	uint8_t mac[SHA256_BYTES];
	hmac_sha256(key, 32, nonce, SIGNED_BYTES, mac);
	memcpy(proof, mac, PROOF_BYTES);
}

char *digest_nonce(struct arena *arena, const uint8_t key[32], time_t now)
{
	uint8_t nonce[NONCE_BYTES];
	for (int i = 0; i < TIME_BYTES; i++)
		nonce[i] = (uint8_t)((uint64_t)now >> (8 * (TIME_BYTES - 1 - i)));
	random_bytes(nonce + TIME_BYTES, RANDOM_BYTES);
	prove(key, nonce, nonce + SIGNED_BYTES);
	char *hex = arena_alloc(arena, 2 * NONCE_BYTES + 1);
	hex_encode(nonce, NONCE_BYTES, hex);
	return hex;
}

static uint64_t time_of(const uint8_t nonce[NONCE_BYTES])
{
	uint64_t made = 0;
	for (int i = 0; i < TIME_BYTES; i++)
		made = made << 8 | nonce[i];
	return made;
}

uint64_t digest_nonce_made(const char *nonce)
{
	uint8_t bytes[NONCE_BYTES];
	return hex_decode(nonce, bytes, NONCE_BYTES) ? time_of(bytes) : 0;
}

/* Clocks of several nodes differ, so a nonce from the near future counts as fresh, too. */
enum digest_nonce_state digest_nonce_check(
	const uint8_t key[32], const char *nonce, time_t now, unsigned life_seconds)
{
	uint8_t bytes[NONCE_BYTES], proof[PROOF_BYTES];
	if (!hex_decode(nonce, bytes, NONCE_BYTES))
		return NONCE_FOREIGN;
	prove(key, bytes, proof);
	if (!equal_in_constant_time(proof, PROOF_BYTES, bytes + SIGNED_BYTES, PROOF_BYTES))
		return NONCE_FOREIGN;
	const uint64_t at = (uint64_t)now, made = time_of(bytes);
	const uint64_t apart = at > made ? at - made : made - at;
	return apart <= life_seconds ? NONCE_FRESH : NONCE_STALE;
}

char *digest_challenge(struct arena *arena, const char *realm, const char *nonce,
	enum digest_algorithm algorithm, bool is_stale)
{
	return arena_printf(arena, "Digest realm=%s, qop=\"auth\", algorithm=%s, nonce=\"%s\"%s",
		auth_quote(arena, realm), auth_algorithm_name(algorithm, false), nonce,
		is_stale ? ", stale=true" : "");
}

char *digest_response(struct arena *arena, const struct http_authorization *a, const char *ha1,
	const char *method)
{
	if (a->is_session && !a->cnonce)
		return NULL;
	if (a->is_session)
		ha1 = digest_hash(arena, a->algorithm,
			arena_printf(arena, "%s:%s:%s", ha1, a->nonce, a->cnonce));
	const char *ha2 = digest_hash(
		arena, a->algorithm, arena_printf(arena, "%s:%s", method, a->uri));
	if (!a->qop)
		return digest_hash(
			arena, a->algorithm, arena_printf(arena, "%s:%s:%s", ha1, a->nonce, ha2));
	if (strcasecmp(a->qop, "auth") != 0 || !a->nc || !a->cnonce)
		return NULL;
	return digest_hash(arena, a->algorithm,
		arena_printf(
			arena, "%s:%s:%s:%s:%s:%s", ha1, a->nonce, a->nc, a->cnonce, a->qop, ha2));
}

bool digest_matches(struct arena *arena, const struct http_authorization *authorization,
	const char *ha1, const char *method)
{
	if (authorization->scheme != HTTP_AUTH_DIGEST || !authorization->nonce ||
		!authorization->uri || !authorization->response)
		return false;
	const char *expected = digest_response(arena, authorization, ha1, method);
	if (!expected)
		return false;
	char *given = arena_strdup(arena, authorization->response);
	for (char *c = given; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return text_equal_in_constant_time(given, expected);
}
