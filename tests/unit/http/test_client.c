/* The client against our own server and against servers that misbehave. */
#include "client_lab.h"

static struct event_base *base;
static struct evdns_base *dns;
static struct lab lab;

static const struct http_client_options quick = {
	.connect_seconds = 1,
	.response_seconds = 1,
	.header_bytes = 1024,
	.body_bytes = 4096,
};

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	const struct http_header headers[] = { { "X-Probe", "kept" } };
	struct http_response response = { .status = 200, .headers = headers, .header_count = 1 };
	response.body = arena_printf(request->arena, "%s %s|%s|%s|%llu", request->method,
		request->target, request->body, http_request_header(request, "Host"),
		(unsigned long long)request->connection_id);
	response.body_length = strlen(response.body);
	if (strcmp(request->path, "/nothing") == 0)
		response.status = 204;
	if (strcmp(request->path, "/big") == 0) {
		response.body_length = 5000;
		response.body = arena_alloc(request->arena, response.body_length);
	}
	http_reply(request, &response);
}

static int set_up(void **state)
{
	(void)state;
	lab_start(&lab, (struct http_listener_options){ .on_request = on_request });
	base = event_base_new();
	dns = evdns_base_new(
		base, EVDNS_BASE_DISABLE_WHEN_INACTIVE | EVDNS_BASE_INITIALIZE_NAMESERVERS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (dns)
		evdns_base_free(dns, 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	lab_stop(&lab);
	return 0;
}

static const char *url_of(unsigned short port, const char *path)
{
	static char url[128];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", (unsigned)port, path);
	return url;
}

static struct outcome get(struct http_client *client, const char *url)
{
	const struct http_client_request request = { .method = "GET", .url = url };
	return client_call(base, client, &request);
}

/* One request with a client of its own. */
static struct outcome get_once(const struct http_client_options *options, const char *url)
{
	struct http_client *client = http_client_new(base, dns, options);
	struct outcome outcome = get(client, url);
	http_client_free(client);
	return outcome;
}

static void assert_error(const char *url, enum http_error error)
{
	struct outcome outcome = get_once(&quick, url);
	if (outcome.error != error)
		fail_msg(
			"%s: error %d (%s) instead of %d", url, outcome.error, outcome.text, error);
	assert_true(outcome.text[0] || !error);
	buffer_clear(&outcome.body);
}

static void test_requests_are_answered_over_one_connection(void **state)
{
	(void)state;
	struct http_client *client = http_client_new(base, dns, &quick);
	unsigned long long connection = 0;
	for (int i = 0; i < 20; i++) {
		const struct http_client_request request = { .method = "POST",
			.url = url_of(lab.port, "/x?y"),
			.body = "data",
			.body_length = 4 };
		struct outcome outcome = client_call(base, client, &request);
		assert_int_equal(outcome.error, HTTP_OK);
		assert_int_equal(outcome.status, 200);
		assert_string_equal(outcome.probe, "kept");
		assert_memory_equal(outcome.body.data, "POST /x?y|data|127.0.0.1:", 25);
		const unsigned long long id = strtoull(
			strrchr(outcome.body.data, '|') + 1, NULL, 10);
		assert_true(i == 0 || id == connection);
		connection = id;
		buffer_clear(&outcome.body);
	}
	struct sockaddr_storage local;
	assert_true(http_client_local_address(client, &local));
	http_client_disconnect(client);
	assert_false(http_client_local_address(client, &local));
	struct outcome outcome = get(client, url_of(lab.port, "/"));
	assert_true(strtoull(strrchr(outcome.body.data, '|') + 1, NULL, 10) != connection);
	buffer_clear(&outcome.body);
	http_client_free(client);
}

static void test_answers_without_body_are_understood(void **state)
{
	(void)state;
	struct http_client *client = http_client_new(base, dns, &quick);
	const struct http_client_request head = { .method = "HEAD", .url = url_of(lab.port, "/") };
	struct outcome outcome = client_call(base, client, &head);
	assert_int_equal(outcome.status, 200);
	assert_int_equal(outcome.body.length, 0);
	buffer_clear(&outcome.body);
	outcome = get(client, url_of(lab.port, "/nothing"));
	assert_int_equal(outcome.status, 204);
	assert_false(outcome.closes);
	buffer_clear(&outcome.body);
	http_client_free(client);
}

static void test_an_asked_for_close_is_kept(void **state)
{
	(void)state;
	struct http_client *client = http_client_new(base, dns, &quick);
	struct sockaddr_storage local;
	const struct http_client_request request = {
		.method = "GET", .url = url_of(lab.port, "/"), .close = true
	};
	struct outcome outcome = client_call(base, client, &request);
	assert_true(outcome.closes);
	assert_false(http_client_local_address(client, &local));
	buffer_clear(&outcome.body);
	http_client_free(client);
}

static void test_errors_are_told_apart(void **state)
{
	(void)state;
	char why[64], url[128];
	const evutil_socket_t fd = http_bind("127.0.0.1:0", why, sizeof(why));
	struct arena *arena = arena_new();
	snprintf(url, sizeof(url), "http://%s/", http_bound_address(arena, fd));
	close(fd);
	assert_error(url, HTTP_REFUSED);
	assert_error("nonsense", HTTP_BAD_URL);
	assert_error("http://user:secret@127.0.0.1/", HTTP_BAD_URL);
	assert_error("https://127.0.0.1/", HTTP_BAD_URL);
	assert_error(url_of(lab.port, "/big"), HTTP_TOO_LARGE);
	snprintf(url, sizeof(url), "http://localhost:%u/", (unsigned)lab.port);
	assert_error(url, HTTP_OK);
	arena_free(arena);
}

static void test_a_name_without_dns_is_unknown(void **state)
{
	(void)state;
	struct http_client *client = http_client_new(base, NULL, &quick);
	struct outcome outcome = get(client, "http://acs.invalid/");
	assert_int_equal(outcome.error, HTTP_DNS_FAILED);
	buffer_clear(&outcome.body);
	http_client_free(client);
}

/* A name server that never answers: the client's time ends, and freeing cancels the question. */
static void test_a_silent_name_server_is_not_waited_for(void **state)
{
	(void)state;
	char address[32];
	struct sockaddr_in bound = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(bound);
	const int silent = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(silent, (struct sockaddr *)&bound, sizeof(bound)), 0);
	getsockname(silent, (struct sockaddr *)&bound, &length);
	snprintf(address, sizeof(address), "127.0.0.1:%u", (unsigned)ntohs(bound.sin_port));
	struct evdns_base *own = evdns_base_new(base, 0);
	assert_int_equal(evdns_base_nameserver_ip_add(own, address), 0);
	struct http_client *client = http_client_new(base, own, &quick);
	struct outcome outcome = get(client, "http://acs.example/");
	assert_int_equal(outcome.error, HTTP_TIMEOUT);
	buffer_clear(&outcome.body);
	struct outcome never = { .base = base };
	const struct http_client_request request = { .method = "GET",
		.url = "http://acs.example/" };
	http_client_send(client, &request, outcome_store, &never);
	http_client_free(client);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(never.calls, 0);
	evdns_base_free(own, 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	close(silent);
}

static bool allow_nothing(const struct sockaddr *address, void *arg)
{
	unsigned *asked = arg;
	assert_int_equal(address->sa_family, AF_INET);
	++*asked;
	return false;
}

static void test_forbidden_addresses_are_not_dialled(void **state)
{
	(void)state;
	char url[64];
	unsigned asked = 0;
	struct http_client_options options = quick;
	options.allow_address = allow_nothing;
	options.allow_arg = &asked;
	struct outcome outcome = get_once(&options, url_of(lab.port, "/"));
	assert_int_equal(outcome.error, HTTP_ADDRESS_FORBIDDEN);
	buffer_clear(&outcome.body);
	snprintf(url, sizeof(url), "http://[::ffff:127.0.0.1]:%u/", (unsigned)lab.port);
	outcome = get_once(&options, url);
	assert_int_equal(outcome.error, HTTP_ADDRESS_FORBIDDEN);
	assert_int_equal(asked, 2);
	buffer_clear(&outcome.body);
}

static void test_the_local_address_can_be_chosen(void **state)
{
	(void)state;
	struct http_client_options options = quick;
	options.bind_address = "127.0.0.5";
	struct http_client *client = http_client_new(base, dns, &options);
	struct outcome outcome = get(client, url_of(lab.port, "/"));
	struct sockaddr_storage local;
	assert_int_equal(outcome.error, HTTP_OK);
	assert_true(http_client_local_address(client, &local));
	assert_int_equal(ntohl(((struct sockaddr_in *)&local)->sin_addr.s_addr), 0x7f000005);
	buffer_clear(&outcome.body);
	http_client_free(client);
	options.bind_address = "::1";
	outcome = get_once(&options, url_of(lab.port, "/"));
	assert_int_equal(outcome.error, HTTP_REFUSED);
	buffer_clear(&outcome.body);
}

static void test_answers_of_other_servers_are_understood(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		enum http_error error;
		unsigned status;
		const char *body;
	} cases[] = {
		{ "!HTTP/1.1 200 OK\r\n\r\nuntil the end", HTTP_OK, 200, "until the end" },
		{ "!HTTP/1.0 200 OK\r\nX-Probe: p\r\n\r\n", HTTP_OK, 200, "" },
		{ "!HTTP/1.1 401\r\nContent-Length: 2\r\n\r\nno", HTTP_OK, 401, "no" },
		{ "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
			HTTP_OK, 200, "abc" },
		{ "!HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
			HTTP_OK, 200, "a" },
		{ "!HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", HTTP_OK, 304, "" },
		{ "!HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", HTTP_CLOSED, 0, "" },
		{ "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", HTTP_CLOSED, 0,
			"" },
		{ "!HTTP/1.1 200 OK\r\nX: ", HTTP_CLOSED, 0, "" },
		{ "", HTTP_CLOSED, 0, "" },
		{ "~", HTTP_TIMEOUT, 0, "" },
		{ "!HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
			HTTP_PROTOCOL, 0, "" },
		{ "!HTTP/2.0 200 OK\r\n\r\n", HTTP_PROTOCOL, 0, "" },
		{ "!HTTP/1.1 020 OK\r\n\r\n", HTTP_PROTOCOL, 0, "" },
		{ "!SSH-2.0-dropbear\r\n", HTTP_PROTOCOL, 0, "" },
		{ "!HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
			HTTP_PROTOCOL, 0, "" },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct script script;
		script_start(&script, &cases[i].answer, 1);
		struct outcome outcome = get_once(&quick, url_of(script.port, "/"));
		if (outcome.error != cases[i].error)
			fail_msg("error %d (%s) for <%s>", outcome.error, outcome.text,
				cases[i].answer);
		if (!outcome.error)
			assert_int_equal(outcome.status, cases[i].status);
		assert_string_equal(outcome.body.data, cases[i].body);
		buffer_clear(&outcome.body);
		script_stop(&script);
	}
}

static void test_long_answers_are_refused(void **state)
{
	(void)state;
	struct buffer answers[3] = { { 0 } };
	buffer_append_text(&answers[0], "!HTTP/1.1 200 OK\r\nX: ");
	buffer_append_text(&answers[1], "!");
	buffer_append_text(&answers[2], "!HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 100; i++) {
		buffer_append_text(&answers[0], "0123456789abcdef");
		buffer_append_text(
			&answers[1], "HTTP/1.1 100 Continue\r\nX: 0123456789abcdef\r\n\r\n");
	}
	for (int i = 0; i < 4097; i++)
		buffer_append_text(&answers[2], "x");
	for (size_t i = 0; i < LENGTH_OF(answers); i++) {
		struct script script;
		const char *line = answers[i].data;
		script_start(&script, &line, 1);
		assert_error(url_of(script.port, "/"), HTTP_TOO_LARGE);
		script_stop(&script);
		buffer_clear(&answers[i]);
	}
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void test_a_kept_connection_that_was_closed_is_replaced_once(void **state)
{
	(void)state;
	static const char *const answers[] = { OK_ANSWER, "", OK_ANSWER, "", "" };
	struct script script;
	script_start(&script, answers, LENGTH_OF(answers));
	struct http_client *client = http_client_new(base, dns, &quick);
	static const enum http_error errors[] = { HTTP_OK, HTTP_OK, HTTP_CLOSED };
	for (size_t i = 0; i < LENGTH_OF(errors); i++) {
		const struct http_client_request request = { .method = "POST",
			.url = url_of(script.port, "/"),
			.body = "b",
			.body_length = 1 };
		struct outcome outcome = client_call(base, client, &request);
		assert_int_equal(outcome.error, errors[i]);
		buffer_clear(&outcome.body);
	}
	assert_int_equal(atomic_load(&script.requests), 5);
	assert_int_equal(atomic_load(&script.connections), 3);
	http_client_free(client);
	script_stop(&script);
}

static void test_an_answer_before_the_request_was_sent_is_taken(void **state)
{
	(void)state;
	static const char *const answers[] = {
		"!HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"
	};
	struct script script;
	script_start(&script, answers, 1);
	struct http_client *client = http_client_new(base, dns, &quick);
	enum { LENGTH = 16 * 1024 * 1024 };
	char *body = calloc(1, LENGTH);
	const struct http_client_request request = { .method = "PUT",
		.url = url_of(script.port, "/"),
		.body = body,
		.body_length = LENGTH };
	struct outcome outcome = client_call(base, client, &request);
	assert_true(outcome.error == HTTP_OK ? outcome.status == 413 && outcome.closes
					     : outcome.error == HTTP_CLOSED);
	buffer_clear(&outcome.body);
	free(body);
	http_client_free(client);
	script_stop(&script);
}

static void test_the_request_is_spelled_as_asked(void **state)
{
	(void)state;
	static const char *const answers[] = { OK_ANSWER, OK_ANSWER };
	struct script script;
	script_start(&script, answers, 2);
	struct http_client *client = http_client_new(base, dns, &quick);
	const struct http_header headers[] = { { "SOAPAction", "" },
		{ "X-Bad", "1\r\nX-Forged: 1" } };
	const struct http_client_request request = { .method = "POST",
		.url = url_of(script.port, "?a#b"),
		.headers = headers,
		.header_count = 2 };
	struct outcome outcome = client_call(base, client, &request);
	buffer_clear(&outcome.body);
	outcome = get(client, url_of(script.port, "/"));
	buffer_clear(&outcome.body);
	http_client_free(client);
	char expected[256];
	snprintf(expected, sizeof(expected),
		"POST /?a HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nSOAPAction: \r\nContent-Length: 0\r\n\r\n"
		"GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
		(unsigned)script.port, (unsigned)script.port);
	pthread_join(script.thread, NULL);
	assert_string_equal(script.received.data, expected);
	close(script.fd);
	buffer_clear(&script.received);
}

struct pieces {
	unsigned count;
	size_t bytes, limit;
};

struct streamed {
	struct outcome outcome;
	struct pieces pieces;
};

static bool on_piece(
	const struct http_client_response *head, const void *bytes, size_t length, void *arg)
{
	struct pieces *pieces = &((struct streamed *)arg)->pieces;
	(void)bytes;
	assert_int_equal(head->status, 200);
	pieces->count++;
	pieces->bytes += length;
	return pieces->bytes <= pieces->limit;
}

static struct streamed stream(size_t limit)
{
	struct http_client_options options = quick;
	options.response_seconds = 0;
	options.idle_read_seconds = 1;
	struct http_client *client = http_client_new(base, dns, &options);
	struct streamed streamed = { .outcome.base = base, .pieces.limit = limit };
	const struct http_client_request request = {
		.method = "GET", .url = url_of(lab.port, "/big"), .on_body = on_piece
	};
	http_client_send(client, &request, outcome_store, &streamed);
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	http_client_free(client);
	buffer_clear(&streamed.outcome.body);
	return streamed;
}

static void test_bodies_can_be_taken_in_pieces(void **state)
{
	(void)state;
	struct streamed whole = stream(5000);
	assert_int_equal(whole.outcome.error, HTTP_OK);
	assert_int_equal(whole.pieces.bytes, 5000);
	struct streamed stopped = stream(10);
	assert_int_equal(stopped.outcome.error, HTTP_TOO_LARGE);
}

struct freeing {
	struct http_client *client;
	unsigned calls;
};

static void on_response_free(const struct http_client_response *response, void *arg)
{
	struct freeing *freeing = arg;
	assert_int_equal(response->error, HTTP_OK);
	freeing->calls++;
	http_client_free(freeing->client);
	assert_true(response->body_length > 0 && response->body[0] == 'G');
	event_base_loopbreak(base);
}

static void on_response_again(const struct http_client_response *response, void *arg)
{
	struct freeing *freeing = arg;
	char url[128];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)lab.port);
	const struct http_client_request request = { .method = "GET", .url = url };
	assert_int_equal(response->error, HTTP_OK);
	http_client_send(freeing->client, &request,
		++freeing->calls < 3 ? on_response_again : on_response_free, arg);
}

