/* tls_lab: an authority, certificates and TLS clients for the tests of TLS.
 * A raw client is OpenSSL itself, to see what our side looks like to others. */
#ifndef TESTS_TLS_LAB_H
#define TESTS_TLS_LAB_H

#include "client_lab.h"

#include <openssl/ssl.h>

#include "http/tls.h"

static char folder[] = "/tmp/http_test_tls_XXXXXX";

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* Good until it was called 64 times more. */
static inline const char *file(const char *name)
{
	static char paths[64][96];
	static unsigned next;
	char *path = paths[next++ % LENGTH_OF(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline void run(const char *command)
{
	char text[1024];
	snprintf(text, sizeof(text), "cd %s && %s >>log 2>&1", folder, command);
	if (system(text) != 0)
		fail_msg("failed: %s", text);
}

static inline void make_authority(const char *name)
{
	char command[512];
	snprintf(command, sizeof(command),
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
		"-keyout %s.key -out %s.pem -subj '/CN=%s'",
		name, name, name);
	run(command);
}

static inline void make_certificate(
	const char *name, const char *authority, const char *alternatives)
{
	char command[768];
	snprintf(command, sizeof(command),
		"openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key "
		"-out %s.csr -subj '/CN=%s' && echo 'subjectAltName=%s' > %s.ext && "
		"openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -days 2 "
		"-extfile %s.ext -out %s.pem",
		name, name, name, alternatives, name, name, authority, authority, name, name);
	run(command);
}

enum { TICKET_SECONDS = 1000000000 }; /* no period ends while the tests run */

/* As many different ones as are wanted; those of one number are the same. */
static inline void set_ticket_keys(struct http_ticket_keys *keys, char previous, char current)
{
	const uint8_t all[][HTTP_TICKET_KEY_BYTES] = { { (uint8_t)previous },
		{ (uint8_t)current } };
	http_ticket_keys_set(keys, http_ticket_keys_period(keys) - 1, all, LENGTH_OF(all));
}

static struct http_ticket_keys *ticket_keys; /* of all nodes */

static inline struct http_tls_server_options server_options(
	const char *certificates, const char *keys, const char *client_cas)
{
	return (struct http_tls_server_options){
		.certificates = certificates,
		.keys = keys,
		.client_cas = client_cas,
		.tickets = ticket_keys,
	};
}

static inline struct http_tls *new_server(const char *name, const char *client_ca)
{
	char why[256] = "", certificate[32], key[32];
	snprintf(certificate, sizeof(certificate), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key", name);
	const struct http_tls_server_options options = server_options(
		file(certificate), file(key), client_ca ? file(client_ca) : NULL);
	struct http_tls *tls = http_tls_server(&options, why, sizeof(why));
	if (!tls)
		fail_msg("%s", why);
	return tls;
}

static inline void tls_lab_begin(void)
{
	assert_non_null(mkdtemp(folder));
	ticket_keys = http_ticket_keys_new(TICKET_SECONDS);
	set_ticket_keys(ticket_keys, 'a', 'b');
}

static inline int tls_lab_end(void)
{
	char command[64];
	http_ticket_keys_free(ticket_keys);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

struct raw {
	struct lab *lab;
	const char *certificate; /* "device" for device.pem and device.key; NULL: none */
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

static inline void raw_show(struct raw *raw)
{
	char name[64];
	snprintf(name, sizeof(name), "%s.pem", raw->certificate);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(raw->context, file(name)), 1);
	snprintf(name, sizeof(name), "%s.key", raw->certificate);
	assert_int_equal(
		SSL_CTX_use_PrivateKey_file(raw->context, file(name), SSL_FILETYPE_PEM), 1);
}

static inline bool raw_open(struct raw *raw, int highest_version, SSL_SESSION *session)
{
	raw->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(raw->context, 0);
	SSL_CTX_set_min_proto_version(raw->context, 0);
	SSL_CTX_set_max_proto_version(raw->context, highest_version);
	if (raw->certificate)
		raw_show(raw);
	raw->ssl = SSL_new(raw->context);
	if (session)
		SSL_set_session(raw->ssl, session);
	raw->fd = lab_connect(raw->lab);
	SSL_set_fd(raw->ssl, raw->fd);
	return SSL_connect(raw->ssl) == 1;
}

/* The status of the answer; 0: none came. */
static inline unsigned raw_status(struct raw *raw)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	char answer[4096];
	if (SSL_write(raw->ssl, request, sizeof(request) - 1) != sizeof(request) - 1)
		return 0;
	const int length = SSL_read(raw->ssl, answer, sizeof(answer) - 1);
	answer[length > 0 ? length : 0] = '\0';
	return length > 0 ? lab_status(answer) : 0;
}

static inline void raw_get(struct raw *raw)
{
	assert_int_equal(raw_status(raw), 200);
}

/* Closes as many devices do: without close_notify. OpenSSL would think ill of the session. */
static inline void raw_close(struct raw *raw)
{
	SSL_set_shutdown(raw->ssl, SSL_SENT_SHUTDOWN);
	SSL_free(raw->ssl);
	SSL_CTX_free(raw->context);
	close(raw->fd);
}

/* A session with the raw's lab, and its ticket. */
static inline SSL_SESSION *raw_session(struct raw *raw, int version)
{
	assert_true(raw_open(raw, version, NULL));
	raw_get(raw);
	SSL_SESSION *session = SSL_get1_session(raw->ssl);
	assert_true(SSL_SESSION_has_ticket(session));
	raw_close(raw);
	return session;
}

static inline bool raw_resumes(struct raw *raw, int version, SSL_SESSION *session)
{
	assert_true(raw_open(raw, version, session));
	const bool is_resumed = SSL_session_reused(raw->ssl);
	raw_get(raw);
	raw_close(raw);
	return is_resumed;
}

static inline void tls_lab_on_request(struct http_request *request, void *arg)
{
	(void)arg;
	http_reply(request, &(const struct http_response){ .status = 200 });
}

/* A server of a test's own; all of them share the tickets' keys. */
struct node {
	struct lab lab;
	struct http_tls *tls;
};

static inline void node_start(struct node *node, const struct http_tls_server_options *options)
{
	char why[256] = "";
	node->tls = http_tls_server(options, why, sizeof(why));
	if (!node->tls)
		fail_msg("%s", why);
	lab_start(&node->lab, (struct http_listener_options){
				      .on_request = tls_lab_on_request, .tls = node->tls });
}

static inline bool reload(struct http_tls *tls, const struct http_tls_server_options *options,
	char *why, size_t why_size)
{
	struct http_tls *fresh = http_tls_server(options, why, why_size);
	if (fresh)
		http_tls_replace(tls, fresh);
	return fresh;
}

static inline void node_reload(struct node *node, const struct http_tls_server_options *options)
{
	char why[256] = "";
	if (!reload(node->tls, options, why, sizeof(why)))
		fail_msg("%s", why);
}

static inline void node_stop(struct node *node)
{
	lab_stop(&node->lab);
	http_tls_free(node->tls);
}

#endif
