/* Who a request comes from, when proxies stand in front: by headers of HTTP, or of the PROXY protocol. */
#include "lab.h"

#include "http/proxy_header.h"

enum { DEVICE = 0x7f000007, PROXY = 0x7f000009, OTHER_PROXY = 0x7f00000a };

static struct lab plain_lab, rfc_lab, header_lab;

static const struct http_limits limits = { .head_seconds = 1, .connections_per_address = 2 };

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	struct http_response response = { .status = 200 };
	response.body = arena_printf(request->arena, "%s|%s|%llu|\n",
		http_peer_address(request->arena, request), request->is_tls ? "tls" : "plain",
		(unsigned long long)request->connection_id);
	response.body_length = strlen(response.body);
	http_reply(request, &response);
}

static bool is_proxy(const struct sockaddr *peer, void *arg)
{
	(void)arg;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
	const uint32_t address = ntohl(in->sin_addr.s_addr);
	return peer->sa_family == AF_INET && (address == PROXY || address == OTHER_PROXY);
}

static int set_up(void **state)
{
	(void)state;
	struct http_listener_options options = {
		.on_request = on_request, .is_proxy = is_proxy, .limits = &limits
	};
	lab_start(&plain_lab, options);
	options.forwarded = HTTP_FORWARDED;
	lab_start(&rfc_lab, options);
	options.has_proxy_header = true;
	lab_start(&header_lab, options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lab_stop(&plain_lab);
	lab_stop(&rfc_lab);
	lab_stop(&header_lab);
	return 0;
}

static int connect_from(const struct lab *lab, uint32_t source)
{
	const struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(source) },
				 to = { .sin_family = AF_INET,
					 .sin_port = htons(lab->port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static struct buffer ask(int fd, const char *headers)
{
	struct buffer answer = { 0 }, request = { 0 };
	buffer_printf(&request, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", headers);
	lab_send_bytes(fd, request.data, request.length);
	lab_read_until(fd, &answer, "|\n");
	buffer_clear(&request);
	return answer;
}

static void assert_peer(
	const struct lab *lab, uint32_t source, const char *headers, const char *expected)
{
	const int fd = connect_from(lab, source);
	struct buffer answer = ask(fd, headers);
	const char *body = strstr(answer.data, "\r\n\r\n");
	if (!body || strncmp(body + 4, expected, strlen(expected)) != 0)
		fail_msg("<%s> gave <%s>, not <%s>", headers, body ? body + 4 : "", expected);
	buffer_clear(&answer);
	close(fd);
}

struct told {
	const char *headers, *peer;
};

static void assert_told(const struct lab *lab, const struct told *told, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_peer(lab, PROXY, told[i].headers, told[i].peer);
}

static void test_the_list_of_addresses_is_read_from_its_end(void **state)
{
	(void)state;
	static const struct told told[] = {
		{ "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1|plain|" },
		{ "X-Forwarded-For: [2001:db8::1]:4711\r\n", "2001:db8::1|plain|" },
		{ "X-Forwarded-For: ::ffff:192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 198.51.100.66, 192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 198.51.100.66\r\nx-forwarded-for:192.0.2.1\r\n",
			"192.0.2.1|plain|" },
		{ "X-Forwarded-For: 198.51.100.66, 192.0.2.1, 127.0.0.10\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1|tls|" },
		{ "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https, http\r\n",
			"192.0.2.1|plain|" },
	};
	assert_told(&plain_lab, told, LENGTH_OF(told));
}

/* Beyond what cannot be read nobody is believed: it is the last proxy that could be. */
static void test_what_cannot_be_read_is_the_proxys_own(void **state)
{
	(void)state;
	static const struct told told[] = {
		{ "", "127.0.0.9|plain|" },
		{ "X-Forwarded-For:\r\n", "127.0.0.9|plain|" },
		{ "X-Forwarded-For: 192.0.2.1, unknown\r\n", "127.0.0.9|plain|" },
		{ "X-Forwarded-For: 192.0.2.1,\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: 192.0.2.1, nonsense, 127.0.0.10\r\n", "127.0.0.10|plain|" },
		{ "X-Forwarded-For: 192.0.2.256\r\n", "127.0.0.9|plain|" },
		{ "X-Forwarded-For: [2001:db8::1\r\n", "127.0.0.9|plain|" },
		{ "X-Forwarded-For: [2001:db8::1]x\r\n", "127.0.0.9|plain|" },
		{ "Forwarded: for=192.0.2.1\r\n", "127.0.0.9|plain|" },
	};
	assert_told(&plain_lab, told, LENGTH_OF(told));
}

/* A proxy may append to the peer's own line. */
static void test_a_quote_left_open_hides_nobody(void **state)
{
	(void)state;
	static const struct told plain[] = {
		{ "X-Forwarded-For: \", 192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: \"\", \"x, 192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "X-Forwarded-For: \"198.51.100.66, 192.0.2.1, 127.0.0.10\"\r\n",
			"127.0.0.9|plain|" },
	};
	static const struct told rfc[] = {
		{ "Forwarded: for=\", for=192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "Forwarded: for=\"x, for=\"[2001:db8::1]\"\r\n", "2001:db8::1|plain|" },
		{ "Forwarded: for=\"\\, for=\"[2001:db8::1]\";proto=https\r\n",
			"2001:db8::1|tls|" },
		{ "Forwarded: for=\"_a, b\", for=192.0.2.1\r\n", "192.0.2.1|plain|" },
	};
	assert_told(&plain_lab, plain, LENGTH_OF(plain));
	assert_told(&rfc_lab, rfc, LENGTH_OF(rfc));
}

static void test_forwarded_is_read_as_rfc_7239_has_it(void **state)
{
	(void)state;
	static const struct told told[] = {
		{ "Forwarded: for=192.0.2.1\r\n", "192.0.2.1|plain|" },
		{ "Forwarded: For=\"192.0.2.1:4711\";Proto=https;by=203.0.113.43\r\n",
			"192.0.2.1|tls|" },
		{ "Forwarded: proto=https ; for=\"[2001:db8::1]:4711\"\r\n", "2001:db8::1|tls|" },
		{ "Forwarded: for=198.51.100.66;proto=https, for=192.0.2.1\r\n",
			"192.0.2.1|plain|" },
		{ "Forwarded: for=198.51.100.66\r\nForwarded: for=192.0.2.1;proto=https\r\n",
			"192.0.2.1|tls|" },
		{ "Forwarded: for=\"a, for=198.51.100.66\", for=192.0.2.1\r\n",
			"192.0.2.1|plain|" },
		{ "Forwarded: for=192.0.2.1;proto=https, for=127.0.0.10;proto=http\r\n",
			"192.0.2.1|tls|" },
		{ "Forwarded: for=_hidden\r\n", "127.0.0.9|plain|" },
		{ "Forwarded: for=unknown, for=127.0.0.10\r\n", "127.0.0.10|plain|" },
		{ "Forwarded: proto=https\r\n", "127.0.0.9|plain|" },
		{ "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n",
			"127.0.0.9|plain|" },
	};
	assert_told(&rfc_lab, told, LENGTH_OF(told));
}

static void test_nobody_else_is_believed(void **state)
{
	(void)state;
	static const char headers[] = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
				      "Forwarded: for=192.0.2.1;proto=https\r\n";
	assert_peer(&plain_lab, DEVICE, headers, "127.0.0.7|plain|");
	assert_peer(&rfc_lab, DEVICE, headers, "127.0.0.7|plain|");
}

static void test_a_long_list_is_read_at_its_end(void **state)
{
	(void)state;
	struct buffer headers = { 0 };
	buffer_append_text(&headers, "X-Forwarded-For: ");
	for (int i = 0; i < 1000; i++)
		buffer_append_text(&headers, "127.0.0.10,");
	buffer_append_text(&headers, "192.0.2.1\r\n");
	assert_peer(&plain_lab, PROXY, headers.data, "192.0.2.1|plain|");
	buffer_clear(&headers);
}

static unsigned long long id_of(const struct buffer *answer)
{
	unsigned long long id = 0;
	const char *body = strstr(answer->data, "\r\n\r\n");
	assert_int_equal(sscanf(body + 4, "%*[^|]|%*[^|]|%llu", &id), 1);
	return id;
}

static bool is_the_same_connection(uint32_t source)
{
	const int fd = connect_from(&plain_lab, source);
	struct buffer first = ask(fd, ""), second = ask(fd, "");
	const bool is_same = id_of(&first) == id_of(&second);
	buffer_clear(&first);
	buffer_clear(&second);
	close(fd);
	return is_same;
}

/* A session must not be found by it. */
static void test_a_proxys_connection_stands_for_nobody(void **state)
{
	(void)state;
	assert_true(is_the_same_connection(DEVICE));
	assert_false(is_the_same_connection(PROXY));
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define RAW(text) text, sizeof(text) - 1
#define TCP4(source, more) \
	SIGNATURE "\x21\x11\0" more source "\xc0\0\2\7" \
		  "\x12\x34" \
		  "\x1d\x7b"

struct introduction {
	const char *bytes;
	size_t length;
	const char *peer; /* NULL: refused */
};

static const struct introduction introductions[] = {
	{ RAW(TCP4("\xc0\0\2\1", "\x0c")), "192.0.2.1|plain|" },
	{ RAW(TCP4("\xc0\0\2\1", "\x14") "\x20\0\5\1\0\0\0\0"), "192.0.2.1|tls|" },
	{ RAW(TCP4("\xc0\0\2\1", "\x14") "\x20\0\5\0\0\0\0\0"), "192.0.2.1|plain|" },
	{ RAW(TCP4("\xc0\0\2\1", "\x10") "\4\0\1x"), "192.0.2.1|plain|" },
	{ RAW(SIGNATURE "\x21\x21\0\x24"
			"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
			"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
			"\x12\x34\x1d\x7b"),
		"2001:db8::1|plain|" },
	{ RAW(SIGNATURE "\x20\0\0\0"), "127.0.0.9|plain|" },
	{ RAW(SIGNATURE "\x21\0\0\0"), "127.0.0.9|plain|" },
	{ RAW(SIGNATURE "\x21\x31\0\0"), NULL }, /* unix sockets */
	{ RAW(SIGNATURE "\x22\x11\0\0"), NULL }, /* an unknown command */
	{ RAW(SIGNATURE "\x11\x11\0\0"), NULL }, /* version 1 */
	{ RAW(SIGNATURE "\x21\x11\0\x0b"
			"\xc0\0\2\1\xc0\0\2\7\x12\x34\x1d"),
		NULL },
	{ RAW(SIGNATURE "\x21\x11\xff\xff"), NULL },            /* too long */
	{ RAW(TCP4("\xc0\0\2\1", "\x10") "\x20\0\5\1"), NULL }, /* a TLV beyond the end */
	{ RAW("PROXY TCP4 192.0.2.1 192.0.2.7 4660 7547\r\n"), NULL },
	{ RAW("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), NULL },
};

static void assert_introduced(int fd, const struct introduction *introduction, size_t number)
{
	struct buffer answer = ask(fd, "");
	const char *body = strstr(answer.data, "\r\n\r\n");
	if (!introduction->peer && answer.length)
		fail_msg("introduction %zu gave <%s>", number, answer.data);
	else if (introduction->peer &&
		 (!body || strncmp(body + 4, introduction->peer, strlen(introduction->peer)) != 0))
		fail_msg("introduction %zu gave <%s>", number, answer.data);
	buffer_clear(&answer);
	close(fd);
}

static void test_a_proxy_introduces_each_connection(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(introductions); i++) {
		const int fd = connect_from(&header_lab, PROXY);
		lab_send_bytes(fd, introductions[i].bytes, introductions[i].length);
		assert_introduced(fd, &introductions[i], i);
	}
}

static void test_an_introduction_may_come_in_pieces_split_anywhere(void **state)
{
	(void)state;
	const struct introduction *introduction = &introductions[1];
	for (size_t split = 1; split < introduction->length; split++) {
		const int fd = connect_from(&header_lab, PROXY);
		lab_send_bytes(fd, introduction->bytes, split);
		usleep(2000);
		lab_send_bytes(fd, introduction->bytes + split, introduction->length - split);
		assert_introduced(fd, introduction, split);
	}
}

static void test_an_introduction_that_does_not_come_ends_at_its_limit(void **state)
{
	(void)state;
	struct buffer answer = { 0 };
	const int fd = connect_from(&header_lab, PROXY);
	const double began = lab_now();
	lab_send_bytes(fd, introductions[0].bytes, 20);
	lab_read_until(fd, &answer, NULL);
	assert_true(lab_now() - began > 0.8 && lab_now() - began < 4);
	assert_int_equal(answer.length, 0);
	buffer_clear(&answer);
	close(fd);
}

/* What a stranger says is no request either. */
static void test_nobody_else_introduces_himself(void **state)
{
	(void)state;
	assert_peer(&header_lab, DEVICE, "", "127.0.0.7|plain|");
	struct buffer answer = { 0 };
	const int fd = connect_from(&header_lab, DEVICE);
	lab_send_bytes(fd, introductions[0].bytes, introductions[0].length);
	lab_read_until(fd, &answer, NULL);
	assert_int_equal(lab_status(answer.data), 400);
	buffer_clear(&answer);
	close(fd);
}

/* The proxy may have many connections; each of those behind it may have two. */
static void test_connections_are_counted_by_who_is_introduced(void **state)
{
	(void)state;
	int fds[4];
	for (size_t i = 0; i < LENGTH_OF(fds); i++) {
		struct buffer answer = { 0 };
		fds[i] = connect_from(&header_lab, PROXY);
		lab_send_bytes(fds[i], introductions[i == 3 ? 4 : 0].bytes,
			introductions[i == 3 ? 4 : 0].length);
		lab_send(fds[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		lab_read_until(fds[i], &answer, "\r\n\r\n");
		assert_int_equal(lab_status(answer.data), i == 2 ? 503 : 200);
		buffer_clear(&answer);
	}
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_list_of_addresses_is_read_from_its_end),
		cmocka_unit_test(test_what_cannot_be_read_is_the_proxys_own),
		cmocka_unit_test(test_a_quote_left_open_hides_nobody),
		cmocka_unit_test(test_forwarded_is_read_as_rfc_7239_has_it),
		cmocka_unit_test(test_nobody_else_is_believed),
		cmocka_unit_test(test_a_long_list_is_read_at_its_end),
		cmocka_unit_test(test_a_proxys_connection_stands_for_nobody),
		cmocka_unit_test(test_a_proxy_introduces_each_connection),
		cmocka_unit_test(test_an_introduction_may_come_in_pieces_split_anywhere),
		cmocka_unit_test(test_an_introduction_that_does_not_come_ends_at_its_limit),
		cmocka_unit_test(test_nobody_else_introduces_himself),
		cmocka_unit_test(test_connections_are_counted_by_who_is_introduced),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
