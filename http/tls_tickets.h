/* tls_tickets: keys that seal session tickets (RFC 5077, RFC 8446 section 4.6.1), and change by the clock. */
#ifndef HTTP_TLS_TICKETS_H
#define HTTP_TLS_TICKETS_H

#include "http/tls_internal.h"

struct tls_tickets;

/* Has the context seal its tickets with keys that follow from options->tickets and `audience`: who has both in
 * common reads them. The context must not outlive what is returned. */
struct tls_tickets *tls_tickets_new(SSL_CTX *context, const struct http_tls_server_options *options,
	const void *audience, size_t audience_length);
void tls_tickets_free(struct tls_tickets *tickets);

#endif
