/* tls: contexts for listeners and clients, and sessions from them.
 * A session keeps the context it came from, so a reload changes only what comes after it. */
#include "http/tls.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buffer.h"
#include "http/tls_internal.h"

struct http_tls {
	pthread_mutex_t lock; /* over context: listeners of several threads share this */
	SSL_CTX *context;
	char *certificate, *key, *client_ca; /* of a server, for a reload */
};

/* The oldest error is the cause, those behind it its consequences. */
static void explain(const char *what, const char *file, char *why, size_t why_size)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());
	snprintf(why, why_size, "%s%s%s: %s", what, file ? " " : "", file ? file : "",
		reason ? reason : "unknown error");
	ERR_clear_error();
}

static SSL_CTX *new_context(const SSL_METHOD *method, char *why, size_t why_size)
{
	ERR_clear_error();
	SSL_CTX *context = SSL_CTX_new(method);
	if (!context) {
		explain("TLS context", NULL, why, why_size);
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

static bool use_certificate(
	SSL_CTX *context, const char *certificate, const char *key, char *why, size_t why_size)
{
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) {
		explain("certificate", certificate, why, why_size);
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(context) != 1) {
		explain("key", key, why, why_size);
		return false;
	}
	return true;
}

static bool demand_client_certificate(SSL_CTX *context, const char *ca, char *why, size_t why_size)
{
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca);
	if (!names || SSL_CTX_load_verify_locations(context, ca, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		explain("client CA", ca, why, why_size);
		return false;
	}
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return true;
}

static SSL_CTX *server_context(const struct http_tls *tls, char *why, size_t why_size)
{
	static const unsigned char resumes_in[] = "http";
	SSL_CTX *context = new_context(TLS_server_method(), why, why_size);
	if (!context)
		return NULL;
	if (use_certificate(context, tls->certificate, tls->key, why, why_size) &&
		(!tls->client_ca ||
			demand_client_certificate(context, tls->client_ca, why, why_size))) {
		/* Devices close without close_notify; a request's own length shows if it is whole.
		 */
		SSL_CTX_set_options(
			context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
		SSL_CTX_set_session_id_context(context, resumes_in, sizeof(resumes_in) - 1);
		SSL_CTX_set_num_tickets(context, 1); /* a device has one connection at a time */
		return context;
	}
	SSL_CTX_free(context);
	return NULL;
}

static struct http_tls *tls_new(void)
{
	struct http_tls *tls = calloc(1, sizeof(*tls));
	if (!tls || pthread_mutex_init(&tls->lock, NULL) != 0)
		abort();
	return tls;
}

static char *copy(const char *text)
{
	char *copied = text ? strdup(text) : NULL;
	if (text && !copied)
		abort();
	return copied;
}

struct http_tls *http_tls_server(
	const struct http_tls_server_options *options, char *why, size_t why_size)
{
	struct http_tls *tls = tls_new();
	tls->certificate = copy(options->certificate);
	tls->key = copy(options->key);
	tls->client_ca = copy(options->client_ca);
	tls->context = server_context(tls, why, why_size);
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
		explain("CA", ca_file, why, why_size);
	return ok == 1;
}

struct http_tls *http_tls_client(
	const struct http_tls_client_options *options, char *why, size_t why_size)
{
	struct http_tls *tls = tls_new();
	tls->context = new_context(TLS_client_method(), why, why_size);
	if (tls->context && trust(tls->context, options->ca_file, why, why_size) &&
		(!options->certificate || use_certificate(tls->context, options->certificate,
						  options->key, why, why_size))) {
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
		return tls;
	}
	http_tls_free(tls);
	return NULL;
}

bool http_tls_reload(struct http_tls *tls, char *why, size_t why_size)
{
	SSL_CTX *fresh = server_context(tls, why, why_size);
	if (!fresh)
		return false;
	pthread_mutex_lock(&tls->lock);
	SSL_CTX *old = tls->context;
	tls->context = fresh;
	pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(old);
	return true;
}

void http_tls_free(struct http_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls->certificate);
	free(tls->key);
	free(tls->client_ca);
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

/* Names with control characters are no names: they would forge a line. */
static void add_name(struct buffer *names, const ASN1_STRING *name)
{
	unsigned char *text;
	const int length = ASN1_STRING_to_UTF8(&text, name);
	if (length < 0)
		return;
	bool is_clean = length > 0;
	for (int i = 0; i < length; i++)
		is_clean = is_clean && text[i] >= ' ' && text[i] != 0x7f;
	if (is_clean) {
		if (names->length)
			buffer_append(names, "\n", 1);
		buffer_append(names, text, (size_t)length);
	}
	OPENSSL_free(text);
}

static void add_common_name(struct buffer *names, X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at >= 0)
		add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

static void add_alternative_names(struct buffer *names, X509 *certificate)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);
		if (name->type == GEN_DNS)
			add_name(names, name->d.dNSName);
	}
	GENERAL_NAMES_free(all);
}

char *tls_peer_names(struct arena *arena, SSL *ssl)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	struct buffer names = { 0 };
	if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK)
		return NULL;
	add_common_name(&names, certificate);
	add_alternative_names(&names, certificate);
	char *text = names.length ? arena_strndup(arena, names.data, names.length) : NULL;
	buffer_clear(&names);
	return text;
}

void tls_say_goodbye(SSL *ssl)
{
	if (SSL_is_init_finished(ssl) && !(SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN))
		SSL_shutdown(ssl);
	ERR_clear_error();
}
