/* crypto: hashes, random bytes and sealed secrets, from OpenSSL.
 * A failure inside OpenSSL (out of memory, no entropy) ends the process: nothing safe could
 * follow. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"

enum { SHA256_BYTES = 32, SHA256_HEX_BYTES = 65, MD5_HEX_BYTES = 33, SEAL_KEY_BYTES = 32 };

void sha256(const void *bytes, size_t length, uint8_t digest[SHA256_BYTES]);
/* Lower-case hex with a NUL. */
void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_BYTES]);
void md5_hex(const void *bytes, size_t length, char hex[MD5_HEX_BYTES]);
void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
	uint8_t digest[SHA256_BYTES]);

/* A SHA-256 that is fed in pieces. sha256_end() frees it; sha256_free() drops it unfinished. */
struct sha256_stream;
struct sha256_stream *sha256_begin(void);
void sha256_add(struct sha256_stream *stream, const void *bytes, size_t length);
void sha256_end(struct sha256_stream *stream, uint8_t digest[SHA256_BYTES]);
void sha256_free(struct sha256_stream *stream);

void random_bytes(void *bytes, size_t length);
/* `characters` characters of [A-Za-z0-9], each drawn evenly: about 5.95 bits apiece. */
char *random_text(struct arena *arena, size_t characters);

/* Compares in a time that depends on the lengths only. */
bool equal_in_constant_time(const void *a, size_t a_length, const void *b, size_t b_length);
bool text_equal_in_constant_time(const char *a, const char *b);

/* The value of one hex digit of either case, -1 for any other character. */
int hex_digit(char digit);
/* hex must have room for 2 * length + 1. */
void hex_encode(const void *bytes, size_t length, char *hex);
/* False when hex is not exactly 2 * length hex digits. */
bool hex_decode(const char *hex, void *bytes, size_t length) MUST_CHECK;
char *base64_encode(struct arena *arena, const void *bytes, size_t length);
/* NULL when text is not base64. The result is NUL-terminated beyond *length. */
char *base64_decode(struct arena *arena, const char *text, size_t *length);
/* The alphabet of RFC 4648 section 5, without padding: safe in URLs, cookies and file names. */
char *base64url_encode(struct arena *arena, const void *bytes, size_t length);
char *base64url_decode(struct arena *arena, const char *text, size_t *length);

/* AES-256-GCM with a random nonce in front: *sealed_length = length + 28. base/keyring.h seals what is stored. */
uint8_t *seal(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES], const void *bytes,
	size_t length, size_t *sealed_length);
/* NULL when the bytes were not sealed with this key or were changed since. NUL-terminated beyond
 * *length. */
char *unseal(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES], const void *sealed,
	size_t sealed_length, size_t *length);
/* The same with bytes that are not sealed, but must be the same again for it to open. */
struct seal_binding {
	const void *bytes;
	size_t length;
};
uint8_t *seal_bound(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES],
	const struct seal_binding *binding, const void *bytes, size_t length,
	size_t *sealed_length);
char *unseal_bound(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES],
	const struct seal_binding *binding, const void *sealed, size_t sealed_length,
	size_t *length);

/* Overwrites memory that held a secret; is not optimised away. */
void wipe_bytes(void *bytes, size_t length);

#endif
