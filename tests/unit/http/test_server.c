/* The server as hostile, slow and old-fashioned peers meet it. */
#include "lab.h"

static struct lab lab;
static atomic_uint gone, drained, handled, pieces;

static const struct http_limits limits = {
	.header_bytes = 1024,
	.body_bytes = 4096,
	.head_seconds = 1,
	.body_seconds = 1,
	.idle_seconds = 2,
	.write_seconds = 1,
	.requests_per_connection = 30,
	.connections = 8,
	.connections_per_address = 6,
};

/* Two bodies of 3000 bytes do not fit together. */
static struct http_budget budget = { .limit = 5000 };

enum { BIG_BYTES = 6 * 1024 * 1024 };

static void reply_text(struct http_request *request, unsigned status, const char *text)
{
	const struct http_response response = {
		.status = status, .body = text, .body_length = strlen(text)
	};
	http_reply(request, &response);
}

static void on_gone(struct http_request *request)
{
	(void)request;
	atomic_fetch_add(&gone, 1);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	reply_text(arg, 200, "later\n");
}

static void reply_later(struct http_request *request)
{
	const struct timeval delay = { .tv_usec = 150000 };
	event_base_once(lab.base, -1, EV_TIMEOUT, on_later, request, &delay);
}

static void reply_echo(struct http_request *request)
{
	const char *probe = http_request_header(request, "X-Probe");
	reply_text(request, 200,
		arena_printf(request->arena, "%s|%s|%s|%s|%s|\n", request->method, request->path,
			request->query, probe ? probe : "", request->body));
}

static void reply_big(struct http_request *request)
{
	char *bytes = malloc(BIG_BYTES);
	memset(bytes, 'x', BIG_BYTES);
	const struct http_response response = {
		.status = 200, .body = bytes, .body_length = BIG_BYTES
	};
	http_reply(request, &response);
	free(bytes);
}

static void hold(struct http_request *request)
{
	request->on_gone = on_gone;
}

static void on_stream_drained(struct http_request *request)
{
	const uintptr_t sent = (uintptr_t)request->user;
	atomic_fetch_add(&drained, 1);
	if (sent == 3) {
		http_reply_end(request);
		return;
	}
	request->user = (void *)(sent + 1);
	http_reply_body(request, "piece", 5);
}

static void stream(struct http_request *request, uint64_t length)
{
	const struct http_response response = { .status = 200 };
	request->on_drained = on_stream_drained;
	request->on_gone = on_gone;
	http_reply_begin(request, &response, length);
}

static void stream_chunked(struct http_request *request)
{
	stream(request, UINT64_MAX);
}

static void stream_bounded(struct http_request *request)
{
	stream(request, 15);
}

static void stream_short(struct http_request *request)
{
	stream(request, 20);
}

static void reply_nothing(struct http_request *request)
{
	reply_text(request, 204, "");
}

static void reply_and_close(struct http_request *request)
{
	const struct http_response response = {
		.status = 200, .body = "bye\n", .body_length = 4, .close = true
	};
	http_reply(request, &response);
}

static void reply_split(struct http_request *request)
{
	const struct http_header headers[] = { { "X-Good", "1" }, { "X-Bad", "1\r\nX-Forged: 1" } };
	const struct http_response response = {
		.status = 200, .headers = headers, .header_count = 2
	};
	http_reply(request, &response);
}

static void reply_count(struct http_request *request)
{
	reply_text(
		request, 200, arena_printf(request->arena, "%zu bytes\n", (size_t)request->user));
}

static const struct {
	const char *path;
	void (*handle)(struct http_request *request);
} routes[] = {
	{ "/later", reply_later },
	{ "/big", reply_big },
	{ "/hold", hold },
	{ "/held-upload", hold },
	{ "/chunked", stream_chunked },
	{ "/bounded", stream_bounded },
	{ "/short", stream_short },
	{ "/nothing", reply_nothing },
	{ "/close", reply_and_close },
	{ "/split", reply_split },
	{ "/upload", reply_count },
	{ "/paused", reply_count },
};

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	atomic_fetch_add(&handled, 1);
	for (size_t i = 0; i < LENGTH_OF(routes); i++) {
		if (strcmp(request->path, routes[i].path) == 0) {
			routes[i].handle(request);
			return;
		}
	}
	reply_echo(request);
}

