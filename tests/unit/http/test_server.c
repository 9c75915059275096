/* The server as hostile, slow and old-fashioned peers meet it. */
#include "server_lab.h"

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
		cmocka_unit_test(test_a_pipelined_request_waits_its_turn),
		cmocka_unit_test(test_an_answer_that_closes_survives_bytes_behind_the_request),
		cmocka_unit_test(
			test_a_post_that_came_whole_is_refused_without_waiting_for_its_peer),
		cmocka_unit_test(test_one_connection_serves_twenty_requests_and_ends_at_its_limit),
		cmocka_unit_test(test_a_peer_that_goes_away_is_reported_once),
		cmocka_unit_test(test_a_peer_that_goes_away_in_its_upload_is_reported_once),
		cmocka_unit_test(test_a_peer_that_shuts_its_half_gets_its_answer),
		cmocka_unit_test(test_a_peer_that_shut_its_half_gets_an_answer_that_takes_time),
		cmocka_unit_test(
			test_an_early_answer_to_a_request_without_body_keeps_the_connection),
		cmocka_unit_test(test_addresses_are_bound_and_shown),
		cmocka_unit_test(test_draining_ends_idle_connections_and_finishes_open_requests),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
