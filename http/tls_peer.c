/* tls_peer: what a peer's certificate says, and that of one who was refused.
 * Only what was verified is a name; what was refused is a claim, good for a line in the log. */
#include "http/tls_internal.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/x509v3.h>

#include "base/buffer.h"

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

static void add_of_subject(struct buffer *names, const X509 *certificate, int nid)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	const int at = X509_NAME_get_index_by_NID(subject, nid, -1);
	if (at >= 0)
		add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

static void add_alternative_names(struct buffer *names, const X509 *certificate)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);
		if (name->type == GEN_DNS)
			add_name(names, name->d.dNSName);
		else if (name->type == GEN_URI)
			add_name(names, name->d.uniformResourceIdentifier);
	}
	GENERAL_NAMES_free(all);
}

static char *names_of(struct arena *arena, const X509 *certificate)
{
	struct buffer names = { 0 };
	add_of_subject(&names, certificate, NID_commonName);
	add_of_subject(&names, certificate, NID_serialNumber);
	add_alternative_names(&names, certificate);
	char *text = names.length ? arena_strndup(arena, names.data, names.length) : NULL;
	buffer_clear(&names);
	return text;
}

char *tls_peer_names(struct arena *arena, SSL *ssl)
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	const bool is_verified = certificate && SSL_get_verify_result(ssl) == X509_V_OK;
	return is_verified ? names_of(arena, certificate) : NULL;
}

static int refused_index;

static void free_refused(
	void *ssl, void *certificate, CRYPTO_EX_DATA *data, int index, long number, void *arg)
{
	(void)ssl, (void)data, (void)index, (void)number, (void)arg;
	X509_free(certificate);
}

static void make_refused_index(void)
{
	refused_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_refused);
	if (refused_index < 0)
		abort();
}

static int index_of_refused(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_refused_index);
	return refused_index;
}

void tls_keep_refused(SSL *ssl, X509 *certificate)
{
	X509_free(SSL_get_ex_data(ssl, index_of_refused()));
	if (!X509_up_ref(certificate) || !SSL_set_ex_data(ssl, index_of_refused(), certificate))
		abort();
}

char *tls_refused_names(struct arena *arena, SSL *ssl)
{
	const X509 *certificate = SSL_get_ex_data(ssl, index_of_refused());
	return certificate ? names_of(arena, certificate) : NULL;
}

const char *tls_refusal(const SSL *ssl)
{
	const long verdict = SSL_get_verify_result(ssl);
	return verdict == X509_V_OK ? NULL : X509_verify_cert_error_string(verdict);
}