static void on_piece(struct http_request *request, const void *bytes, size_t length)
{
	(void)bytes;
	atomic_fetch_add(&pieces, 1);
	request->user = (void *)((uintptr_t)request->user + length);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	http_request_resume(arg);
}

static void on_paused_piece(struct http_request *request, const void *bytes, size_t length)
{
	const struct timeval delay = { .tv_usec = 50000 };
	on_piece(request, bytes, length);
	http_request_pause(request);
	event_base_once(lab.base, -1, EV_TIMEOUT, on_resume, request, &delay);
}

static void on_refusing_piece(struct http_request *request, const void *bytes, size_t length)
{
	(void)bytes, (void)length;
	reply_text(request, 422, "no\n");
}

static void on_headers(struct http_request *request, void *arg)
{
	(void)arg;
	if (strcmp(request->path, "/early") == 0) {
		reply_text(request, 403, "early\n");
		return;
	}
	if (strcmp(request->path, "/held-upload") == 0)
		request->on_gone = on_gone;
	if (strcmp(request->path, "/upload") == 0)
		request->on_body = on_piece;
	if (strcmp(request->path, "/paused") == 0)
		request->on_body = on_paused_piece;
	if (strcmp(request->path, "/refused") == 0)
		request->on_body = on_refusing_piece;
	if (strcmp(request->path, "/upload") == 0)
		request->body_limit = 16 * 1024 * 1024;
}

static bool is_exempt(const struct sockaddr *peer, void *arg)
{
	(void)arg;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
	return ntohl(in->sin_addr.s_addr) == 0x7f000009;
}

static int set_up(void **state)
{
	(void)state;
	lab_start(&lab, (struct http_listener_options){ .limits = &limits,
				.on_request = on_request,
				.on_headers = on_headers,
				.is_exempt = is_exempt,
				.body_budget = &budget });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lab_stop(&lab);
	return 0;
}

/* The status of the only answer, after which the server closes. */
static unsigned status_of(const char *request)
{
	struct buffer answer = lab_talk(&lab, request);
	const unsigned status = lab_status(answer.data);
	if (status >= 400)
		assert_non_null(strstr(answer.data, "\r\nConnection: close\r\n"));
	assert_true(lab_count(answer.data, "HTTP/1.1 ") <= 1);
	buffer_clear(&answer);
	return status;
}

static void assert_answer_has(const char *request, const char *part)
{
	struct buffer answer = lab_talk(&lab, request);
	if (!strstr(answer.data, part))
		fail_msg("no <%s> in <%s>", part, answer.data);
	buffer_clear(&answer);
}

#define CLOSE "Host: h\r\nConnection: close\r\n"

