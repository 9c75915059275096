/* Bodies that travel in pieces, both ways. */
#include "server_lab.h"

static void test_big_answers_come_whole(void **state)
{
	(void)state;
	struct buffer answer = lab_talk(&lab, "GET /big HTTP/1.1\r\n" CLOSE "\r\n");
	const char *body = strstr(answer.data, "\r\n\r\n") + 4;
	assert_int_equal(answer.length - (size_t)(body - answer.data), BIG_BYTES);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_big_answers_come_whole),
		cmocka_unit_test(test_streamed_answers_are_framed),
		cmocka_unit_test(test_a_stream_that_is_too_short_is_cut),
		cmocka_unit_test(test_an_upload_comes_in_pieces),
		cmocka_unit_test(test_a_paused_upload_goes_on_and_its_pauses_are_free),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
