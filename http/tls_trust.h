/* tls_trust: whose certificates a listener accepts from its clients. */
#ifndef HTTP_TLS_TRUST_H
#define HTTP_TLS_TRUST_H

#include "base/crypto.h"
#include "http/tls_internal.h"

struct tls_trust;

/* Reads the files of options->client_cas and what limits them, and has the context demand a
 * certificate; it must not outlive what is returned. NULL and a text in why on failure. */
struct tls_trust *tls_trust_new(SSL_CTX *context, const struct http_tls_server_options *options,
	char *why, size_t why_size) MUST_CHECK;
void tls_trust_free(struct tls_trust *trust);
/* SHA256_BYTES, the same where chains are verified by the same authorities and revocation lists. */
const uint8_t *tls_trust_digest(const struct tls_trust *trust);

/* Why the peer's certificate is not good (any more), or NULL. `before` is what it was verified with when
 * it was shown, perhaps on the connection whose session this one resumes; NULL: it was not. */
const char *tls_trust_objection(
	const struct tls_trust *trust, const struct tls_trust *before, SSL *ssl);

#endif