static void test_accepted_requests_reach_the_handler(void **state)
{
	(void)state;
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{ "GET /a?b=c HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\nGET|/a|b=c|||\n" },
		{ "\r\n\r\nGET /a HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\nGET|/a||||\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE "Content-Length: 3\r\n\r\nabc", "POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n", "POST|/a||||\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE
		  "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE
		  "Transfer-Encoding: Chunked\r\n\r\n3;name=\"a b\";x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "GET http://acs:7547/a?b HTTP/1.1\r\n" CLOSE "\r\n", "GET|/a|b|||\n" },
		{ "GET http://acs:7547 HTTP/1.1\r\n" CLOSE "\r\n", "GET|/||||\n" },
		{ "GET http://acs?q HTTP/1.1\r\n" CLOSE "\r\n", "GET|/|q|||\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "X-Probe: \t two words \t \r\n\r\n",
			"|two words||\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "X-Probe:\r\n\r\n", "GET|/a||||\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "X-Probe: one \r\n  two\r\n\tthree\r\n\r\n",
			"|one two three||\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "X-Probe:\r\n  one\r\n\r\n", "|one||\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "Upgrade: h2c\r\n\r\n", "GET|/a||||\n" },
		{ "POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, close\r\nUpgrade: x\r\n"
		  "Content-Length: 3\r\n\r\nabc",
			"POST|/a|||abc|\n" },
		{ "GET /a HTTP/1.0\r\n\r\n", "\r\nConnection: close\r\n" },
		{ "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET|/a||||\n" },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_answer_has(cases[i].request, cases[i].answer);
}

static void test_ambiguous_requests_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *request;
		unsigned status;
	} cases[] = {
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc", 400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
			400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
			400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
			400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
			400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501 },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400 },
		{ "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "fffffffffffffffff\r\n",
			400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: h\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h\r\n\rX", 400 },
		{ "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01b\r\n\r\n", 400 },
		{ "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505 },
		{ "GET / HTTP/1.1\r\nHost: h\r\nExpect: the-best\r\n\r\n", 417 },
		{ "\x16\x03\x01\x02 a TLS hello", 400 },
		{ "nonsense\r\n\r\n", 400 },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const unsigned status = status_of(cases[i].request);
		if (status != cases[i].status)
			fail_msg("%u instead of %u for <%s>", status, cases[i].status,
				cases[i].request);
	}
}

static void test_a_nul_in_a_header_is_refused(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n";
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	lab_send_bytes(fd, request, sizeof(request) - 1);
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(lab_status(answer.data), 400);
	buffer_clear(&answer);
	close(fd);
}

/* Split at every byte, a request must mean the same. */
static void test_requests_may_come_in_two_pieces_split_anywhere(void **state)
{
	(void)state;
	static const char request[] =
		"POST /a?b HTTP/1.1\r\nHost: h\r\nX-Probe: one \r\n two \r\n"
		"Transfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\n0\r\nT: t\r\n\r\n";
	for (size_t split = 1; split < sizeof(request) - 1; split++) {
		struct buffer answer = { 0 };
		const int fd = lab_connect(&lab);
		lab_send_bytes(fd, request, split);
		usleep(1500);
		lab_send(fd, request + split);
		lab_read_until(fd, &answer, "|\n");
		if (!strstr(answer.data, "\r\n\r\nPOST|/a|b|one two|abc|\n"))
			fail_msg("split at %zu: <%s>", split, answer.data);
		buffer_clear(&answer);
		close(fd);
	}
}

