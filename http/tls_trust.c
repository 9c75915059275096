/* tls_trust: whose certificates a listener accepts from its clients.
 * A chain is verified in the handshake, and again after a reload if its connection is open still. A session that
 * is resumed shows no chain: its first certificate alone is judged again. */
#include "http/tls_trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/list.h"

typedef bool on_pem_fn(
	struct tls_trust *trust, SSL_CTX *context, const X509_INFO *info, char *why, size_t size);

struct fingerprint {
	uint8_t bytes[SHA256_BYTES];
};

struct tls_trust {
	X509_STORE *store;            /* of the context, counted */
	STACK_OF(X509) * expired_cas; /* whose certificates are good beyond their end */
	STACK_OF(X509_CRL) * crls;    /* that the store has, too */
	struct fingerprint *revoked;  /* sorted */
	size_t revoked_count;
	uint8_t authorities[SHA256_BYTES]; /* hash of them */
	uint8_t chains[SHA256_BYTES]; /* and of the lists: of all that a chain is verified by */
};

/* Reading. */

static bool each_in_file(struct tls_trust *trust, SSL_CTX *context, const char *path,
	on_pem_fn *on_pem, char *why, size_t size)
{
	BIO *file = BIO_new_file(path, "r");
	STACK_OF(X509_INFO) *all = file ? PEM_X509_INFO_read_bio(file, NULL, NULL, NULL) : NULL;
	bool ok = all && sk_X509_INFO_num(all) > 0;
	if (!all)
		tls_explain("PEM file", path, why, size);
	else if (!ok)
		snprintf(why, size, "PEM file %s: holds nothing in PEM form", path);
	for (int i = 0; ok && i < sk_X509_INFO_num(all); i++) {
		char reason[128] = "cannot be used";
		ok = on_pem(trust, context, sk_X509_INFO_value(all, i), reason, sizeof(reason));
		if (!ok)
			snprintf(why, size, "%s: %s", path, reason);
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	BIO_free(file);
	return ok;
}

static bool each_in_files(struct tls_trust *trust, SSL_CTX *context, const char *paths,
	on_pem_fn *on_pem, char *why, size_t size)
{
	struct arena *arena = arena_new();
	bool ok = true;
	for (const char *path; ok && paths && (path = list_next(arena, &paths, ',')) != NULL;)
		ok = each_in_file(trust, context, path, on_pem, why, size);
	arena_free(arena);
	return ok;
}

/* Chains a hash to those before it. */
static void add_to_digest(uint8_t digest[SHA256_BYTES], const uint8_t hash[SHA256_BYTES])
{
	uint8_t both[2 * SHA256_BYTES];
	memcpy(both, digest, SHA256_BYTES);
	memcpy(both + SHA256_BYTES, hash, SHA256_BYTES);
	sha256(both, sizeof(both), digest);
}

static bool add_authority(
	struct tls_trust *trust, SSL_CTX *context, const X509_INFO *info, char *why, size_t size)
{
	if (!info->x509 || X509_STORE_add_cert(trust->store, info->x509) != 1 ||
		SSL_CTX_add_client_CA(context, info->x509) != 1) {
		snprintf(why, size, "has something that is not an authority's certificate");
		return false;
	}
	uint8_t hash[SHA256_BYTES];
	if (X509_digest(info->x509, EVP_sha256(), hash, NULL) != 1)
		abort();
	add_to_digest(trust->authorities, hash);
	add_to_digest(trust->chains, hash);
	return true;
}

static bool is_authority(const struct tls_trust *trust, const X509 *certificate)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(trust->store);
	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		const X509 *one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
		if (one && X509_cmp(one, certificate) == 0)
			return true;
	}
	return false;
}

static bool add_expired_authority(
	struct tls_trust *trust, SSL_CTX *context, const X509_INFO *info, char *why, size_t size)
{
	(void)context;
	if (!info->x509 || !is_authority(trust, info->x509)) {
		snprintf(why, size, "has something that is not among the authorities");
		return false;
	}
	return X509_up_ref(info->x509) && sk_X509_push(trust->expired_cas, info->x509);
}

static bool is_over(const ASN1_TIME *end)
{
	return end && X509_cmp_current_time(end) <= 0;
}

