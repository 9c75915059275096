/* crypto: hashes, random bytes and sealed secrets, from OpenSSL.
 * The algorithms are fetched once for the process: fetching costs more than a short hash. */
#include "base/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { GCM_NONCE_BYTES = 12, GCM_TAG_BYTES = 16 };
enum { RESERVE_BYTES = 512 };

static EVP_MD *sha256_algorithm, *md5_algorithm;
static EVP_MAC_CTX *hmac_sha256_algorithm; /* without a key, to be copied */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void require(bool ok)
{
	if (!ok)
		abort();
}

static EVP_MAC_CTX *fetch_hmac_sha256(void)
{
	static char sha256_name[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256_name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
	require(context && EVP_MAC_CTX_set_params(context, parameters));
	EVP_MAC_free(hmac);
	return context;
}

static void fetch(void)
{
	sha256_algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	md5_algorithm = EVP_MD_fetch(NULL, "MD5", NULL);
	require(sha256_algorithm && md5_algorithm);
	hmac_sha256_algorithm = fetch_hmac_sha256();
}

void sha256(const void *bytes, size_t length, uint8_t digest[SHA256_BYTES])
{
	pthread_once(&fetched, fetch);
	require(EVP_Digest(bytes, length, digest, NULL, sha256_algorithm, NULL));
}

void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_BYTES])
{
	uint8_t digest[SHA256_BYTES];
	sha256(bytes, length, digest);
	hex_encode(digest, sizeof(digest), hex);
}

void md5_hex(const void *bytes, size_t length, char hex[MD5_HEX_BYTES])
{
	uint8_t digest[16];
	pthread_once(&fetched, fetch);
	require(EVP_Digest(bytes, length, digest, NULL, md5_algorithm, NULL));
	hex_encode(digest, sizeof(digest), hex);
}

void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
	uint8_t digest[SHA256_BYTES])
{
	pthread_once(&fetched, fetch);
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(hmac_sha256_algorithm);
	require(context && EVP_MAC_init(context, key, key_length, NULL) &&
		EVP_MAC_update(context, bytes, length) &&
		EVP_MAC_final(context, digest, NULL, SHA256_BYTES));
	EVP_MAC_CTX_free(context);
}

struct sha256_stream *sha256_begin(void)
{
	pthread_once(&fetched, fetch);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	require(context && EVP_DigestInit_ex(context, sha256_algorithm, NULL));
	return (struct sha256_stream *)context;
}

void sha256_add(struct sha256_stream *stream, const void *bytes, size_t length)
{
	require(EVP_DigestUpdate((EVP_MD_CTX *)stream, bytes, length));
}

void sha256_end(struct sha256_stream *stream, uint8_t digest[SHA256_BYTES])
{
	require(EVP_DigestFinal_ex((EVP_MD_CTX *)stream, digest, NULL));
	sha256_free(stream);
}

void sha256_free(struct sha256_stream *stream)
{
	EVP_MD_CTX_free((EVP_MD_CTX *)stream);
}

/* Few bytes cost as much as many, so each thread keeps some; what was handed out is wiped. A forked
 * child must exec: it would hand out the same. */
void random_bytes(void *bytes, size_t length)
{
	static _Thread_local uint8_t reserve[RESERVE_BYTES];
	static _Thread_local size_t left;
	if (length > RESERVE_BYTES / 8) {
		require(RAND_bytes(bytes, (int)length) == 1);
		return;
	}
	if (length > left) {
		require(RAND_bytes(reserve, RESERVE_BYTES) == 1);
		left = RESERVE_BYTES;
	}
	left -= length;
	memcpy(bytes, reserve + left, length);
	OPENSSL_cleanse(reserve + left, length);
}

char *random_text(struct arena *arena, size_t characters)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char *text = arena_alloc(arena, characters + 1);
	for (size_t i = 0; i < characters;) {
		uint8_t byte;
		random_bytes(&byte, 1);
		if (byte < 256 / 62 * 62)
			text[i++] = alphabet[byte % 62];
	}
	return text;
}

bool equal_in_constant_time(const void *a, size_t a_length, const void *b, size_t b_length)
{
	return a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0;
}

bool text_equal_in_constant_time(const char *a, const char *b)
{
	return equal_in_constant_time(a, strlen(a), b, strlen(b));
}

void hex_encode(const void *bytes, size_t length, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = bytes;
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[byte[i] >> 4];
		hex[2 * i + 1] = digits[byte[i] & 15];
	}
	hex[2 * length] = '\0';
}

