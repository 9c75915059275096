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
/* Names of the verified peer, one a line: common name, then alternative DNS names. NULL without. */
char *tls_peer_names(struct arena *arena, SSL *ssl);
/* Tells the peer that nothing more comes. */
void tls_say_goodbye(SSL *ssl);

#endif
