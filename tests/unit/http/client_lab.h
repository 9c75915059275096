/* client_lab: a client on the test's own loop, and a server that answers from a script. */
#ifndef TESTS_HTTP_CLIENT_LAB_H
#define TESTS_HTTP_CLIENT_LAB_H

#include "lab.h"

#include <event2/dns.h>

#include "http/client.h"

/* What a call came to; the body is copied. */
struct outcome {
	struct event_base *base;
	unsigned calls;
	enum http_error error;
	unsigned status;
	char text[160];
	char probe[64]; /* the X-Probe header */
	struct buffer body;
	bool closes;
};

static inline void outcome_store(const struct http_client_response *response, void *arg)
{
	struct outcome *outcome = arg;
	outcome->calls++;
	outcome->error = response->error;
	outcome->status = response->status;
	outcome->closes = response->closes;
	snprintf(outcome->text, sizeof(outcome->text), "%s", response->error_text);
	if (!response->error) {
		const char *probe = http_header(
			response->headers, response->header_count, "X-Probe");
		snprintf(outcome->probe, sizeof(outcome->probe), "%s", probe ? probe : "");
		buffer_append(&outcome->body, response->body, response->body_length);
	}
	event_base_loopbreak(outcome->base);
}

static inline struct outcome client_call(struct event_base *base, struct http_client *client,
	const struct http_client_request *request)
{
	struct outcome outcome = { .base = base };
	buffer_append(&outcome.body, "", 0);
	http_client_send(client, request, outcome_store, &outcome);
	assert_int_equal(outcome.calls, 0); /* never from inside the call */
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(outcome.calls, 1);
	return outcome;
}

/* Each request gets the next line of the script. '!' in front: the server closes after it; "~":
 * it never answers; "": it closes without an answer. */
struct script {
	const char *const *answers;
	size_t count;
	int fd;
	unsigned short port;
	pthread_t thread;
	atomic_uint connections, requests;
	struct buffer received;
};

static inline bool script_read_request(struct script *script, int fd)
{
	struct buffer request = { 0 };
	lab_read_until(fd, &request, "\r\n\r\n");
	const bool came = request.length > 0;
	buffer_append(&script->received, request.data, request.length);
	buffer_clear(&request);
	return came;
}

static inline void *script_run(void *arg)
{
	struct script *script = arg;
	size_t next = 0;
	while (next < script->count) {
		const int fd = accept(script->fd, NULL, NULL);
		if (fd < 0)
			break;
		atomic_fetch_add(&script->connections, 1);
		bool open = true;
		while (open && next < script->count && script_read_request(script, fd)) {
			const char *answer = script->answers[next++];
			atomic_fetch_add(&script->requests, 1);
			open = *answer && *answer != '!';
			if (*answer == '~')
				script_read_request(script, fd);
			else
				lab_send(fd, answer + (*answer == '!'));
		}
		close(fd);
	}
	return NULL;
}

static inline void script_start(struct script *script, const char *const *answers, size_t count)
{
	char why[128];
	struct sockaddr_in bound;
	socklen_t length = sizeof(bound);
	*script = (struct script){ .answers = answers, .count = count };
	script->fd = http_bind("127.0.0.1:0", why, sizeof(why));
	evutil_socket_t fd = script->fd;
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK), 0);
	getsockname(fd, (struct sockaddr *)&bound, &length);
	script->port = ntohs(bound.sin_port);
	pthread_create(&script->thread, NULL, script_run, script);
}

static inline void script_stop(struct script *script)
{
	shutdown(script->fd, SHUT_RDWR);
	pthread_join(script->thread, NULL);
	close(script->fd);
	buffer_clear(&script->received);
}

#endif
