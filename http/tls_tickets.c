/* tls_tickets: keys that seal session tickets (RFC 5077, RFC 8446 section 4.6.1), and change by the clock.
 * Nothing is stored and nothing is sent: nodes that share the secret have the same keys at the same time. */
#include "http/tls_tickets.h"

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

struct ticket_key {
	uint8_t name[SHA256_BYTES]; /* its first NAME_BYTES */
	uint8_t cipher[SHA256_BYTES], mac[SHA256_BYTES];
};

struct tls_tickets {
	pthread_mutex_t lock; /* over period and keys: handshakes of all loops ask */
	uint8_t secret[SHA256_BYTES];
	unsigned seconds;
	uint64_t period;
	struct ticket_key keys[2]; /* of this period and of the one before */
};

static void derive_part(
	const struct tls_tickets *tickets, uint64_t period, char part, uint8_t key[SHA256_BYTES])
{
	uint8_t label[1 + sizeof(period)] = { (uint8_t)part };
	for (size_t i = 0; i < sizeof(period); i++)
		label[1 + i] = (uint8_t)(period >> (8 * i));
	hmac_sha256(tickets->secret, sizeof(tickets->secret), label, sizeof(label), key);
}

static void derive(const struct tls_tickets *tickets, uint64_t period, struct ticket_key *key)
{
	derive_part(tickets, period, 'n', key->name);
	derive_part(tickets, period, 'c', key->cipher);
	derive_part(tickets, period, 'm', key->mac);
}

static void read_keys(struct tls_tickets *tickets, struct ticket_key keys[2])
{
	const uint64_t period = (uint64_t)time(NULL) / tickets->seconds;
	pthread_mutex_lock(&tickets->lock);
	if (period != tickets->period) {
		derive(tickets, period, &tickets->keys[0]);
		derive(tickets, period - 1, &tickets->keys[1]);
		tickets->period = period;
	}
	memcpy(keys, tickets->keys, sizeof(tickets->keys));
	pthread_mutex_unlock(&tickets->lock);
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
	hmac_sha256(options->ticket_secret, HTTP_TICKET_SECRET_BYTES, audience, audience_length,
		tickets->secret);
	tickets->seconds = options->ticket_seconds;
	tickets->period = UINT64_MAX; /* not read yet */
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
	SSL_CTX_set_timeout(context, (long)options->ticket_seconds);
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
