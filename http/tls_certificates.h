/* tls_certificates: the certificates that a listener has, and which of them a client is shown. */
#ifndef HTTP_TLS_CERTIFICATES_H
#define HTTP_TLS_CERTIFICATES_H

#include "http/tls_internal.h"

struct tls_certificates;

/* Reads the pairs that the options name and has the context show them; it must not outlive them. NULL
 * and a text in why on failure. */
struct tls_certificates *tls_certificates_new(SSL_CTX *context,
	const struct http_tls_server_options *options, char *why, size_t why_size) MUST_CHECK;
void tls_certificates_free(struct tls_certificates *all);

#endif