static void test_long_heads_are_refused(void **state)
{
	(void)state;
	static const char *const starts[] = {
		"GET /", "GET / HTTP/1.1\r\nHost: h\r\nX: ", "GET / HTTP/1.1\r\nHost: h\r\nX",
		"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;",
		"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
		"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
	};
	char filler[2000];
	memset(filler, 'a', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	for (size_t i = 0; i < LENGTH_OF(starts); i++) {
		struct buffer request = { 0 };
		buffer_printf(&request, "%s%s", starts[i], filler);
		assert_int_equal(status_of(request.data), 431);
		buffer_clear(&request);
	}
}

static void test_many_small_headers_are_refused(void **state)
{
	(void)state;
	struct buffer request = { 0 };
	buffer_append_text(&request, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 300; i++)
		buffer_append_text(&request, "X:\r\n");
	assert_int_equal(status_of(request.data), 431);
	buffer_clear(&request);
}

static void test_long_bodies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(
		status_of("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4097\r\n\r\n"), 413);
	struct buffer request = { 0 };
	buffer_append_text(
		&request, "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 257; i++)
		buffer_append_text(&request, "10\r\n0123456789abcdef\r\n");
	assert_int_equal(status_of(request.data), 413);
	buffer_clear(&request);
}

/* Closes without a word, as a device that lost its power seems to. */
static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static int send_held_body(const char *path, unsigned length)
{
	struct buffer request = { 0 };
	const int fd = lab_connect(&lab);
	buffer_printf(&request, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %u\r\n\r\n%0*d",
		path, length, (int)length, 0);
	lab_send_bytes(fd, request.data, request.length);
	buffer_clear(&request);
	return fd;
}

static void test_bodies_share_one_budget_and_give_it_back(void **state)
{
	(void)state;
	struct buffer refusal = { 0 }, answer = { 0 };
	const unsigned before = atomic_load(&handled);
	const int first = send_held_body("/hold", 3000);
	assert_true(lab_reaches(&handled, before + 1));
	assert_int_equal(atomic_load(&budget.used), 3000);
	const int second = send_held_body("/a", 3000);
	lab_read_until(second, &refusal, NULL);
	assert_int_equal(lab_status(refusal.data), 503);
	assert_non_null(strstr(refusal.data, "\r\nRetry-After: "));
	assert_int_equal(atomic_load(&budget.used), 3000);
	reset(first);
	for (int i = 0; i < 300 && atomic_load(&budget.used); i++)
		usleep(10000);
	assert_int_equal(atomic_load(&budget.used), 0);
	const int third = send_held_body("/close", 3000);
	lab_read_until(third, &answer, NULL);
	assert_int_equal(lab_status(answer.data), 200);
	assert_int_equal(atomic_load(&budget.used), 0);
	buffer_clear(&refusal);
	buffer_clear(&answer);
	close(second);
	close(third);
}

/* Half a megabyte is on its way when the answer is written; a reset would destroy the answer. */
static void test_a_refusal_reaches_a_peer_that_is_still_sending(void **state)
{
	(void)state;
	static char filler[512 * 1024];
	static const char *const paths[] = { "/a", "/early", "/refused" };
	memset(filler, 'a', sizeof(filler));
	static const unsigned statuses[] = { 413, 403, 422 };
	for (size_t i = 0; i < LENGTH_OF(paths); i++) {
		struct buffer answer = { 0 };
		char head[128];
		snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", paths[i],
			i == 2 ? "Transfer-Encoding: chunked\r\n\r\n800"
			       : "Content-Length: 524288");
		const int fd = lab_connect(&lab);
		lab_send(fd, head);
		lab_send_bytes(fd, filler, sizeof(filler));
		lab_read_until(fd, &answer, NULL);
		assert_int_equal(lab_status(answer.data), statuses[i]);
		buffer_clear(&answer);
		close(fd);
	}
}

static void drip(const char *start, const char *unit, unsigned expected)
{
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	const double began = lab_now();
	lab_send(fd, start);
	for (int i = 0; i < 30 && !answer.length; i++) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		lab_send(fd, unit);
		if (poll(&ready, 1, 100) > 0)
			lab_read_until(fd, &answer, NULL);
	}
	assert_int_equal(lab_status(answer.data ? answer.data : ""), expected);
	assert_true(lab_now() - began > 0.8);
	buffer_clear(&answer);
	close(fd);
}

static void test_a_dripped_head_ends_at_its_limit(void **state)
{
	(void)state;
	drip("GET / HTTP/1.1\r\nHost: h\r\nX: ", "a", 408);
}

static void test_a_dripped_body_ends_at_its_limit(void **state)
{
	(void)state;
	drip("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", "a", 408);
}

static void test_a_silent_peer_is_dropped_without_an_answer(void **state)
{
	(void)state;
	drip("", "", 0);
	drip("\r\n", "\r\n", 0);
}

static void test_an_upload_that_stops_tells_its_handler(void **state)
{
	(void)state;
	atomic_store(&gone, 0);
	assert_int_equal(
		status_of("POST /held-upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"),
		408);
	assert_true(lab_reaches(&gone, 1));
}

