/* tls_certificates: the certificates that a listener has, and which of them a client is shown.
 * Who names a host gets those for it, who names none the first of each key type. */
#include "http/tls_certificates.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/list.h"

struct tls_certificates {
	SSL_CTX **pairs; /* certificate, chain and key, each read into a context of its own */
	size_t count;
};

static SSL_CTX *read_pair(
	const char *certificate, const char *key, bool is_legacy, char *why, size_t why_size)
{
	SSL_CTX *pair = SSL_CTX_new(TLS_server_method());
	if (!pair)
		abort();
	if (is_legacy)
		SSL_CTX_set_security_level(pair, 0);
	if (tls_use_certificate(pair, certificate, key, why, why_size))
		return pair;
	SSL_CTX_free(pair);
	return NULL;
}

static bool add_pair(struct tls_certificates *all, SSL_CTX *pair)
{
	SSL_CTX **pairs = realloc(all->pairs, (all->count + 1) * sizeof(SSL_CTX *));
	if (!pairs)
		abort();
	all->pairs = pairs;
	all->pairs[all->count] = pair;
	all->count += pair != NULL;
	return pair != NULL;
}

static bool read_pairs(struct tls_certificates *all, struct arena *arena,
	const struct http_tls_server_options *options, char *why, size_t why_size)
{
	const char *certificates = options->certificates, *keys = options->keys;
	for (;;) {
		const char *certificate = list_next(arena, &certificates, ',');
		const char *key = list_next(arena, &keys, ',');
		if (!certificate && !key && all->count)
			return true;
		if (!certificate || !key) {
			snprintf(why, why_size, "there must be one key for each certificate");
			return false;
		}
		if (!add_pair(all, read_pair(certificate, key, options->is_legacy, why, why_size)))
			return false;
	}
}

/* Of a key type that has its certificate already, nothing is taken. */
static void show_all(const struct tls_certificates *all, SSL_CTX *context)
{
	for (size_t i = 0; i < all->count; i++) {
		STACK_OF(X509) *chain = NULL;
		SSL_CTX_get0_chain_certs(all->pairs[i], &chain);
		SSL_CTX_use_cert_and_key(context, SSL_CTX_get0_certificate(all->pairs[i]),
			SSL_CTX_get0_privatekey(all->pairs[i]), chain, 0);
	}
	ERR_clear_error();
}

static bool is_for(const SSL_CTX *pair, const char *host)
{
	return X509_check_host(SSL_CTX_get0_certificate(pair), host, 0,
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static void show_one(SSL *ssl, SSL_CTX *pair)
{
	STACK_OF(X509) *chain = NULL;
	SSL_CTX_get0_chain_certs(pair, &chain);
	SSL_use_cert_and_key(
		ssl, SSL_CTX_get0_certificate(pair), SSL_CTX_get0_privatekey(pair), chain, 0);
}

static int on_certificate_wanted(SSL *ssl, void *arg)
{
	const struct tls_certificates *all = arg;
	const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	bool has_own = false;
	for (size_t i = 0; host && i < all->count; i++) {
		if (!is_for(all->pairs[i], host))
			continue;
		if (!has_own)
			SSL_certs_clear(ssl);
		has_own = true;
		show_one(ssl, all->pairs[i]);
	}
	ERR_clear_error();
	return 1;
}

struct tls_certificates *tls_certificates_new(
	SSL_CTX *context, const struct http_tls_server_options *options, char *why, size_t why_size)
{
	struct tls_certificates *all = calloc(1, sizeof(*all));
	struct arena *arena = arena_new();
	if (!all)
		abort();
	const bool ok = read_pairs(all, arena, options, why, why_size);
	arena_free(arena);
	if (!ok) {
		tls_certificates_free(all);
		return NULL;
	}
	show_all(all, context);
	if (all->count > 1)
		SSL_CTX_set_cert_cb(context, on_certificate_wanted, all);
	return all;
}

void tls_certificates_free(struct tls_certificates *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->count; i++)
		SSL_CTX_free(all->pairs[i]);
	free(all->pairs);
	free(all);
}
