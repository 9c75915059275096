/* server_lab: the server that the tests of one topic talk to: its handlers, limits and counters. */
#ifndef TESTS_HTTP_SERVER_LAB_H
#define TESTS_HTTP_SERVER_LAB_H

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

static inline void reply_text(struct http_request *request, unsigned status, const char *text)
{
	const struct http_response response = {
		.status = status, .body = text, .body_length = strlen(text)
	};
	http_reply(request, &response);
}

static inline void on_gone(struct http_request *request)
{
	(void)request;
	atomic_fetch_add(&gone, 1);
}

static inline void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	reply_text(arg, 200, "later\n");
}

static inline void reply_later(struct http_request *request)
{
	const struct timeval delay = { .tv_usec = 150000 };
	event_base_once(lab.base, -1, EV_TIMEOUT, on_later, request, &delay);
}

static inline void reply_echo(struct http_request *request)
{
	const char *probe = http_request_header(request, "X-Probe");
	reply_text(request, 200,
		arena_printf(request->arena, "%s|%s|%s|%s|%s|\n", request->method, request->path,
			request->query, probe ? probe : "", request->body));
}

static inline void reply_big(struct http_request *request)
{
	char *bytes = malloc(BIG_BYTES);
	memset(bytes, 'x', BIG_BYTES);
	const struct http_response response = {
		.status = 200, .body = bytes, .body_length = BIG_BYTES
	};
	http_reply(request, &response);
	free(bytes);
}

static inline void hold(struct http_request *request)
{
	request->on_gone = on_gone;
}

static inline void on_stream_drained(struct http_request *request)
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

static inline void stream(struct http_request *request, uint64_t length)
{
	const struct http_response response = { .status = 200 };
	request->on_drained = on_stream_drained;
	request->on_gone = on_gone;
	http_reply_begin(request, &response, length);
}

static inline void stream_chunked(struct http_request *request)
{
	stream(request, UINT64_MAX);
}

static inline void stream_bounded(struct http_request *request)
{
	stream(request, 15);
}

static inline void stream_short(struct http_request *request)
{
	stream(request, 20);
}

static inline void reply_nothing(struct http_request *request)
{
	reply_text(request, 204, "");
}

static inline void reply_and_close(struct http_request *request)
{
	const struct http_response response = {
		.status = 200, .body = "bye\n", .body_length = 4, .close = true
	};
	http_reply(request, &response);
}

static inline void reply_split(struct http_request *request)
{
	const struct http_header headers[] = { { "X-Good", "1" }, { "X-Bad", "1\r\nX-Forged: 1" } };
	const struct http_response response = {
		.status = 200, .headers = headers, .header_count = 2
	};
	http_reply(request, &response);
}

static inline void reply_count(struct http_request *request)
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

static inline void on_request(struct http_request *request, void *arg)
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

static inline void on_piece(struct http_request *request, const void *bytes, size_t length)
{
	(void)bytes;
	atomic_fetch_add(&pieces, 1);
	request->user = (void *)((uintptr_t)request->user + length);
}

static inline void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	http_request_resume(arg);
}

static inline void on_paused_piece(struct http_request *request, const void *bytes, size_t length)
{
	const struct timeval delay = { .tv_usec = 50000 };
	on_piece(request, bytes, length);
	http_request_pause(request);
	event_base_once(lab.base, -1, EV_TIMEOUT, on_resume, request, &delay);
}

static inline void on_refusing_piece(struct http_request *request, const void *bytes, size_t length)
{
	(void)bytes, (void)length;
	reply_text(request, 422, "no\n");
}

static inline void on_headers(struct http_request *request, void *arg)
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

static inline bool is_exempt(const struct sockaddr *peer, void *arg)
{
	(void)arg;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
	return ntohl(in->sin_addr.s_addr) == 0x7f000009;
}

static inline int set_up(void **state)
{
	(void)state;
	lab_start(&lab, (struct http_listener_options){ .limits = &limits,
				.on_request = on_request,
				.on_headers = on_headers,
				.is_exempt = is_exempt,
				.body_budget = &budget });
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	lab_stop(&lab);
	return 0;
}

/* The status of the only answer, after which the server closes. */
static inline unsigned status_of(const char *request)
{
	struct buffer answer = lab_talk(&lab, request);
	const unsigned status = lab_status(answer.data);
	if (status >= 400)
		assert_non_null(strstr(answer.data, "\r\nConnection: close\r\n"));
	assert_true(lab_count(answer.data, "HTTP/1.1 ") <= 1);
	buffer_clear(&answer);
	return status;
}

static inline void assert_answer_has(const char *request, const char *part)
{
	struct buffer answer = lab_talk(&lab, request);
	if (!strstr(answer.data, part))
		fail_msg("no <%s> in <%s>", part, answer.data);
	buffer_clear(&answer);
}

#define CLOSE "Host: h\r\nConnection: close\r\n"

/* Closes without a word, as a device that lost its power seems to. */
static inline void reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

#endif
