/* tls_internal: sessions from contexts, for connection and client. Only these see OpenSSL. */
#ifndef HTTP_TLS_INTERNAL_H
#define HTTP_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "base/arena.h"
#include "http/tls.h"

/* A session that will accept a handshake; NULL only out of memory. It keeps its context. */
SSL *tls_accept(struct http_tls *tls);
/* A session that will begin one with host (a name or an IP address) and believes nobody else. */
SSL *tls_connect(struct http_tls *tls, const char *host);
/* Why the peer's certificate is good no more, or NULL. *seen is 0 at first and then remembers what was
 * looked at: without a reload the next call costs nothing. */
const char *tls_objection(struct http_tls *tls, SSL *ssl, unsigned *seen);
/* Tells the peer that nothing more comes. */
void tls_say_goodbye(SSL *ssl);

/* tls_peer.c */
/* Names of the peer, one a line: the subject's common name and serial number, then alternative DNS
 * names and URIs. NULL without, and of a certificate that was not verified. */
char *tls_peer_names(struct arena *arena, SSL *ssl);
/* The same of a certificate that was refused in the handshake: whom it claims to be. */
char *tls_refused_names(struct arena *arena, SSL *ssl);
/* Why it was refused; NULL when none was. */
const char *tls_refusal(const SSL *ssl);
/* Keeps it for the two above. */
void tls_keep_refused(SSL *ssl, X509 *certificate);

/* What hangs on a server's context and is freed with it. */
struct tls_server {
	struct tls_certificates *certificates;
	struct tls_trust *trust;     /* NULL: clients need no certificate */
	struct tls_tickets *tickets; /* NULL: none are given out */
};
struct tls_server *tls_server_of(const SSL_CTX *context);

/* For those who read files into contexts. */
void tls_explain(const char *what, const char *file, char *why, size_t why_size);
bool tls_use_certificate(
	SSL_CTX *context, const char *certificate, const char *key, char *why, size_t why_size);

#endif
