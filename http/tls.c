/* tls: contexts for listeners and clients, and sessions from them.
 * A session keeps the context it came from, so a reload changes only what comes after it. */
#include "http/tls.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "http/tls_certificates.h"
#include "http/tls_internal.h"
#include "http/tls_tickets.h"
#include "http/tls_trust.h"

struct http_tls {
	pthread_mutex_t lock; /* over context: listeners of several threads share this */
	SSL_CTX *context;
	atomic_uint generation; /* counts contexts, from 1 */
};

/* The oldest error is the cause, those behind it its consequences. */
void tls_explain(const char *what, const char *file, char *why, size_t why_size)
{
	const unsigned long error = ERR_get_error();
	const char *reason = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
						     : ERR_reason_error_string(error);
	snprintf(why, why_size, "%s%s%s: %s", what, file ? " " : "", file ? file : "",
		reason ? reason : "unknown error");
	ERR_clear_error();
}

static SSL_CTX *new_context(const SSL_METHOD *method, char *why, size_t why_size)
{
	ERR_clear_error();
	SSL_CTX *context = SSL_CTX_new(method);
	if (!context) {
		tls_explain("TLS context", NULL, why, why_size);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	/* Writes come from buffers that move; an idle session gives its own buffers back. */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	return context;
}

bool tls_use_certificate(
	SSL_CTX *context, const char *certificate, const char *key, char *why, size_t why_size)
{
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) {
		tls_explain("certificate", certificate, why, why_size);
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(context) != 1) {
		tls_explain("key", key, why, why_size);
		return false;
	}
	return true;
}

static void free_server(
	void *context, void *attached, CRYPTO_EX_DATA *data, int index, long number, void *arg)
{
	struct tls_server *server = attached;
	(void)context, (void)data, (void)index, (void)number, (void)arg;
	if (!server)
		return;
	tls_certificates_free(server->certificates);
	tls_trust_free(server->trust);
	tls_tickets_free(server->tickets);
	free(server);
}

static int server_index;

static void make_server_index(void)
{
	server_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_server);
	if (server_index < 0)
		abort();
}

static struct tls_server *attach_server(SSL_CTX *context)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct tls_server *server = calloc(1, sizeof(*server));
	pthread_once(&once, make_server_index);
	if (!server || !SSL_CTX_set_ex_data(context, server_index, server))
		abort();
	return server;
}

struct tls_server *tls_server_of(const SSL_CTX *context)
{
	return SSL_CTX_get_ex_data(context, server_index);
}

/* Tickets are for whoever would verify chains alike: a session that is resumed shows none. */
static void give_tickets(SSL_CTX *context, const struct http_tls_server_options *options)
{
	struct tls_server *server = tls_server_of(context);
	if (!options->tickets)
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	else
		server->tickets = tls_tickets_new(context, options,
			server->trust ? tls_trust_digest(server->trust) : NULL,
			server->trust ? SHA256_BYTES : 0);
}

static bool fill_server(
	SSL_CTX *context, const struct http_tls_server_options *options, char *why, size_t why_size)
{
	struct tls_server *server = attach_server(context);
	server->certificates = tls_certificates_new(context, options, why, why_size);
	if (!server->certificates)
		return false;
	if (options->client_cas) {
		server->trust = tls_trust_new(context, options, why, why_size);
		if (!server->trust)
			return false;
	}
	give_tickets(context, options);
	return true;
}

static void allow_legacy(SSL_CTX *context)
{
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
}

