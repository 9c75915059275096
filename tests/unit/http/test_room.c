/* Who leaves when there is no room for more connections. */
#include "lab.h"

#include <sys/resource.h>

enum { ROOM = 3 };

static struct lab lab;
static struct http_room *room;
static atomic_uint limits_met[HTTP_LIMIT_COUNT];

static void reply(struct http_request *request)
{
	const struct http_response response = { .status = 200, .body = "ok\n", .body_length = 3 };
	http_reply(request, &response);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	reply(arg);
}

static void reply_big(struct http_request *request)
{
	enum { BIG_BYTES = 8 * 1024 * 1024 };
	const struct http_response response = { .status = 200,
		.body = arena_alloc(request->arena, BIG_BYTES),
		.body_length = BIG_BYTES };
	http_reply(request, &response);
}

static void on_request(struct http_request *request, void *arg)
{
	const struct timeval delay = { .tv_usec = 200000 };
	(void)arg;
	if (strcmp(request->path, "/later") == 0) {
		event_base_once(lab.base, -1, EV_TIMEOUT, on_later, request, &delay);
		return;
	}
	if (strcmp(request->path, "/big") == 0) {
		reply_big(request);
		return;
	}
	http_request_keep(request, strcmp(request->path, "/keep") == 0);
	reply(request);
}

static void on_limit(enum http_limit limit, void *arg)
{
	(void)arg;
	atomic_fetch_add(&limits_met[limit], 1);
}

static int set_up(void **state)
{
	(void)state;
	room = http_room_new(ROOM);
	lab_start(&lab, (struct http_listener_options){
				.on_request = on_request, .on_limit = on_limit, .room = room });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lab_stop(&lab);
	http_room_free(room);
	return 0;
}

static void ask(int fd, const char *path)
{
	char request[64];
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path);
	lab_send(fd, request);
}

static unsigned answer_to(int fd)
{
	struct buffer answer = { 0 };
	lab_read_until(fd, &answer, "ok\n");
	const unsigned status = lab_status(answer.data);
	buffer_clear(&answer);
	return status;
}

static unsigned call(int fd, const char *path)
{
	ask(fd, path);
	return answer_to(fd);
}

/* The server has closed it, without an answer. */
static void assert_left(int fd)
{
	struct buffer answer = { 0 };
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(answer.length, 0);
	buffer_clear(&answer);
	close(fd);
}

/* In the order in which the server takes them. */
static int come(void)
{
	const int fd = lab_connect(&lab);
	usleep(20000);
	return fd;
}

static void test_a_newcomer_takes_the_place_of_who_drips_longest(void **state)
{
	(void)state;
	const unsigned before = atomic_load(&limits_met[HTTP_LIMIT_DESCRIPTORS]);
	const int head = come(), body = come(), silent = come();
	lab_send(head, "GET / HTTP/1.1\r\nX: ");
	lab_send(body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na");
	usleep(20000);
	lab_send(head, "a");
	lab_send(body, "a");
	const int first = come();
	assert_int_equal(call(first, "/"), 200);
	assert_left(head);
	const int second = come();
	assert_int_equal(call(second, "/"), 200);
	assert_left(body);
	assert_int_equal(call(silent, "/"), 200);
	assert_int_equal(atomic_load(&limits_met[HTTP_LIMIT_DESCRIPTORS]), before + 2);
	close(silent);
	close(first);
	close(second);
	usleep(20000);
}

static void test_who_was_answered_last_stays_longest(void **state)
{
	(void)state;
	const int oldest = come(), middle = come(), latest = come();
	assert_int_equal(call(oldest, "/"), 200);
	const int newcomer = come();
	assert_left(middle);
	assert_int_equal(call(oldest, "/"), 200);
	close(oldest);
	close(latest);
	close(newcomer);
	usleep(20000);
}

static void test_who_is_kept_stays_until_told_otherwise(void **state)
{
	(void)state;
	const int kept = come();
	assert_int_equal(call(kept, "/keep"), 200);
	const int second = come(), third = come(), fourth = come();
	assert_left(second);
	assert_int_equal(call(kept, "/"), 200);
	assert_int_equal(call(third, "/"), 200);
	assert_int_equal(call(fourth, "/"), 200);
	const int fifth = come();
	assert_left(kept);
	close(third);
	close(fourth);
	close(fifth);
	usleep(20000);
}

static void test_an_answer_under_way_is_not_cut(void **state)
{
	(void)state;
	const int busy = come();
	ask(busy, "/later");
	const int second = come(), third = come(), fourth = come();
	assert_left(second);
	assert_int_equal(answer_to(busy), 200);
	close(busy);
	close(third);
	close(fourth);
	usleep(20000);
}

static void test_who_does_not_take_an_answer_has_to_leave(void **state)
{
	(void)state;
	const int lazy = lab_connect(&lab), small = 4096;
	setsockopt(lazy, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(lazy, "/big");
	usleep(50000);
	const int second = come(), third = come(), fourth = come();
	assert_int_equal(call(second, "/"), 200);
	assert_int_equal(call(third, "/"), 200);
	assert_int_equal(call(fourth, "/"), 200);
	close(lazy);
	close(second);
	close(third);
	close(fourth);
	usleep(20000);
}

static void test_where_all_are_kept_newcomers_get_503(void **state)
{
	(void)state;
	int kept[ROOM];
	for (size_t i = 0; i < ROOM; i++) {
		kept[i] = come();
		assert_int_equal(call(kept[i], "/keep"), 200);
	}
	const int newcomer = come();
	assert_int_equal(answer_to(newcomer), 503);
	for (size_t i = 0; i < ROOM; i++) {
		assert_int_equal(call(kept[i], "/keep"), 200);
		close(kept[i]);
	}
	close(newcomer);
	usleep(20000);
}

/* The client's descriptor is the last one that there is. */
static void test_without_a_descriptor_left_the_longest_waiting_goes(void **state)
{
	(void)state;
	struct rlimit usual, little;
	const int waiting = come();
	const int next = dup(waiting);
	close(next);
	getrlimit(RLIMIT_NOFILE, &usual);
	little = usual;
	little.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &little), 0);
	const int fd = lab_connect(&lab);
	const unsigned status = call(fd, "/");
	setrlimit(RLIMIT_NOFILE, &usual);
	assert_int_equal(status, 200);
	assert_left(waiting);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_newcomer_takes_the_place_of_who_drips_longest),
		cmocka_unit_test(test_who_was_answered_last_stays_longest),
		cmocka_unit_test(test_who_is_kept_stays_until_told_otherwise),
		cmocka_unit_test(test_an_answer_under_way_is_not_cut),
		cmocka_unit_test(test_who_does_not_take_an_answer_has_to_leave),
		cmocka_unit_test(test_where_all_are_kept_newcomers_get_503),
		cmocka_unit_test(test_without_a_descriptor_left_the_longest_waiting_goes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