int hex_digit(char digit)
{
	return OPENSSL_hexchar2int((unsigned char)digit);
}

bool hex_decode(const char *hex, void *bytes, size_t length)
{
	if (strlen(hex) != 2 * length)
		return false;
	uint8_t *out = bytes;
	for (size_t i = 0; i < length; i++) {
		const int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

char *base64_encode(struct arena *arena, const void *bytes, size_t length)
{
	char *text = arena_alloc(arena, (length + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
	return text;
}

char *base64_decode(struct arena *arena, const char *text, size_t *length)
{
	const size_t text_length = strlen(text);
	if (text_length % 4 != 0)
		return NULL;
	unsigned char *bytes = arena_alloc(arena, text_length / 4 * 3 + 1);
	const int decoded = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)text_length);
	if (decoded < 0)
		return NULL;
	*length = (size_t)decoded;
	/* EVP_DecodeBlock counts the padding as zero bytes. */
	for (size_t i = text_length; i > 0 && text_length - i < 2 && text[i - 1] == '='; i--)
		--*length;
	bytes[*length] = '\0';
	return (char *)bytes;
}

char *base64url_encode(struct arena *arena, const void *bytes, size_t length)
{
	char *text = base64_encode(arena, bytes, length);
	for (char *c = text; *c; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
	return text;
}

char *base64url_decode(struct arena *arena, const char *text, size_t *length)
{
	const size_t text_length = strlen(text), padded = (text_length + 3) / 4 * 4;
	char *copy = arena_alloc(arena, padded + 1);
	for (size_t i = 0; i < padded; i++) {
		copy[i] = '=';
		if (i < text_length)
			copy[i] = text[i];
		if (copy[i] == '-')
			copy[i] = '+';
		else if (copy[i] == '_')
			copy[i] = '/';
	}
	return base64_decode(arena, copy, length);
}

static const struct seal_binding unbound = { "", 0 };

uint8_t *seal_bound(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES],
	const struct seal_binding *binding, const void *bytes, size_t length, size_t *sealed_length)
{
	*sealed_length = GCM_NONCE_BYTES + length + GCM_TAG_BYTES;
	uint8_t *sealed = arena_alloc(arena, *sealed_length);
	random_bytes(sealed, GCM_NONCE_BYTES);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written = 0;
	require(context && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed));
	require(EVP_EncryptUpdate(context, NULL, &written, binding->bytes, (int)binding->length));
	require(EVP_EncryptUpdate(context, sealed + GCM_NONCE_BYTES, &written, bytes, (int)length));
	require(EVP_EncryptFinal_ex(context, sealed + GCM_NONCE_BYTES + written, &written));
	require(EVP_CIPHER_CTX_ctrl(
		context, EVP_CTRL_GCM_GET_TAG, GCM_TAG_BYTES, sealed + GCM_NONCE_BYTES + length));
	EVP_CIPHER_CTX_free(context);
	return sealed;
}

uint8_t *seal(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES], const void *bytes,
	size_t length, size_t *sealed_length)
{
	return seal_bound(arena, key, &unbound, bytes, length, sealed_length);
}

char *unseal_bound(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES],
	const struct seal_binding *binding, const void *sealed, size_t sealed_length,
	size_t *length)
{
	if (sealed_length < GCM_NONCE_BYTES + GCM_TAG_BYTES)
		return NULL;
	const uint8_t *bytes = sealed;
	*length = sealed_length - GCM_NONCE_BYTES - GCM_TAG_BYTES;
	char *text = arena_alloc(arena, *length + 1);
	uint8_t *tag = arena_memdup(arena, bytes + GCM_NONCE_BYTES + *length, GCM_TAG_BYTES);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written = 0;
	require(context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, bytes));
	const bool ok = EVP_DecryptUpdate(context, NULL, &written, binding->bytes,
				(int)binding->length) &&
			EVP_DecryptUpdate(context, (unsigned char *)text, &written,
				bytes + GCM_NONCE_BYTES, (int)*length) &&
			EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, GCM_TAG_BYTES, tag) &&
			EVP_DecryptFinal_ex(context, (unsigned char *)text + written, &written) > 0;
	EVP_CIPHER_CTX_free(context);
	return ok ? text : NULL;
}

char *unseal(struct arena *arena, const uint8_t key[SEAL_KEY_BYTES], const void *sealed,
	size_t sealed_length, size_t *length)
{
	return unseal_bound(arena, key, &unbound, sealed, sealed_length, length);
}

void wipe_bytes(void *bytes, size_t length)
{
	OPENSSL_cleanse(bytes, length);
}
