/* What is a request and what is none: the pitfalls of HTTP parsers, and how answers are framed. */
#include "server_lab.h"

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
		  "Transfer-Encoding: Chunked\r\n\r\n3;name=\"a b\";x=y\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE "Content-Length:\r\n 3\r\n\r\nabc",
			"POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE
		  "Transfer-Encoding:\r\n chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE
		  "Transfer-Encoding:\tchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "POST /a HTTP/1.1\r\n" CLOSE
		  "Transfer-Encoding: chunked \t\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"POST|/a|||abc|\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "Content-Length: 3\r\n\r\nabc", "GET|/a|||abc|\n" },
		{ "GET /a HTTP/1.1\r\n" CLOSE "Content_Length: 3\r\n\r\n", "GET|/a||||\n" },
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

#define HEAD "POST / HTTP/1.1\r\nHost: h\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define RAW(text) text, sizeof(text) - 1

/* What is said twice, or in a way that somebody in front of us may read otherwise. */
static const struct {
	const char *request;
	size_t length;
	unsigned status;
} ambiguous[] = {
	{ RAW(HEAD "Content-Length : 3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), 400 },
	{ RAW(HEAD "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 1\r\n 0\r\n\r\n0123456789"), 400 },
	{ RAW(HEAD "Content-Length:\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: +3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: -3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 0x3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 1_0\r\n\r\n0123456789"), 400 },
	{ RAW(HEAD "Content-Length: 3 3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 3, 3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Content-Length: 99999999999999999999\r\n\r\n"), 400 },
	{ RAW(HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc"), 400 },
	{ RAW(HEAD "Transfer-Encoding:\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding: identity\r\n\r\n"), 501 },
	{ RAW(HEAD "Transfer-Encoding: xchunked\r\n\r\n"), 501 },
	{ RAW(HEAD "Transfer-Encoding: chun\r\n ked\r\n\r\n"), 501 },
	{ RAW(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501 },
	{ RAW(HEAD "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n"), 501 },
	{ RAW(HEAD "Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n"), 400 },
	{ RAW(HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\t\r\n\r\n"), 400 },
	{ RAW(HEAD "Transfer-Encoding:\tchunked\r\nTransfer-Encoding: x\r\n\r\n"), 400 },
	{ RAW("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "xyz\r\n"), 400 },
	{ RAW(CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "3 \r\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "3\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "3\r\nabcd\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "3;a\0b\r\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n"), 400 },
	{ RAW(CHUNKED "fffffffffffffffff\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400 },
	{ RAW("GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n"), 400 },
	{ RAW("GET http://localhost:1@b/ HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
	{ RAW("GET http://a/ HTTP/1.1\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nauthorization: a\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/1.1\nHost: h\n\n"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\n\rX"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nX: a\rContent-Length: 3\r\n\r\nabc"), 400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
	      "b\r\n\r\n"),
		400 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"), 400 },
	{ RAW("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
	{ RAW("GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
	{ RAW("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505 },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\nExpect: the-best\r\n\r\n"), 417 },
	{ RAW("\x16\x03\x01\x02 a TLS hello"), 400 },
	{ RAW("nonsense\r\n\r\n"), 400 },
};

/* Whatever lies behind it is never taken for a request. */
static void test_ambiguous_requests_are_refused_with_all_that_follows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ambiguous); i++) {
		struct buffer answer = { 0 };
		const unsigned before = atomic_load(&handled);
		const int fd = lab_connect(&lab);
		lab_send_bytes(fd, ambiguous[i].request, ambiguous[i].length);
		lab_send(fd, "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
		lab_read_until(fd, &answer, NULL);
		const unsigned status = lab_status(answer.data);
		if (status != ambiguous[i].status || lab_count(answer.data, "HTTP/1.1 ") != 1)
			fail_msg("%u instead of %u for <%s>: <%s>", status, ambiguous[i].status,
				ambiguous[i].request, answer.data);
		assert_non_null(strstr(answer.data, "\r\nConnection: close\r\n"));
		assert_int_equal(atomic_load(&handled), before);
		buffer_clear(&answer);
		close(fd);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_requests_reach_the_handler),
		cmocka_unit_test(test_ambiguous_requests_are_refused_with_all_that_follows),
		cmocka_unit_test(test_requests_may_come_in_two_pieces_split_anywhere),
		cmocka_unit_test(test_head_gets_the_length_but_no_body),
		cmocka_unit_test(test_no_content_has_neither_body_nor_length),
		cmocka_unit_test(test_answers_carry_the_date_and_no_forged_header),
		cmocka_unit_test(test_expect_100_continue_is_answered_at_once),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