static SSL_CTX *server_context(
	const struct http_tls_server_options *options, char *why, size_t why_size)
{
	static const unsigned char resumes_in[] = "http";
	SSL_CTX *context = new_context(TLS_server_method(), why, why_size);
	if (!context)
		return NULL;
	/* Devices close without close_notify; a request's own length shows if it is whole. */
	SSL_CTX_set_options(
		context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_id_context(context, resumes_in, sizeof(resumes_in) - 1);
	if (options->is_legacy)
		allow_legacy(context);
	if (fill_server(context, options, why, why_size))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static struct http_tls *tls_new(void)
{
	struct http_tls *tls = calloc(1, sizeof(*tls));
	if (!tls || pthread_mutex_init(&tls->lock, NULL) != 0)
		abort();
	atomic_init(&tls->generation, 1);
	return tls;
}

struct http_tls *http_tls_server(
	const struct http_tls_server_options *options, char *why, size_t why_size)
{
	struct http_tls *tls = tls_new();
	tls->context = server_context(options, why, why_size);
	if (tls->context)
		return tls;
	http_tls_free(tls);
	return NULL;
}

static bool trust(SSL_CTX *context, const char *ca_file, char *why, size_t why_size)
{
	const int ok = ca_file ? SSL_CTX_load_verify_locations(context, ca_file, NULL)
			       : SSL_CTX_set_default_verify_paths(context);
	if (ok != 1)
		tls_explain("CA", ca_file, why, why_size);
	return ok == 1;
}

struct http_tls *http_tls_client(
	const struct http_tls_client_options *options, char *why, size_t why_size)
{
	struct http_tls *tls = tls_new();
	tls->context = new_context(TLS_client_method(), why, why_size);
	if (tls->context && trust(tls->context, options->ca_file, why, why_size) &&
		(!options->certificate || tls_use_certificate(tls->context, options->certificate,
						  options->key, why, why_size))) {
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
		return tls;
	}
	http_tls_free(tls);
	return NULL;
}

void http_tls_replace(struct http_tls *tls, struct http_tls *fresh)
{
	pthread_mutex_lock(&tls->lock);
	SSL_CTX *old = tls->context;
	tls->context = fresh->context;
	pthread_mutex_unlock(&tls->lock);
	atomic_fetch_add_explicit(&tls->generation, 1, memory_order_release);
	fresh->context = old;
	http_tls_free(fresh);
}

void http_tls_free(struct http_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

static SSL *new_session(struct http_tls *tls)
{
	pthread_mutex_lock(&tls->lock);
	SSL *ssl = SSL_new(tls->context);
	pthread_mutex_unlock(&tls->lock);
	return ssl;
}

SSL *tls_accept(struct http_tls *tls)
{
	return new_session(tls);
}

static bool is_ip_address(const char *host)
{
	struct in6_addr address;
	return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* A server name is for names only (RFC 6066, section 3). */
SSL *tls_connect(struct http_tls *tls, const char *host)
{
	SSL *ssl = new_session(tls);
	if (!ssl)
		return NULL;
	X509_VERIFY_PARAM *expected = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	const bool ok = is_ip_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(expected, host)
					    : X509_VERIFY_PARAM_set1_host(expected, host, 0) &&
						      SSL_set_tlsext_host_name(ssl, host);
	if (ok)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

/* What the peer was admitted by hangs on its session's context, what counts now on the newest. */
static const char *look_again(struct http_tls *tls, SSL *ssl)
{
	const char *why = NULL;
	pthread_mutex_lock(&tls->lock);
	SSL_CTX *newest = tls->context;
	SSL_CTX_up_ref(newest);
	pthread_mutex_unlock(&tls->lock);
	const struct tls_trust *trust = tls_server_of(newest)->trust;
	if (trust)
		why = tls_trust_objection(trust, tls_server_of(SSL_get_SSL_CTX(ssl))->trust, ssl);
	SSL_CTX_free(newest);
	return why;
}

const char *tls_objection(struct http_tls *tls, SSL *ssl, unsigned *seen)
{
	const unsigned generation = atomic_load_explicit(&tls->generation, memory_order_acquire);
	const char *why = *seen == generation ? NULL : look_again(tls, ssl);
	if (!why)
		*seen = generation;
	return why;
}

void tls_say_goodbye(SSL *ssl)
{
	if (SSL_is_init_finished(ssl) && !(SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN))
		SSL_shutdown(ssl);
	ERR_clear_error();
}
