/* tls: contexts for listeners and clients, from PEM files.
 * TLS 1.2 is the oldest version spoken. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct http_tls; /* counted: connections keep it alive while they use it */

struct http_tls_server_options {
	const char *certificate; /* PEM file, chain included */
	const char *key;         /* PEM file */
	const char
		*client_ca; /* PEM file or NULL; with it, clients must show a certificate from it */
};

struct http_tls_client_options {
	const char *ca_file;     /* PEM file or NULL: the system's store */
	const char *certificate; /* client certificate, PEM file or NULL */
	const char *key;
};

/* NULL and a text in why on failure. */
struct http_tls *http_tls_server(
	const struct http_tls_server_options *options, char *why, size_t why_size) MUST_CHECK;
struct http_tls *http_tls_client(
	const struct http_tls_client_options *options, char *why, size_t why_size) MUST_CHECK;
/* Reads the server's files again for connections to come; on failure the old ones stay. */
bool http_tls_reload(struct http_tls *tls, char *why, size_t why_size) MUST_CHECK;
void http_tls_free(struct http_tls *tls);

#endif
