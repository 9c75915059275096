/* TLS on both sides, with a CA and certificates made for this run. */
#include "tls_lab.h"

static struct event_base *base;
static struct lab lab, strict_lab;
static struct http_tls *server_tls, *strict_tls;

enum { BIG_BYTES = 3 * 1024 * 1024 };

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	struct http_response response = { .status = 200 };
	const char *name = http_client_certificate_name(request);
	response.body = arena_printf(request->arena, "%s|%zu|%s|%llu",
		request->is_tls ? "tls" : "plain", request->body_length, name ? name : "nobody",
		(unsigned long long)request->connection_id);
	response.body_length = strlen(response.body);
	if (strcmp(request->path, "/big") == 0) {
		response.body_length = BIG_BYTES;
		response.body = arena_alloc(request->arena, BIG_BYTES);
	}
	http_reply(request, &response);
}

static struct http_tls *new_client(const char *ca, const char *certificate, const char *key)
{
	char why[256] = "";
	const struct http_tls_client_options options = { .ca_file = file(ca),
		.certificate = certificate ? file(certificate) : NULL,
		.key = key ? file(key) : NULL };
	struct http_tls *tls = http_tls_client(&options, why, sizeof(why));
	if (!tls)
		fail_msg("%s", why);
	return tls;
}

static int set_up(void **state)
{
	(void)state;
	tls_lab_begin();
	make_authority("root");
	make_authority("other");
	make_certificate("server", "root", "DNS:localhost,IP:127.0.0.1");
	make_certificate("second", "root", "DNS:localhost,IP:127.0.0.1");
	make_certificate("named", "root", "DNS:acs.example");
	make_certificate("device", "root", "DNS:00D09E-123,DNS:cpe.example");
	make_certificate("stranger", "other", "DNS:x");
	static const struct http_limits limits = { .body_bytes = 8 * 1024 * 1024 };
	server_tls = new_server("server", NULL);
	strict_tls = new_server("server", "root.pem");
	lab_start(&lab, (struct http_listener_options){
				.on_request = on_request, .tls = server_tls, .limits = &limits });
	lab_start(&strict_lab,
		(struct http_listener_options){ .on_request = on_request, .tls = strict_tls });
	base = event_base_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lab_stop(&lab);
	lab_stop(&strict_lab);
	http_tls_free(server_tls);
	http_tls_free(strict_tls);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	return tls_lab_end();
}

static struct http_client *client_of(struct event_base *loop, struct http_tls *tls)
{
	const struct http_client_options options = { .tls = tls,
		.connect_seconds = 3,
		.response_seconds = 5,
		.body_bytes = 8 * 1024 * 1024 };
	return http_client_new(loop, NULL, &options);
}

static struct outcome get(
	struct http_client *client, const char *host, unsigned short port, const char *path)
{
	char url[128];
	snprintf(url, sizeof(url), "https://%s:%u%s", host, (unsigned)port, path);
	const struct http_client_request request = { .method = "GET", .url = url };
	struct outcome outcome = client_call(base, client, &request);
	event_base_loop(base, EVLOOP_NONBLOCK);
	return outcome;
}

static void assert_get(struct http_tls *tls, const char *host, unsigned short port,
	enum http_error error, const char *body)
{
	struct http_client *client = client_of(base, tls);
	struct outcome outcome = get(client, host, port, "/");
	if (outcome.error != error)
		fail_msg("%s: error %d (%s)", host, outcome.error, outcome.text);
	if (!strstr(outcome.body.data, body))
		fail_msg("no <%s> in <%s>", body, outcome.body.data);
	buffer_clear(&outcome.body);
	http_client_free(client);
	http_tls_free(tls);
}

static void test_the_server_is_verified_by_name_and_by_address(void **state)
{
	(void)state;
	assert_get(
		new_client("root.pem", NULL, NULL), "localhost", lab.port, HTTP_OK, "tls|0|nobody");
	assert_get(
		new_client("root.pem", NULL, NULL), "127.0.0.1", lab.port, HTTP_OK, "tls|0|nobody");
}

static void test_an_unknown_issuer_or_another_name_is_refused(void **state)
{
	(void)state;
	struct lab named;
	struct http_tls *tls = new_server("named", NULL);
	lab_start(&named, (struct http_listener_options){ .on_request = on_request, .tls = tls });
	assert_get(new_client("other.pem", NULL, NULL), "localhost", lab.port, HTTP_TLS_FAILED, "");
	assert_get(
		new_client("root.pem", NULL, NULL), "localhost", named.port, HTTP_TLS_FAILED, "");
	assert_get(
		new_client("root.pem", NULL, NULL), "127.0.0.1", named.port, HTTP_TLS_FAILED, "");
	lab_stop(&named);
	http_tls_free(tls);
}

