/* Fuzzes a connection of the server: bytes come in over a socket pair, every request is answered
 * with its own body. Nothing may be left behind when the peer is gone. */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "fuzz.h"
#include "http/connection.h"

enum { HEADER_LIMIT = 2048, BODY_LIMIT = 16384, TURNS = 20, TURNS_MAX = 1000 };

static struct event_base *base;
static struct http_listener *listener;

static void on_headers(struct http_request *request, void *arg)
{
	(void)arg;
	const enum http_coding coding = http_coding_by_name(
		http_request_header(request, "Content-Encoding"));
	if (coding == HTTP_UNKNOWN_CODING)
		http_reply(request, &(const struct http_response){ .status = 415 });
	else
		request->body_coding = coding;
}

static void on_request(struct http_request *request, void *arg)
{
	(void)arg;
	HOLDS(request->body_length <= BODY_LIMIT);
	HOLDS(request->body[request->body_length] == '\0');
	const struct http_response response = {
		.status = 200,
		.body = request->body,
		.body_length = request->body_length,
	};
	http_reply(request, &response);
}

static void start(void)
{
	static struct http_limits limits;
	char why[100];
	limits = http_default_limits;
	limits.header_bytes = HEADER_LIMIT;
	limits.body_bytes = BODY_LIMIT;
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	const struct http_listener_options options = {
		.fd = http_bind("127.0.0.1:0", why, sizeof(why)),
		.limits = &limits,
		.on_request = on_request,
		.on_headers = on_headers,
	};
	HOLDS(options.fd >= 0);
	listener = http_listener_new(base, &options);
}

/* As the listener does with what it accepts. */
static void welcome(int fd)
{
	const struct arrival arrival = { .fd = fd, .peer.ss_family = AF_INET };
	struct connection *connection = connection_new(listener, &arrival);
	listener_count(listener);
	connection_set_state(connection, CONNECTION_IDLE);
	connection_settle(connection);
}

/* Answers are thrown away, so that the server never waits for room. */
static void drain(int fd)
{
	char bytes[4096];
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* The peer is gone: no state of a connection may outlive that. */
static void run_out(void)
{
	for (int i = 0; i < TURNS_MAX && listener->connection_count > 0; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	HOLDS(listener->connection_count == 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	int pair[2];
	if (!base)
		start();
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	welcome(pair[1]);
	if (send(pair[0], bytes, length, 0) >= 0)
		shutdown(pair[0], SHUT_WR);
	for (int i = 0; i < TURNS; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		drain(pair[0]);
	}
	close(pair[0]);
	run_out();
	return 0;
}