static void test_the_callback_may_send_again_and_free_the_client(void **state)
{
	(void)state;
	struct freeing freeing = { .client = http_client_new(base, dns, &quick) };
	const struct http_client_request request = { .method = "GET",
		.url = url_of(lab.port, "/") };
	http_client_send(freeing.client, &request, on_response_again, &freeing);
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(freeing.calls, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_are_answered_over_one_connection),
		cmocka_unit_test(test_answers_without_body_are_understood),
		cmocka_unit_test(test_an_asked_for_close_is_kept),
		cmocka_unit_test(test_errors_are_told_apart),
		cmocka_unit_test(test_a_name_without_dns_is_unknown),
		cmocka_unit_test(test_a_silent_name_server_is_not_waited_for),
		cmocka_unit_test(test_forbidden_addresses_are_not_dialled),
		cmocka_unit_test(test_the_local_address_can_be_chosen),
		cmocka_unit_test(test_answers_of_other_servers_are_understood),
		cmocka_unit_test(test_long_answers_are_refused),
		cmocka_unit_test(test_a_kept_connection_that_was_closed_is_replaced_once),
		cmocka_unit_test(test_an_answer_before_the_request_was_sent_is_taken),
		cmocka_unit_test(test_the_request_is_spelled_as_asked),
		cmocka_unit_test(test_bodies_can_be_taken_in_pieces),
		cmocka_unit_test(test_the_callback_may_send_again_and_free_the_client),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