static void test_a_plain_server_or_client_fails_cleanly(void **state)
{
	(void)state;
	struct lab plain;
	lab_start(&plain, (struct http_listener_options){ .on_request = on_request });
	assert_get(
		new_client("root.pem", NULL, NULL), "localhost", plain.port, HTTP_TLS_FAILED, "");
	lab_stop(&plain);
	struct buffer answer = lab_talk(&lab, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_null(strstr(answer.data, "HTTP/1.1 200"));
	buffer_clear(&answer);
}

static void test_client_certificates_are_demanded_and_named(void **state)
{
	(void)state;
	assert_get(new_client("root.pem", "device.pem", "device.key"), "localhost", strict_lab.port,
		HTTP_OK, "tls|0|device\n00D09E-123\ncpe.example|");
	assert_get(new_client("root.pem", NULL, NULL), "localhost", strict_lab.port,
		HTTP_TLS_FAILED, "");
	assert_get(new_client("root.pem", "stranger.pem", "stranger.key"), "localhost",
		strict_lab.port, HTTP_TLS_FAILED, "");
}

static void test_big_bodies_travel_both_ways_over_one_connection(void **state)
{
	(void)state;
	struct http_tls *tls = new_client("root.pem", NULL, NULL);
	struct http_client *client = client_of(base, tls);
	char url[64], *body = calloc(1, BIG_BYTES);
	snprintf(url, sizeof(url), "https://localhost:%u/", (unsigned)lab.port);
	unsigned long long connection = 0;
	for (int i = 0; i < 3; i++) {
		const struct http_client_request request = {
			.method = "POST", .url = url, .body = body, .body_length = BIG_BYTES
		};
		struct outcome outcome = client_call(base, client, &request);
		assert_int_equal(outcome.error, HTTP_OK);
		assert_memory_equal(outcome.body.data, "tls|3145728|", 12);
		const unsigned long long id = strtoull(
			strrchr(outcome.body.data, '|') + 1, NULL, 10);
		assert_true(i == 0 || id == connection);
		connection = id;
		buffer_clear(&outcome.body);
		outcome = get(client, "localhost", lab.port, "/big");
		assert_int_equal(outcome.body.length, BIG_BYTES);
		buffer_clear(&outcome.body);
	}
	free(body);
	http_client_free(client);
	http_tls_free(tls);
}

static void test_unreadable_files_are_named(void **state)
{
	(void)state;
	char why[256] = "";
	struct http_tls_server_options options = server_options(
		file("missing.pem"), file("server.key"), NULL);
	assert_null(http_tls_server(&options, why, sizeof(why)));
	assert_non_null(strstr(why, "missing.pem"));
	options.certificates = file("server.pem");
	options.keys = file("device.key");
	assert_null(http_tls_server(&options, why, sizeof(why)));
	assert_non_null(strstr(why, "device.key"));
	const struct http_tls_client_options client = { .ca_file = file("missing.pem") };
	assert_null(http_tls_client(&client, why, sizeof(why)));
	assert_non_null(strstr(why, "missing.pem"));
}

static void test_old_versions_are_refused(void **state)
{
	(void)state;
	struct raw raw = { .lab = &lab };
	assert_false(raw_open(&raw, TLS1_1_VERSION, NULL));
	raw_close(&raw);
	assert_true(raw_open(&raw, TLS1_2_VERSION, NULL));
	assert_string_equal(SSL_get_version(raw.ssl), "TLSv1.2");
	raw_close(&raw);
}

static void test_renegotiation_is_refused(void **state)
{
	(void)state;
	struct raw raw = { .lab = &lab };
	char byte;
	assert_true(raw_open(&raw, TLS1_2_VERSION, NULL));
	SSL_renegotiate(raw.ssl);
	SSL_do_handshake(raw.ssl);
	assert_true(SSL_read(raw.ssl, &byte, 1) <= 0);
	raw_close(&raw);
}

static void assert_peer_is(struct raw *raw, const char *name)
{
	char subject[64] = "";
	X509 *certificate = SSL_get1_peer_certificate(raw->ssl);
	X509_NAME_get_text_by_NID(
		X509_get_subject_name(certificate), NID_commonName, subject, sizeof(subject));
	assert_string_equal(subject, name);
	X509_free(certificate);
}

static void test_a_reload_changes_what_comes_after_it(void **state)
{
	(void)state;
	struct raw old = { .lab = &lab }, fresh = old;
	char why[256] = "";
	const struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), NULL);
	assert_true(raw_open(&old, TLS1_3_VERSION, NULL));
	run("cp server.pem kept.pem && cp server.key kept.key && echo broken > server.pem");
	assert_false(reload(server_tls, &options, why, sizeof(why)));
	assert_non_null(strstr(why, "server.pem"));
	assert_true(raw_open(&fresh, TLS1_3_VERSION, NULL));
	assert_peer_is(&fresh, "server");
	raw_close(&fresh);
	run("cp second.pem server.pem && cp second.key server.key");
	assert_true(reload(server_tls, &options, why, sizeof(why)));
	assert_true(raw_open(&fresh, TLS1_3_VERSION, NULL));
	assert_peer_is(&fresh, "second");
	raw_get(&old);
	raw_get(&fresh);
	raw_close(&old);
	raw_close(&fresh);
	run("cp kept.pem server.pem && cp kept.key server.key");
	assert_true(reload(server_tls, &options, why, sizeof(why)));
}

