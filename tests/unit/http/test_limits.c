/* The server at its limits: heads, bodies, seconds, connections. */
#include "server_lab.h"

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

static unsigned answer_of(int fd)
{
	struct buffer answer = { 0 };
	lab_send(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	lab_read_until(fd, &answer, "|\n");
	const unsigned status = lab_status(answer.data);
	buffer_clear(&answer);
	return status;
}

/* It holds for all of them together, and the longest waiting makes room. */
static void test_exempt_addresses_are_held_to_the_listeners_limit_only(void **state)
{
	(void)state;
	int fds[8];
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		fds[i] = connect_from(0x7f000009);
	assert_int_equal(answer_of(fds[7]), 200);
	const int ninth = connect_from(0x7f000009);
	assert_int_equal(answer_of(ninth), 200);
	assert_int_equal(answer_of(fds[0]), 0);
	assert_int_equal(answer_of(fds[1]), 200);
	close(ninth);
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		close(fds[i]);
	usleep(50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_heads_are_refused),
		cmocka_unit_test(test_many_small_headers_are_refused),
		cmocka_unit_test(test_long_bodies_are_refused),
		cmocka_unit_test(test_bodies_share_one_budget_and_give_it_back),
		cmocka_unit_test(test_a_refusal_reaches_a_peer_that_is_still_sending),
		cmocka_unit_test(test_a_dripped_head_ends_at_its_limit),
		cmocka_unit_test(test_a_dripped_body_ends_at_its_limit),
		cmocka_unit_test(test_a_silent_peer_is_dropped_without_an_answer),
		cmocka_unit_test(test_an_upload_that_stops_tells_its_handler),
		cmocka_unit_test(test_a_peer_that_does_not_read_is_dropped),
		cmocka_unit_test(test_connections_beyond_the_limit_get_503),
		cmocka_unit_test(test_exempt_addresses_are_held_to_the_listeners_limit_only),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