/* One that is over would refuse every device: it is not even begun with. */
static bool add_crl(
	struct tls_trust *trust, SSL_CTX *context, const X509_INFO *info, char *why, size_t size)
{
	(void)context;
	if (!info->crl || is_over(X509_CRL_get0_nextUpdate(info->crl))) {
		snprintf(why, size,
			info->crl ? "its next update is due" : "has something that is no CRL");
		return false;
	}
	uint8_t hash[SHA256_BYTES];
	if (X509_CRL_digest(info->crl, EVP_sha256(), hash, NULL) != 1)
		abort();
	add_to_digest(trust->chains, hash);
	return X509_STORE_add_crl(trust->store, info->crl) == 1 && X509_CRL_up_ref(info->crl) &&
	       sk_X509_CRL_push(trust->crls, info->crl);
}

/* "AB:CD:…", "abcd…", also behind "sha256 Fingerprint=", as openssl x509 -fingerprint prints it. */
static bool read_fingerprint(const char *line, struct fingerprint *fingerprint)
{
	const char *equals = strchr(line, '=');
	const char *text = equals ? equals + 1 : line;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		text += i && *text == ':';
		const int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		fingerprint->bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return text[strspn(text, " \t\r\n")] == '\0';
}

static void add_fingerprint(struct tls_trust *trust, const struct fingerprint *fingerprint)
{
	struct fingerprint *all = realloc(
		trust->revoked, (trust->revoked_count + 1) * sizeof(*fingerprint));
	if (!all)
		abort();
	trust->revoked = all;
	trust->revoked[trust->revoked_count++] = *fingerprint;
}

static bool read_fingerprints(struct tls_trust *trust, const char *path, char *why, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	bool ok = true;
	FILE *file = fopen(path, "re");
	for (unsigned number = 1; ok && file && getline(&line, &room, file) >= 0; number++) {
		struct fingerprint fingerprint;
		line[strcspn(line, "#")] = '\0';
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		ok = read_fingerprint(line, &fingerprint);
		if (ok)
			add_fingerprint(trust, &fingerprint);
		else
			snprintf(why, size, "%s:%u: is no SHA-256 fingerprint", path, number);
	}
	if (!file)
		snprintf(why, size, "%s: cannot be read", path);
	else
		fclose(file);
	free(line);
	return ok && file;
}

static int compare_fingerprints(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct fingerprint));
}

static bool read_revoked(struct tls_trust *trust, const char *paths, char *why, size_t size)
{
	struct arena *arena = arena_new();
	bool ok = true;
	for (const char *path; ok && paths && (path = list_next(arena, &paths, ',')) != NULL;)
		ok = read_fingerprints(trust, path, why, size);
	arena_free(arena);
	if (trust->revoked_count)
		qsort(trust->revoked, trust->revoked_count, sizeof(*trust->revoked),
			compare_fingerprints);
	return ok;
}

/* Judging. */

static bool is_listed(const struct tls_trust *trust, const X509 *certificate)
{
	struct fingerprint own;
	if (!trust->revoked_count)
		return false;
	if (X509_digest(certificate, EVP_sha256(), own.bytes, NULL) != 1)
		abort();
	return bsearch(&own, trust->revoked, trust->revoked_count, sizeof(own),
		       compare_fingerprints) != NULL;
}

static bool may_be_expired(const struct tls_trust *trust, X509 *certificate)
{
	for (int i = 0; i < sk_X509_num(trust->expired_cas); i++)
		if (X509_check_issued(sk_X509_value(trust->expired_cas, i), certificate) ==
			X509_V_OK)
			return true;
	return false;
}

static int judge_by_crl(X509_CRL *crl, X509 *certificate)
{
	enum { IS_REVOKED = 1 };
	X509_REVOKED *entry;
	if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)) != 0)
		return X509_V_OK;
	if (is_over(X509_CRL_get0_nextUpdate(crl)))
		return X509_V_ERR_CRL_HAS_EXPIRED;
	return X509_CRL_get0_by_cert(crl, &entry, certificate) == IS_REVOKED
		       ? X509_V_ERR_CERT_REVOKED
		       : X509_V_OK;
}

/* The client's own certificate, whoever verified its chain, and when. */
static int judge(const struct tls_trust *trust, X509 *certificate)
{
	int verdict = X509_V_OK;
	if (is_listed(trust, certificate))
		return X509_V_ERR_CERT_REVOKED;
	if (is_over(X509_get0_notAfter(certificate)) && !may_be_expired(trust, certificate))
		return X509_V_ERR_CERT_HAS_EXPIRED;
	for (int i = 0; verdict == X509_V_OK && i < sk_X509_CRL_num(trust->crls); i++)
		verdict = judge_by_crl(sk_X509_CRL_value(trust->crls, i), certificate);
	return verdict;
}

