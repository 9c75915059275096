/* tls_tickets: keys that seal session tickets (RFC 5077, RFC 8446 section 4.6.1), and change by the clock.
 * What a key sealed can be read by whoever has it: it must be forgotten to be of no use. */
#include "http/tls_tickets.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/crypto.h"

enum { NAME_BYTES = 16, IV_BYTES = 16 };

/* What OpenSSL is told by the callback. */
enum { TICKET_FAILED = -1, TICKET_UNKNOWN = 0, TICKET_GOOD = 1, TICKET_TO_RENEW = 2 };

struct http_ticket_keys {
	pthread_mutex_t lock;
	unsigned seconds;
	uint64_t period; /* of the first */
	size_t count;
	uint8_t all[HTTP_TICKET_KEYS][HTTP_TICKET_KEY_BYTES];
};

/* The key that seals, and the one before it. */
struct pair {
	uint8_t keys[2][HTTP_TICKET_KEY_BYTES];
};

/* What a key becomes for one audience. */
struct ticket_key {
	uint8_t name[SHA256_BYTES]; /* its first NAME_BYTES */
	uint8_t cipher[SHA256_BYTES], mac[SHA256_BYTES];
};

struct tls_tickets {
	struct http_ticket_keys *shared;
	uint8_t audience[SHA256_BYTES];
	pthread_mutex_t lock; /* over what follows: handshakes of all loops ask */
	struct pair pair;
	struct ticket_key derived[2]; /* from it */
};

struct http_ticket_keys *http_ticket_keys_new(unsigned seconds)
{
	struct http_ticket_keys *keys = calloc(1, sizeof(*keys));
	if (!keys || pthread_mutex_init(&keys->lock, NULL) != 0)
		abort();
	keys->seconds = seconds;
	return keys;
}

void http_ticket_keys_free(struct http_ticket_keys *keys)
{
	if (!keys)
		return;
	pthread_mutex_destroy(&keys->lock);
	OPENSSL_cleanse(keys, sizeof(*keys));
	free(keys);
}

uint64_t http_ticket_keys_period(const struct http_ticket_keys *keys)
{
	return (uint64_t)time(NULL) / keys->seconds;
}

void http_ticket_keys_set(struct http_ticket_keys *keys, uint64_t period,
	const uint8_t (*all)[HTTP_TICKET_KEY_BYTES], size_t count)
{
	assert(count > 0 && count <= HTTP_TICKET_KEYS);
	pthread_mutex_lock(&keys->lock);
	keys->period = period;
	keys->count = count;
	memcpy(keys->all, all, count * sizeof(*all));
	pthread_mutex_unlock(&keys->lock);
}

/* When no newer keys came, the last one seals for longer. */
static struct pair choose_pair(struct http_ticket_keys *keys)
{
	struct pair pair = { 0 };
	const uint64_t now = http_ticket_keys_period(keys);
	pthread_mutex_lock(&keys->lock);
	assert(keys->count > 0);
	size_t newest = 0;
	while (newest + 1 < keys->count && keys->period + newest < now)
		newest++;
	memcpy(pair.keys[0], keys->all[newest], HTTP_TICKET_KEY_BYTES);
	memcpy(pair.keys[1], keys->all[newest ? newest - 1 : 0], HTTP_TICKET_KEY_BYTES);
	pthread_mutex_unlock(&keys->lock);
	return pair;
}

static void derive_part(const struct tls_tickets *tickets, const uint8_t *key, char part,
	uint8_t derived[SHA256_BYTES])
{
	uint8_t label[1 + SHA256_BYTES] = { (uint8_t)part };
	memcpy(label + 1, tickets->audience, SHA256_BYTES);
	hmac_sha256(key, HTTP_TICKET_KEY_BYTES, label, sizeof(label), derived);
}

static void derive(
	const struct tls_tickets *tickets, const uint8_t *key, struct ticket_key *derived)
{
	derive_part(tickets, key, 'n', derived->name);
	derive_part(tickets, key, 'c', derived->cipher);
	derive_part(tickets, key, 'm', derived->mac);
}

static void read_keys(struct tls_tickets *tickets, struct ticket_key keys[2])
{
	struct pair pair = choose_pair(tickets->shared);
	pthread_mutex_lock(&tickets->lock);
	if (memcmp(&pair, &tickets->pair, sizeof(pair)) != 0) {
		tickets->pair = pair;
		derive(tickets, pair.keys[0], &tickets->derived[0]);
		derive(tickets, pair.keys[1], &tickets->derived[1]);
	}
	memcpy(keys, tickets->derived, sizeof(tickets->derived));
	pthread_mutex_unlock(&tickets->lock);
	OPENSSL_cleanse(&pair, sizeof(pair));
}

static bool use_mac(EVP_MAC_CTX *mac, struct ticket_key *key)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal_with(struct ticket_key *key, unsigned char *name, unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	memcpy(name, key->name, NAME_BYTES);
	random_bytes(iv, IV_BYTES);
	const bool ok = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1 &&
			use_mac(mac, key);
	return ok ? TICKET_GOOD : TICKET_FAILED;
}

static int unseal_with(struct ticket_key keys[2], const unsigned char *name,
	const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct ticket_key *key = memcmp(keys[0].name, name, NAME_BYTES) == 0 ? &keys[0] : &keys[1];
	if (memcmp(key->name, name, NAME_BYTES) != 0)
		return TICKET_UNKNOWN;
	if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) != 1 ||
		!use_mac(mac, key))
		return TICKET_FAILED;
	return key == &keys[0] ? TICKET_GOOD : TICKET_TO_RENEW;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int seals)
{
	struct ticket_key keys[2];
	read_keys(tls_server_of(SSL_get_SSL_CTX(ssl))->tickets, keys);
	const int result = seals ? seal_with(&keys[0], name, iv, cipher, mac)
				 : unseal_with(keys, name, iv, cipher, mac);
	OPENSSL_cleanse(keys, sizeof(keys));
	return result;
}

struct tls_tickets *tls_tickets_new(SSL_CTX *context, const struct http_tls_server_options *options,
	const void *audience, size_t audience_length)
{
	struct tls_tickets *tickets = calloc(1, sizeof(*tickets));
	if (!tickets || pthread_mutex_init(&tickets->lock, NULL) != 0)
		abort();
	tickets->shared = options->tickets;
	sha256(audience, audience_length, tickets->audience);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
	SSL_CTX_set_timeout(context, (long)options->tickets->seconds);
	SSL_CTX_set_num_tickets(context, 1); /* a device has one connection at a time */
	return tickets;
}

void tls_tickets_free(struct tls_tickets *tickets)
{
	if (!tickets)
		return;
	pthread_mutex_destroy(&tickets->lock);
	OPENSSL_cleanse(tickets, sizeof(*tickets));
	free(tickets);
}
