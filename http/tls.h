/* tls: contexts for listeners and clients, from PEM files.
 * TLS 1.2 is the oldest version spoken, but by a legacy listener. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct http_tls; /* counted: connections keep it alive while they use it */

/* Keys of session tickets, one for each period of some seconds. Any thread may use them. */
struct http_ticket_keys;
enum { HTTP_TICKET_KEY_BYTES = 32, HTTP_TICKET_KEYS = 3 };
struct http_ticket_keys *http_ticket_keys_new(unsigned seconds);
/* After all that use it. NULL is allowed. */
void http_ticket_keys_free(struct http_ticket_keys *keys);
/* The number of the period that it is now, counted from 1970. */
uint64_t http_ticket_keys_period(const struct http_ticket_keys *keys);
/* The keys of that period and those behind it, at most HTTP_TICKET_KEYS, in place of those before. The newest that is
 * not of the future seals tickets; it and the one before it open them. */
void http_ticket_keys_set(struct http_ticket_keys *keys, uint64_t period,
	const uint8_t (*all)[HTTP_TICKET_KEY_BYTES], size_t count);

/* Where several files may be named, they are joined by ','. All is copied or read at once. */
struct http_tls_server_options {
	/* PEM files, each with its chain. Of several the client is shown one for the host that it
	 * names (RFC 6066), of a key type that it knows. */
	const char *certificates;
	const char *keys; /* PEM files, in the same order */
	/* PEM files or NULL; with them, clients must show a certificate from one of these. */
	const char *client_cas;
	/* Of these authorities a client's certificate is good beyond its end. PEM files or NULL. */
	const char *expired_cas;
	/* PEM files or NULL: lists of revoked certificates; an authority without one revokes none. */
	const char *crls;
	/* Files or NULL: SHA-256 fingerprints of refused certificates, one a line. */
	const char *revoked;
	/* NULL: no tickets. Nodes with the same keys resume each other's sessions. Borrowed until the last
	 * connection is gone. */
	struct http_ticket_keys *tickets;
	bool is_legacy; /* TLS 1.0, SHA-1 and short keys are good enough */
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
/* A server's connections to come use what another, fresh one has read, which is gone then. Those that are open
 * go on, but a client's certificate that is good no more ends them at their next request. */
void http_tls_replace(struct http_tls *tls, struct http_tls *fresh);
void http_tls_free(struct http_tls *tls);

#endif