/* Whether the client's own certificate is over, judge() sees. An authority without a CRL revokes none. */
static int on_problem(int is_ok, X509_STORE_CTX *chain)
{
	const int problem = X509_STORE_CTX_get_error(chain);
	const bool is_judged = problem == X509_V_ERR_CERT_HAS_EXPIRED &&
			       X509_STORE_CTX_get_error_depth(chain) == 0;
	if (is_ok || (problem != X509_V_ERR_UNABLE_TO_GET_CRL && !is_judged))
		return is_ok;
	X509_STORE_CTX_set_error(chain, X509_V_OK);
	return 1;
}

static int verify(X509_STORE_CTX *chain, void *arg)
{
	X509_STORE_CTX_set_verify_cb(chain, on_problem);
	if (X509_verify_cert(chain) <= 0)
		return 0;
	const int verdict = judge(arg, X509_STORE_CTX_get0_cert(chain));
	X509_STORE_CTX_set_error(chain, verdict);
	return verdict == X509_V_OK;
}

static int on_chain(X509_STORE_CTX *chain, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	const int is_ok = verify(chain, arg);
	if (!is_ok)
		tls_keep_refused(ssl, X509_STORE_CTX_get0_cert(chain));
	return is_ok;
}

static int verify_again(const struct tls_trust *trust, X509 *certificate, STACK_OF(X509) * others)
{
	X509_STORE_CTX *chain = X509_STORE_CTX_new();
	if (!chain || X509_STORE_CTX_init(chain, trust->store, certificate, others) != 1)
		abort();
	X509_STORE_CTX_set_default(chain, "ssl_client");
	verify(chain, (void *)(uintptr_t)trust);
	const int verdict = X509_STORE_CTX_get_error(chain);
	X509_STORE_CTX_free(chain);
	return verdict;
}

const char *tls_trust_objection(
	const struct tls_trust *trust, const struct tls_trust *before, SSL *ssl)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	if (!certificate)
		return "a certificate is demanded now";
	const bool is_same = before &&
			     memcmp(before->authorities, trust->authorities, SHA256_BYTES) == 0;
	const bool is_verified = is_same && (before == trust || SSL_session_reused(ssl));
	const int verdict = is_verified ? judge(trust, certificate)
					: verify_again(
						  trust, certificate, SSL_get_peer_cert_chain(ssl));
	ERR_clear_error();
	return verdict == X509_V_OK ? NULL : X509_verify_cert_error_string(verdict);
}

/* Life. */

static struct tls_trust *trust_begin(SSL_CTX *context)
{
	struct tls_trust *trust = calloc(1, sizeof(*trust));
	if (!trust)
		abort();
	trust->store = SSL_CTX_get_cert_store(context);
	trust->expired_cas = sk_X509_new_null();
	trust->crls = sk_X509_CRL_new_null();
	if (!trust->expired_cas || !trust->crls || !X509_STORE_up_ref(trust->store))
		abort();
	return trust;
}

static bool read_all(struct tls_trust *trust, SSL_CTX *context,
	const struct http_tls_server_options *options, char *why, size_t size)
{
	return each_in_files(trust, context, options->client_cas, add_authority, why, size) &&
	       each_in_files(
		       trust, context, options->expired_cas, add_expired_authority, why, size) &&
	       each_in_files(trust, context, options->crls, add_crl, why, size) &&
	       read_revoked(trust, options->revoked, why, size);
}

struct tls_trust *tls_trust_new(
	SSL_CTX *context, const struct http_tls_server_options *options, char *why, size_t why_size)
{
	struct tls_trust *trust = trust_begin(context);
	if (!read_all(trust, context, options, why, why_size)) {
		tls_trust_free(trust);
		return NULL;
	}
	if (sk_X509_CRL_num(trust->crls) > 0)
		X509_STORE_set_flags(
			trust->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(context, on_chain, trust);
	return trust;
}

void tls_trust_free(struct tls_trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	sk_X509_pop_free(trust->expired_cas, X509_free);
	sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
	free(trust->revoked);
	free(trust);
}

const uint8_t *tls_trust_digest(const struct tls_trust *trust)
{
	return trust->chains;
}
