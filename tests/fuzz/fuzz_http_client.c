/* Fuzzes what the client makes of an answer: the bytes are all that its server sends. */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "fuzz.h"
#include "http/client.h"
#include "http/server.h"

enum { HEADER_LIMIT = 2048, BODY_LIMIT = 16384, SECONDS = 5, TURNS_MAX = 1000000 };

static struct event_base *base;
static struct http_client *client;
static int listening;
static char url[100];

static void start(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	char why[100];
	const struct http_client_options options = {
		.connect_seconds = SECONDS,
		.response_seconds = SECONDS,
		.header_bytes = HEADER_LIMIT,
		.body_bytes = BODY_LIMIT,
	};
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	client = http_client_new(base, NULL, &options);
	listening = http_bind("127.0.0.1:0", why, sizeof(why));
	HOLDS(listening >= 0);
	HOLDS(getsockname(listening, (struct sockaddr *)&address, &size) == 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
}

static void on_response(const struct http_client_response *response, void *arg)
{
	bool *is_answered = arg;
	*is_answered = true;
	if (response->error != HTTP_OK) {
		HOLDS(response->error_text);
		return;
	}
	HOLDS(response->status >= 100 && response->body_length <= BODY_LIMIT);
	HOLDS(response->body[response->body_length] == '\0');
	http_header(response->headers, response->header_count, "Set-Cookie");
}

static int accept_one(void)
{
	int fd = -1;
	for (int i = 0; i < TURNS_MAX && fd < 0; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
	}
	HOLDS(fd >= 0);
	return fd;
}

/* A reset leaves no connection behind that waits for its time. */
static void hang_up(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (!base)
		start();
	bool is_answered = false;
	const struct http_client_request request = { .method = "GET", .url = url };
	http_client_send(client, &request, on_response, &is_answered);
	const int fd = accept_one();
	if (send(fd, bytes, length, 0) >= 0)
		shutdown(fd, SHUT_WR);
	for (int i = 0; i < TURNS_MAX && !is_answered; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	HOLDS(is_answered);
	http_client_disconnect(client);
	hang_up(fd);
	event_base_loop(base, EVLOOP_NONBLOCK);
	return 0;
}
