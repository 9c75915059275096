/* password: what is stored in place of a password that people think up: scrypt (RFC 7914) with a salt.
 * The cost is OWASP's for 32 MB of memory; a hash names its own, so that it may be raised. */
#include "base/password.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/crypto.h"

enum { SALT_BYTES = 16, KEY_BYTES = 32, SALT_TEXT = 23, KEY_TEXT = 44 };
enum { MOST_LOG_N = 20, MOST_R = 32, MOST_P = 16, MOST_MEMORY = 1 << 30 };

struct cost {
	unsigned log_n, r, p;
};
static const struct cost usual_cost = { 15, 8, 3 };

static void derive(const char *password, const struct cost *cost, const uint8_t salt[SALT_BYTES],
	uint8_t key[KEY_BYTES])
{
	if (EVP_PBE_scrypt(password, strlen(password), salt, SALT_BYTES, UINT64_C(1) << cost->log_n,
		    cost->r, cost->p, MOST_MEMORY, key, KEY_BYTES) != 1)
		abort();
}

void password_hash(const char *password, char hash[PASSWORD_HASH_BYTES])
{
	uint8_t salt[SALT_BYTES], key[KEY_BYTES];
	struct arena *arena = arena_new();
	random_bytes(salt, sizeof(salt));
	derive(password, &usual_cost, salt, key);
	snprintf(hash, PASSWORD_HASH_BYTES, "$scrypt$ln=%u,r=%u,p=%u$%s$%s", usual_cost.log_n,
		usual_cost.r, usual_cost.p, base64url_encode(arena, salt, sizeof(salt)),
		base64url_encode(arena, key, sizeof(key)));
	arena_free(arena);
}

static bool decode(struct arena *arena, const char *text, void *bytes, size_t length)
{
	size_t decoded;
	const char *found = base64url_decode(arena, text, &decoded);
	if (!found || decoded != length)
		return false;
	memcpy(bytes, found, length);
	return true;
}

static bool read_hash(
	const char *hash, struct cost *cost, uint8_t salt[SALT_BYTES], uint8_t key[KEY_BYTES])
{
	char salt_text[SALT_TEXT], key_text[KEY_TEXT];
	if (!hash || sscanf(hash, "$scrypt$ln=%2u,r=%2u,p=%2u$%22[^$]$%43s", &cost->log_n, &cost->r,
			     &cost->p, salt_text, key_text) != 5)
		return false;
	if (cost->log_n < 1 || cost->log_n > MOST_LOG_N || cost->r < 1 || cost->r > MOST_R ||
		cost->p < 1 || cost->p > MOST_P)
		return false;
	struct arena *arena = arena_new();
	const bool ok = decode(arena, salt_text, salt, SALT_BYTES) &&
			decode(arena, key_text, key, KEY_BYTES);
	arena_free(arena);
	return ok;
}

bool password_matches(const char *password, const char *hash)
{
	uint8_t salt[SALT_BYTES] = { 0 }, expected[KEY_BYTES] = { 0 }, key[KEY_BYTES];
	struct cost cost = usual_cost;
	const bool is_hash = read_hash(hash, &cost, salt, expected);
	if (!is_hash)
		cost = usual_cost;
	derive(password, &cost, salt, key);
	const bool is_equal = equal_in_constant_time(key, KEY_BYTES, expected, KEY_BYTES);
	OPENSSL_cleanse(key, sizeof(key));
	return is_equal && is_hash;
}
