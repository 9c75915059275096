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

enum { SALT_BYTES = 16, KEY_BYTES = 32 };
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

/* Moves *text behind "ln=15" or the like, and what follows that. */
static bool read_number(const char **text, const char *name, unsigned most, unsigned *number)
{
	char *end;
	const size_t length = strlen(name);
	if (strncmp(*text, name, length) != 0)
		return false;
	const unsigned long given = strtoul(*text + length, &end, 10);
	if (given < 1 || given > most || !*end)
		return false;
	*number = (unsigned)given;
	*text = end + 1;
	return true;
}

/* Moves *text behind the base64url, and what follows that. */
static bool read_bytes(const char **text, void *bytes, size_t length)
{
	size_t decoded;
	struct arena *arena = arena_new();
	const size_t text_length = strcspn(*text, "$");
	const char *found = base64url_decode(
		arena, arena_strndup(arena, *text, text_length), &decoded);
	const bool ok = found && decoded == length;
	if (ok)
		memcpy(bytes, found, length);
	*text += text_length + ((*text)[text_length] == '$');
	arena_free(arena);
	return ok;
}

static bool read_hash(
	const char *hash, struct cost *cost, uint8_t salt[SALT_BYTES], uint8_t key[KEY_BYTES])
{
	return hash && read_number(&hash, "$scrypt$ln=", MOST_LOG_N, &cost->log_n) &&
	       read_number(&hash, "r=", MOST_R, &cost->r) &&
	       read_number(&hash, "p=", MOST_P, &cost->p) && read_bytes(&hash, salt, SALT_BYTES) &&
	       read_bytes(&hash, key, KEY_BYTES);
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