/* A TLS server by OpenSSL itself, for one request a connection. */
struct raw_server {
	int fd;
	unsigned short port;
	unsigned connections, resumed;
	bool says_goodbye;
	pthread_t thread;
};

static void *raw_serve(void *arg)
{
	struct raw_server *server = arg;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate_chain_file(context, file("server.pem"));
	SSL_CTX_use_PrivateKey_file(context, file("server.key"), SSL_FILETYPE_PEM);
	for (unsigned i = 0; i < server->connections; i++) {
		static const char answer[] =
			"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end";
		char request[4096];
		const int fd = accept(server->fd, NULL, NULL);
		SSL *ssl = SSL_new(context);
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof(request)) > 0) {
			server->resumed += (unsigned)SSL_session_reused(ssl);
			SSL_write(ssl, answer, sizeof(answer) - 1);
			if (server->says_goodbye)
				SSL_shutdown(ssl);
		}
		shutdown(fd, SHUT_WR);
		while (recv(fd, request, sizeof(request), 0) > 0)
			;
		SSL_free(ssl);
		close(fd);
	}
	SSL_CTX_free(context);
	return NULL;
}

static void raw_serve_begin(struct raw_server *server)
{
	char why[64];
	struct sockaddr_in bound;
	socklen_t length = sizeof(bound);
	server->fd = http_bind("127.0.0.1:0", why, sizeof(why));
	fcntl(server->fd, F_SETFL, fcntl(server->fd, F_GETFL) & ~O_NONBLOCK);
	getsockname(server->fd, (struct sockaddr *)&bound, &length);
	server->port = ntohs(bound.sin_port);
	pthread_create(&server->thread, NULL, raw_serve, server);
}

static void raw_serve_end(struct raw_server *server)
{
	pthread_join(server->thread, NULL);
	close(server->fd);
}

static void test_the_client_resumes_its_session(void **state)
{
	(void)state;
	struct raw_server server = { .connections = 3, .says_goodbye = true };
	struct http_tls *tls = new_client("root.pem", NULL, NULL);
	struct http_client *client = client_of(base, tls);
	raw_serve_begin(&server);
	for (int i = 0; i < 3; i++) {
		struct outcome outcome = get(client, "localhost", server.port, "/");
		assert_int_equal(outcome.error, HTTP_OK);
		assert_string_equal(outcome.body.data, "until the end");
		buffer_clear(&outcome.body);
	}
	raw_serve_end(&server);
	assert_int_equal(server.resumed, 2);
	http_client_free(client);
	http_tls_free(tls);
}

/* Without close_notify anyone on the way may have cut the answer. */
static void test_an_answer_that_only_the_close_ends_needs_a_clean_close(void **state)
{
	(void)state;
	struct raw_server server = { .connections = 1, .says_goodbye = false };
	raw_serve_begin(&server);
	assert_get(new_client("root.pem", NULL, NULL), "localhost", server.port, HTTP_CLOSED, "");
	raw_serve_end(&server);
}

