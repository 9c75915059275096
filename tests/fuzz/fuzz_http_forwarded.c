/* Fuzzes X-Forwarded-For and Forwarded: whatever they hold, the peer is an address. */
#include <arpa/inet.h>

#include "fuzz.h"
#include "http/forwarded.h"

static bool is_proxy(const struct sockaddr *peer, void *arg)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
	(void)arg;
	return peer->sa_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

static void read_as(enum http_forwarded forwarded, const char *name, const char *value)
{
	const struct http_listener_options options = { .is_proxy = is_proxy,
		.forwarded = forwarded };
	const struct http_header headers[] = { { name, value }, { "X-Forwarded-Proto", value } };
	struct http_request request = {
		.headers = headers,
		.header_count = 2,
		.peer.ss_family = AF_UNIX,
		.arena = arena_new(),
	};
	forwarded_read(&request, &options);
	HOLDS(request.peer.ss_family == AF_INET || request.peer.ss_family == AF_INET6 ||
		request.peer.ss_family == AF_UNIX);
	arena_free(request.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = fuzz_text(bytes, length);
	read_as(HTTP_X_FORWARDED_FOR, "X-Forwarded-For", text);
	read_as(HTTP_FORWARDED, "Forwarded", text);
	free(text);
	return 0;
}