static void test_head_gets_the_length_but_no_body(void **state)
{
	(void)state;
	assert_answer_has("HEAD /a HTTP/1.1\r\n" CLOSE "\r\n", "\r\nContent-Length: 12\r\n");
	struct buffer answer = lab_talk(&lab, "HEAD /a HTTP/1.1\r\n" CLOSE "\r\n");
	assert_string_equal(strstr(answer.data, "\r\n\r\n"), "\r\n\r\n");
	buffer_clear(&answer);
	answer = lab_talk(&lab, "HEAD /chunked HTTP/1.1\r\n" CLOSE "\r\n");
	assert_string_equal(strstr(answer.data, "\r\n\r\n"), "\r\n\r\n");
	buffer_clear(&answer);
}

static void test_no_content_has_neither_body_nor_length(void **state)
{
	(void)state;
	struct buffer answer = lab_talk(&lab, "GET /nothing HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(lab_status(answer.data), 204);
	assert_null(strstr(answer.data, "Content-Length"));
	assert_string_equal(strstr(answer.data, "\r\n\r\n"), "\r\n\r\n");
	buffer_clear(&answer);
}

static void test_answers_carry_the_date_and_no_forged_header(void **state)
{
	(void)state;
	assert_answer_has("GET /a HTTP/1.1\r\n" CLOSE "\r\n", " GMT\r\n");
	assert_answer_has("GET /split HTTP/1.1\r\n" CLOSE "\r\n", "\r\nX-Good: 1\r\n");
	struct buffer answer = lab_talk(&lab, "GET /split HTTP/1.1\r\n" CLOSE "\r\n");
	assert_null(strstr(answer.data, "X-Forged"));
	buffer_clear(&answer);
}

static void test_a_pipelined_request_waits_its_turn(void **state)
{
	(void)state;
	struct buffer answer = lab_talk(&lab,
		"POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\r\n"
		"GET /second HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET /later HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET /last HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(lab_count(answer.data, "HTTP/1.1 200 OK\r\n"), 4);
	const char *later = strstr(answer.data, "later\n"),
		   *second = strstr(answer.data, "/second");
	assert_true(later && second && later < second);
	assert_true(second < strstr(later + 1, "later\n"));
	assert_non_null(strstr(answer.data, "GET|/last|"));
	buffer_clear(&answer);
}

static void test_an_answer_that_closes_survives_bytes_behind_the_request(void **state)
{
	(void)state;
	static const char request[] = "GET /close HTTP/1.1\r\nHost: h\r\n\r\n";
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	for (int i = 0; i < 50; i++) {
		lab_send(fd, request);
		usleep(500);
	}
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(lab_count(answer.data, "bye\n"), 1);
	buffer_clear(&answer);
	close(fd);
}

/* Does the kernel refuse what is sent, since nobody has the other end any more? */
static bool is_reset_soon(int fd)
{
	for (int i = 0; i < 100; i++) {
		if (send(fd, "x", 1, MSG_NOSIGNAL) < 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void test_a_post_that_came_whole_is_refused_without_waiting_for_its_peer(void **state)
{
	(void)state;
	static const char request[] =
		"POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	lab_send(fd, request);
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(lab_status(answer.data), 403);
	assert_true(is_reset_soon(fd));
	buffer_clear(&answer);
	close(fd);
}

static void test_one_connection_serves_twenty_requests_and_ends_at_its_limit(void **state)
{
	(void)state;
	const int fd = lab_connect(&lab);
	for (int i = 1; i <= 30; i++) {
		struct buffer answer = { 0 };
		lab_send(fd, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi\r\n");
		lab_read_until(fd, &answer, "|\n");
		assert_int_equal(lab_status(answer.data), 200);
		assert_int_equal(strstr(answer.data, "Connection: close") != NULL, i == 30);
		buffer_clear(&answer);
	}
	struct buffer rest = { 0 };
	lab_read_until(fd, &rest, NULL);
	assert_int_equal(rest.length, 0);
	buffer_clear(&rest);
	close(fd);
}

static void test_a_peer_that_goes_away_is_reported_once(void **state)
{
	(void)state;
	atomic_store(&gone, 0);
	const int fd = lab_connect(&lab);
	const unsigned before = atomic_load(&handled);
	lab_send(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(lab_reaches(&handled, before + 1));
	reset(fd);
	assert_true(lab_reaches(&gone, 1));
	usleep(50000);
	assert_int_equal(atomic_load(&gone), 1);
}

static void test_a_peer_that_goes_away_in_its_upload_is_reported_once(void **state)
{
	(void)state;
	atomic_store(&gone, 0);
	const int fd = lab_connect(&lab);
	lab_send(fd, "POST /held-upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
	usleep(50000);
	reset(fd);
	assert_true(lab_reaches(&gone, 1));
}

static void test_a_peer_that_shuts_its_half_gets_its_answer(void **state)
{
	(void)state;
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	lab_send(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
	shutdown(fd, SHUT_WR);
	lab_read_until(fd, &answer, NULL);
	assert_true(answer.length > BIG_BYTES);
	buffer_clear(&answer);
	close(fd);
}

static void test_a_peer_that_shut_its_half_gets_an_answer_that_takes_time(void **state)
{
	(void)state;
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	lab_send(fd, "POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
		     "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	shutdown(fd, SHUT_WR);
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(lab_count(answer.data, "later\n"), 2);
	buffer_clear(&answer);
	close(fd);
}

static void test_big_answers_come_whole(void **state)
{
	(void)state;
	struct buffer answer = lab_talk(&lab, "GET /big HTTP/1.1\r\n" CLOSE "\r\n");
	const char *body = strstr(answer.data, "\r\n\r\n") + 4;
	assert_int_equal(answer.length - (size_t)(body - answer.data), BIG_BYTES);
	buffer_clear(&answer);
}

static void test_a_peer_that_does_not_read_is_dropped(void **state)
{
	(void)state;
	const int fd = lab_connect(&lab);
	struct buffer answer = { 0 };
	const int small = 4096;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	lab_send(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\nGET /big HTTP/1.1\r\nHost: h\r\n\r\n");
	usleep(2600000);
	lab_read_until(fd, &answer, NULL);
	assert_true(answer.length < 2 * BIG_BYTES);
	buffer_clear(&answer);
	close(fd);
}

static void test_expect_100_continue_is_answered_at_once(void **state)
{
	(void)state;
	struct buffer answer = { 0 };
	const int fd = lab_connect(&lab);
	lab_send(fd,
		"POST /a HTTP/1.1\r\n" CLOSE "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	lab_read_until(fd, &answer, "\r\n\r\n");
	assert_string_equal(answer.data, "HTTP/1.1 100 Continue\r\n\r\n");
	lab_send(fd, "abc");
	lab_read_until(fd, &answer, NULL);
	assert_non_null(strstr(answer.data, "POST|/a|||abc|\n"));
	buffer_clear(&answer);
	close(fd);
	assert_int_equal(status_of("POST /early HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
				   "Content-Length: 3\r\n\r\n"),
		403);
	assert_int_equal(status_of("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
				   "Content-Length: 9999\r\n\r\n"),
		413);
}

static void test_an_early_answer_to_a_request_without_body_keeps_the_connection(void **state)
{
	(void)state;
	struct buffer answer = lab_talk(&lab,
		"GET /early HTTP/1.1\r\nHost: h\r\n\r\n"
		"POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
		"GET /a HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(lab_count(answer.data, "early\n"), 2);
	assert_non_null(strstr(answer.data, "GET|/a|"));
	buffer_clear(&answer);
}

static void test_streamed_answers_are_framed(void **state)
{
	(void)state;
	assert_answer_has("GET /chunked HTTP/1.1\r\n" CLOSE "\r\n",
		"\r\n\r\n5\r\npiece\r\n5\r\npiece\r\n5\r\npiece\r\n0\r\n\r\n");
	assert_answer_has("GET /chunked HTTP/1.0\r\n\r\n", "\r\n\r\npiecepiecepiece");
	assert_answer_has("GET /bounded HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\npiecepiecepiece");
	struct buffer answer = lab_talk(&lab, "GET /bounded HTTP/1.1\r\nHost: h\r\n\r\n"
					      "GET /chunked HTTP/1.1\r\nHost: h\r\n\r\n"
					      "GET /a HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(lab_count(answer.data, "HTTP/1.1 200 OK\r\n"), 3);
	assert_non_null(strstr(answer.data, "GET|/a|"));
	buffer_clear(&answer);
}

static void test_a_stream_that_is_too_short_is_cut(void **state)
{
	(void)state;
	atomic_store(&gone, 0);
	struct buffer answer = lab_talk(
		&lab, "GET /short HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\n" CLOSE "\r\n");
	assert_null(strstr(answer.data, "GET|/a"));
	assert_int_equal(atomic_load(&gone), 0);
	buffer_clear(&answer);
}

static void test_an_upload_comes_in_pieces(void **state)
{
	(void)state;
	enum { LENGTH = 3 * 1024 * 1024 };
	struct buffer answer = { 0 };
	char *bytes = calloc(1, LENGTH);
	const int fd = lab_connect(&lab);
	atomic_store(&pieces, 0);
	lab_send(fd, "PUT /upload HTTP/1.1\r\n" CLOSE "Content-Length: 3145728\r\n\r\n");
	lab_send_bytes(fd, bytes, LENGTH);
	lab_read_until(fd, &answer, NULL);
	assert_non_null(strstr(answer.data, "3145728 bytes\n"));
	assert_true(atomic_load(&pieces) > 10);
	buffer_clear(&answer);
	free(bytes);
	close(fd);
}

static void test_a_paused_upload_goes_on_and_its_pauses_are_free(void **state)
{
	(void)state;
	struct buffer request = { 0 };
	buffer_append_text(
		&request, "PUT /paused HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 30; i++)
		buffer_append_text(&request, "4\r\nabcd\r\n");
	buffer_append_text(&request, "0\r\n\r\n");
	assert_answer_has(request.data, "120 bytes\n");
	buffer_clear(&request);
}

static void test_connections_beyond_the_limit_get_503(void **state)
{
	(void)state;
	int fds[6];
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		fds[i] = lab_connect(&lab);
	usleep(50000);
	assert_answer_has("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 503 ");
	assert_answer_has("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\r\nRetry-After: ");
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		close(fds[i]);
	usleep(50000);
	assert_int_equal(status_of("GET /a HTTP/1.1\r\n" CLOSE "\r\n"), 200);
}

static int connect_from(uint32_t source)
{
	const struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(source) },
				 to = { .sin_family = AF_INET,
					 .sin_port = htons(lab.port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void test_exempt_addresses_are_held_to_the_listener_limit_only(void **state)
{
	(void)state;
	int fds[8];
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		fds[i] = connect_from(0x7f000009);
	struct buffer answer = { 0 };
	lab_send(fds[7], "GET /a HTTP/1.1\r\n" CLOSE "\r\n");
	lab_read_until(fds[7], &answer, NULL);
	assert_int_equal(lab_status(answer.data), 200);
	buffer_clear(&answer);
	const int one = connect_from(0x7f000009);
	usleep(20000);
	const int other = connect_from(0x7f000008);
	lab_read_until(other, &answer, NULL);
	assert_int_equal(lab_status(answer.data), 503);
	buffer_clear(&answer);
	close(other);
	close(one);
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		close(fds[i]);
	usleep(50000);
}

static void test_addresses_are_bound_and_shown(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char why[128] = "";
	static const char *const bad[] = { "", "7547", "host:", "::1:80", "127.0.0.1:x", "[::1:80",
		"203.0.113.1:0" };
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		why[0] = '\0';
		assert_int_equal(http_bind(bad[i], why, sizeof(why)), -1);
		assert_true(why[0]);
	}
	const evutil_socket_t fd = http_bind(":0", why, sizeof(why));
	assert_true(fd >= 0);
	assert_memory_equal(http_bound_address(arena, fd), "127.0.0.1:", 10);
	close(fd);
	arena_free(arena);
}

static void drain_in_loop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	http_listener_drain(lab.listener);
}

/* The last test: afterwards the listener takes nobody. */
static void test_draining_ends_idle_connections_and_finishes_open_requests(void **state)
{
	(void)state;
	struct buffer idle_answer = { 0 }, busy_answer = { 0 };
	const int idle = lab_connect(&lab), busy = lab_connect(&lab);
	const struct timeval soon = { .tv_usec = 50000 };
	lab_send(busy, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	event_base_once(lab.base, -1, EV_TIMEOUT, drain_in_loop, NULL, &soon);
	lab_read_until(idle, &idle_answer, NULL);
	assert_int_equal(idle_answer.length, 0);
	lab_read_until(busy, &busy_answer, NULL);
	assert_non_null(strstr(busy_answer.data, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(busy_answer.data, "later\n"));
	buffer_clear(&idle_answer);
	buffer_clear(&busy_answer);
	close(idle);
	close(busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_requests_reach_the_handler),
		cmocka_unit_test(test_ambiguous_requests_are_refused),
		cmocka_unit_test(test_a_nul_in_a_header_is_refused),
		cmocka_unit_test(test_requests_may_come_in_two_pieces_split_anywhere),
		cmocka_unit_test(test_long_heads_are_refused),
		cmocka_unit_test(test_many_small_headers_are_refused),
		cmocka_unit_test(test_long_bodies_are_refused),
		cmocka_unit_test(test_bodies_share_one_budget_and_give_it_back),
		cmocka_unit_test(test_a_refusal_reaches_a_peer_that_is_still_sending),
		cmocka_unit_test(test_a_dripped_head_ends_at_its_limit),
		cmocka_unit_test(test_a_dripped_body_ends_at_its_limit),
		cmocka_unit_test(test_a_silent_peer_is_dropped_without_an_answer),
		cmocka_unit_test(test_an_upload_that_stops_tells_its_handler),
		cmocka_unit_test(test_head_gets_the_length_but_no_body),
		cmocka_unit_test(test_no_content_has_neither_body_nor_length),
		cmocka_unit_test(test_answers_carry_the_date_and_no_forged_header),
		cmocka_unit_test(test_a_pipelined_request_waits_its_turn),
		cmocka_unit_test(test_an_answer_that_closes_survives_bytes_behind_the_request),
		cmocka_unit_test(
			test_a_post_that_came_whole_is_refused_without_waiting_for_its_peer),
		cmocka_unit_test(test_one_connection_serves_twenty_requests_and_ends_at_its_limit),
		cmocka_unit_test(test_a_peer_that_goes_away_is_reported_once),
		cmocka_unit_test(test_a_peer_that_goes_away_in_its_upload_is_reported_once),
		cmocka_unit_test(test_a_peer_that_shuts_its_half_gets_its_answer),
		cmocka_unit_test(test_a_peer_that_shut_its_half_gets_an_answer_that_takes_time),
		cmocka_unit_test(test_big_answers_come_whole),
		cmocka_unit_test(test_a_peer_that_does_not_read_is_dropped),
		cmocka_unit_test(test_expect_100_continue_is_answered_at_once),
		cmocka_unit_test(
			test_an_early_answer_to_a_request_without_body_keeps_the_connection),
		cmocka_unit_test(test_streamed_answers_are_framed),
		cmocka_unit_test(test_a_stream_that_is_too_short_is_cut),
		cmocka_unit_test(test_an_upload_comes_in_pieces),
		cmocka_unit_test(test_a_paused_upload_goes_on_and_its_pauses_are_free),
		cmocka_unit_test(test_connections_beyond_the_limit_get_503),
		cmocka_unit_test(test_exempt_addresses_are_held_to_the_listener_limit_only),
		cmocka_unit_test(test_addresses_are_bound_and_shown),
		cmocka_unit_test(test_draining_ends_idle_connections_and_finishes_open_requests),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