/* The second request meets a connection that the server has dropped, and is sent whole again. */
static void test_a_request_that_is_sent_again_is_the_same(void **state)
{
	(void)state;
	struct lab brief;
	static const struct http_limits limits = { .idle_seconds = 1 };
	struct http_tls *tls = new_client("root.pem", NULL, NULL);
	struct http_client *client = client_of(base, tls);
	char url[64];
	lab_start(&brief, (struct http_listener_options){
				  .on_request = on_request, .tls = server_tls, .limits = &limits });
	snprintf(url, sizeof(url), "https://localhost:%u/", (unsigned)brief.port);
	for (int i = 0; i < 2; i++) {
		const struct http_client_request request = {
			.method = "POST", .url = url, .body = "four", .body_length = 4
		};
		struct outcome outcome = client_call(base, client, &request);
		assert_int_equal(outcome.error, HTTP_OK);
		assert_memory_equal(outcome.body.data, "tls|4|", 6);
		buffer_clear(&outcome.body);
		usleep(1300000);
	}
	http_client_free(client);
	http_tls_free(tls);
	lab_stop(&brief);
}

static void *many_requests(void *arg)
{
	struct http_tls *tls = arg;
	struct event_base *own = event_base_new();
	for (int i = 0; i < 10; i++) {
		struct http_client *client = client_of(own, tls);
		char url[64];
		snprintf(url, sizeof(url), "https://localhost:%u/", (unsigned)lab.port);
		const struct http_client_request request = { .method = "GET", .url = url };
		struct outcome outcome = client_call(own, client, &request);
		assert_int_equal(outcome.error, HTTP_OK);
		buffer_clear(&outcome.body);
		http_client_free(client);
	}
	event_base_loop(own, EVLOOP_NONBLOCK);
	event_base_free(own);
	return NULL;
}

static void test_several_loops_share_one_context_while_it_is_reloaded(void **state)
{
	(void)state;
	pthread_t threads[3];
	char why[128];
	const struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), NULL);
	struct http_tls *tls = new_client("root.pem", NULL, NULL);
	for (size_t i = 0; i < LENGTH_OF(threads); i++)
		pthread_create(&threads[i], NULL, many_requests, tls);
	for (int i = 0; i < 10; i++)
		assert_true(reload(server_tls, &options, why, sizeof(why)));
	for (size_t i = 0; i < LENGTH_OF(threads); i++)
		pthread_join(threads[i], NULL);
	http_tls_free(tls);
}

static atomic_uint heads_cut;

static void count_heads_cut(enum http_limit limit, void *arg)
{
	(void)arg;
	if (limit == HTTP_LIMIT_HEAD_SECONDS)
		atomic_fetch_add(&heads_cut, 1);
}

static size_t client_hello(char *bytes, size_t room)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(context);
	BIO *out = BIO_new(BIO_s_mem());
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_connect(ssl);
	const int length = BIO_read(out, bytes, (int)room);
	SSL_free(ssl);
	SSL_CTX_free(context);
	assert_true(length > 100);
	return (size_t)length;
}

/* The first head's time begins with the handshake. */
static void test_a_dripped_handshake_ends_at_its_limit(void **state)
{
	(void)state;
	static const struct http_limits limits = { .head_seconds = 1 };
	struct lab brief;
	char hello[1024], end;
	lab_start(&brief, (struct http_listener_options){ .on_request = on_request,
				  .tls = server_tls,
				  .limits = &limits,
				  .on_limit = count_heads_cut });
	const size_t length = client_hello(hello, sizeof(hello));
	const int fd = lab_connect(&brief);
	const double began = lab_now();
	for (size_t i = 0; i < length - 1 && recv(fd, &end, 1, MSG_DONTWAIT) < 0; i++) {
		lab_send_bytes(fd, hello + i, 1);
		usleep(50000);
	}
	const double took = lab_now() - began;
	assert_true(took > 0.8 && took < 4);
	assert_int_equal(atomic_load(&heads_cut), 1);
	close(fd);
	lab_stop(&brief);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_server_is_verified_by_name_and_by_address),
		cmocka_unit_test(test_an_unknown_issuer_or_another_name_is_refused),
		cmocka_unit_test(test_a_plain_server_or_client_fails_cleanly),
		cmocka_unit_test(test_client_certificates_are_demanded_and_named),
		cmocka_unit_test(test_big_bodies_travel_both_ways_over_one_connection),
		cmocka_unit_test(test_unreadable_files_are_named),
		cmocka_unit_test(test_old_versions_are_refused),
		cmocka_unit_test(test_renegotiation_is_refused),
		cmocka_unit_test(test_a_reload_changes_what_comes_after_it),
		cmocka_unit_test(test_the_client_resumes_its_session),
		cmocka_unit_test(test_an_answer_that_only_the_close_ends_needs_a_clean_close),
		cmocka_unit_test(test_a_request_that_is_sent_again_is_the_same),
		cmocka_unit_test(test_a_dripped_handshake_ends_at_its_limit),
		cmocka_unit_test(test_several_loops_share_one_context_while_it_is_reloaded),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
