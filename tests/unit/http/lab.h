/* lab: a real server in a thread of its own, and blocking sockets to talk to it byte by byte. */
#ifndef TESTS_HTTP_LAB_H
#define TESTS_HTTP_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>
#include <event2/thread.h>

#include "base/buffer.h"
#include "http/server.h"

struct lab {
	struct event_base *base;
	struct http_listener *listener;
	int fd;
	unsigned short port;
	pthread_t thread;
};

static inline double lab_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *lab_run(void *arg)
{
	struct lab *lab = arg;
	event_base_loop(lab->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

static inline void lab_start(struct lab *lab, struct http_listener_options options)
{
	char why[128];
	struct sockaddr_in bound;
	socklen_t length = sizeof(bound);
	evthread_use_pthreads();
	signal(SIGPIPE, SIG_IGN);
	lab->fd = options.fd = http_bind("127.0.0.1:0", why, sizeof(why));
	assert_true(lab->fd >= 0);
	assert_int_equal(getsockname(lab->fd, (struct sockaddr *)&bound, &length), 0);
	lab->port = ntohs(bound.sin_port);
	lab->base = event_base_new();
	lab->listener = http_listener_new(lab->base, &options);
	assert_int_equal(pthread_create(&lab->thread, NULL, lab_run, lab), 0);
}

static inline void lab_stop(struct lab *lab)
{
	event_base_loopbreak(lab->base);
	pthread_join(lab->thread, NULL);
	http_listener_free(lab->listener);
	event_base_loop(lab->base, EVLOOP_NONBLOCK);
	event_base_free(lab->base);
	close(lab->fd);
}

static inline int lab_connect(const struct lab *lab)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(lab->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline void lab_send_bytes(int fd, const char *bytes, size_t length)
{
	while (length) {
		const ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static inline void lab_send(int fd, const char *text)
{
	lab_send_bytes(fd, text, strlen(text));
}

/* Reads until the text has come (NULL: until the peer closes), the peer closes or five seconds
 * pass. */
static inline void lab_read_until(int fd, struct buffer *answer, const char *text)
{
	const double end = lab_now() + 5;
	buffer_append(answer, "", 0);
	while (lab_now() < end && !(text && strstr(answer->data, text))) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		char bytes[65536];
		if (poll(&ready, 1, 100) == 0)
			continue;
		const ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
		if (got <= 0)
			return;
		buffer_append(answer, bytes, (size_t)got);
	}
}

/* One connection: sends, reads until the server closes. The caller clears the answer. */
static inline struct buffer lab_talk(const struct lab *lab, const char *text)
{
	struct buffer answer = { 0 };
	const int fd = lab_connect(lab);
	lab_send(fd, text);
	lab_read_until(fd, &answer, NULL);
	close(fd);
	return answer;
}

static inline unsigned lab_status(const char *answer)
{
	unsigned status = 0;
	if (sscanf(answer, "HTTP/1.1 %u", &status) != 1)
		return 0;
	return status;
}

static inline unsigned lab_count(const char *text, const char *part)
{
	unsigned count = 0;
	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		count++;
	return count;
}

/* Waits up to three seconds for a counter that another thread raises. */
static inline bool lab_reaches(atomic_uint *counter, unsigned value)
{
	for (int i = 0; i < 300 && atomic_load(counter) < value; i++)
		usleep(10000);
	return atomic_load(counter) == value;
}

#endif
