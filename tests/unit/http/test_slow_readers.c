/* Peers that take their answers slowly, and handlers that are slow themselves. */
#include "lab.h"

enum { BODY_BYTES = 8 * 1024 * 1024, PIECES = 1 };

static struct lab lab;
static atomic_uint gone, ended, cut;

/* Much less than a peer of modest speed takes, and much more than one that takes a little now and then. */
static const struct http_limits limits = { .write_seconds = 1,
	.write_bytes_per_second = 256 * 1024 };

static void on_gone(struct http_request *request)
{
	(void)request;
	atomic_fetch_add(&gone, 1);
}

static void on_limit(enum http_limit limit, void *arg)
{
	(void)arg;
	if (limit == HTTP_LIMIT_WRITE_SECONDS)
		atomic_fetch_add(&cut, 1);
}

/* The handler takes longer for a piece than a peer may. */
static void next_piece(evutil_socket_t fd, short what, void *arg)
{
	struct http_request *request = arg;
	const uintptr_t sent = (uintptr_t)request->user;
	(void)fd, (void)what;
	request->user = (void *)(sent + 1);
	if (sent < PIECES) {
		http_reply_body(request, "piece", 5);
		return;
	}
	atomic_fetch_add(&ended, 1);
	http_reply_end(request);
}

static void on_drained(struct http_request *request)
{
	const struct timeval delay = { 1, 100000 };
	event_base_once(lab.base, -1, EV_TIMEOUT, next_piece, request, &delay);
}

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	const struct http_response response = { .status = 200 };
	request->on_gone = on_gone;
	if (strcmp(request->path, "/pieces") == 0) {
		request->on_drained = on_drained;
		http_reply_begin(request, &response, UINT64_MAX);
		return;
	}
	char *bytes = calloc(1, BODY_BYTES);
	http_reply_begin(request, &response, BODY_BYTES);
	http_reply_body(request, bytes, BODY_BYTES);
	free(bytes);
}

static int begin(void **state)
{
	(void)state;
	gone = ended = cut = 0;
	lab_start(
		&lab, (struct http_listener_options){
			      .on_request = on_request, .limits = &limits, .on_limit = on_limit });
	return 0;
}

static int end(void **state)
{
	(void)state;
	lab_stop(&lab);
	return 0;
}

static int ask(const char *request)
{
	const int fd = lab_connect(&lab), few = 65536;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	lab_send(fd, request);
	return fd;
}

/* Takes at most so many bytes every 50 ms, until it has all of them or the server gave up. */
static size_t take(int fd, size_t at_once)
{
	static char bytes[BODY_BYTES];
	const double patience = lab_now() + 10;
	size_t taken = 0;
	while (lab_now() < patience && taken < BODY_BYTES && gone == 0) {
		const ssize_t got = recv(fd, bytes, at_once, 0);
		if (got <= 0)
			break;
		taken += (size_t)got;
		usleep(50000);
	}
	return taken;
}

static void test_a_peer_that_takes_a_little_now_and_then_is_cut_off(void **state)
{
	(void)state;
	const double begun = lab_now();
	const int fd = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(take(fd, 1000) < BODY_BYTES);
	assert_true(lab_now() - begun < 8);
	assert_int_equal(gone, 1);
	assert_int_equal(cut, 1);
	close(fd);
}

static void test_a_peer_of_modest_speed_gets_the_whole_answer(void **state)
{
	(void)state;
	const double begun = lab_now();
	const int fd = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(take(fd, 300 * 1024) >= BODY_BYTES);
	assert_true(lab_now() - begun > limits.write_seconds);
	assert_int_equal(cut, 0);
	close(fd);
}

static void test_a_peer_is_not_charged_for_a_slow_handler(void **state)
{
	(void)state;
	struct buffer answer = { 0 };
	const int fd = ask("GET /pieces HTTP/1.1\r\nHost: h\r\n\r\n");
	lab_read_until(fd, &answer, "\r\n0\r\n\r\n");
	assert_int_equal(lab_count(answer.data, "piece"), PIECES);
	assert_int_equal(ended, 1);
	buffer_clear(&answer);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_peer_that_takes_a_little_now_and_then_is_cut_off, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_peer_of_modest_speed_gets_the_whole_answer, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_peer_is_not_charged_for_a_slow_handler, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
