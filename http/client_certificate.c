/* client_certificate: what a server connection knows of its client's certificate, and those it refuses.
 * Each request is held against what counts now: a certificate may be revoked while a connection is open. */
#include "http/connection.h"
#include "http/tls_internal.h"

static SSL *ssl_of(const struct http_request *request)
{
	return ((const struct exchange *)(const void *)request)->connection->ssl;
}

const char *http_client_certificate_name(const struct http_request *request)
{
	SSL *ssl = ssl_of(request);
	return ssl ? tls_peer_names(request->arena, ssl) : NULL;
}

bool http_client_certificate_is_demanded(const struct http_request *request)
{
	const SSL *ssl = ssl_of(request);
	return ssl && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER);
}

static void tell(const struct connection *connection, const char *names, const char *why)
{
	const struct http_listener_options *options = &connection->listener->options;
	const struct http_stranger stranger = {
		.peer = &connection->peer, .names = names, .why = why
	};
	if (options->on_stranger)
		options->on_stranger(&stranger, options->arg);
}

void connection_tell_handshake(const struct connection *connection)
{
	const char *why = tls_refusal(connection->ssl);
	if (!why)
		return;
	struct arena *arena = arena_new();
	tell(connection, tls_refused_names(arena, connection->ssl), why);
	arena_free(arena);
}

bool connection_has_stranger(struct connection *connection)
{
	if (!connection->ssl)
		return false;
	const char *why = tls_objection(
		connection->listener->options.tls, connection->ssl, &connection->trust_seen);
	if (why)
		tell(connection,
			tls_peer_names(connection->exchange->request.arena, connection->ssl), why);
	return why != NULL;
}
