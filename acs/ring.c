/* ring: one connection request to one device (TR-069 3.2.2.3).
 * GET; after a 401 once more with digest; after 503 again later; nothing else is tried twice. What
 * the device wrote is held to: http(s), no userinfo, no redirects, an address and a port that
 * callee.c allows, 8 KB of answer. */
#include "acs/ring.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acs/callee.h"
#include "acs/log.h"
#include "acs/metrics.h"
#include "acs/peers.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/waiter.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "db/credentials.h"
#include "http/client.h"
#include "http/digest.h"
#include "http/url.h"

enum { ANSWER_BYTES = 8 * 1024 };

struct ring {
	struct arena *arena;
	struct loop *loop;
	int64_t device_id;
	ring_done_fn *done;
	void *arg;
	struct db_wait wait;
	struct http_client *client;
	struct waiter *again; /* after 503 */
	struct connection_request_target target;
	struct http_url url;
	const char *password;
	const char *authorization; /* of the second GET; NULL during the first */
	const char *objection;     /* to an address of the URL's; NULL: none */
	bool has_reconnected;
	unsigned retries;
	uint64_t begun_ms;
	uint64_t since_us; /* sessions that ended since say that the device is free again */
};

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	db_abandon(&ring->wait);
	http_client_free(ring->client);
	waiter_cancel(ring->again);
	arena_free(ring->arena);
}

static const char *const error_names[] = {
	[CONNREQ_OK] = "",
	[CONNREQ_REFUSED] = "refused",
	[CONNREQ_TIMEOUT] = "timeout",
	[CONNREQ_UNAUTHORIZED] = "unauthorized",
	[CONNREQ_NO_URL] = "no-url",
	[CONNREQ_BUSY] = "busy",
};

static void finish(struct ring *ring, enum connreq_error error, const char *detail, ...)
	PRINTF_LIKE(3, 4);

static void finish(struct ring *ring, enum connreq_error error, const char *detail, ...)
{
	char text[256];
	va_list list;
	va_start(list, detail);
	vsnprintf(text, sizeof(text), detail, list);
	va_end(list);
	const struct connreq_result result = {
		.error = error,
		.error_name = error_names[error],
		.detail = text,
		.elapsed_ms = (unsigned)(clock_ms() - ring->begun_ms),
	};
	metrics_add(METRIC_CONNECTION_REQUESTS, error == CONNREQ_OK ? "ok" : result.error_name,
		NULL, 1);
	LOG_INFO("connection-request", LOG_TEXT("device", ring->target.device),
		LOG_TEXT("outcome", error == CONNREQ_OK ? "ok" : result.error_name),
		LOG_TEXT("detail", text), LOG_NUMBER("ms", result.elapsed_ms));
	ring->done(&result, ring->arg);
	ring_free(ring);
}

/* Attempts. */

static void on_response(const struct http_client_response *response, void *arg);

static void send_get(struct ring *ring)
{
	const struct http_header headers[] = { { "Authorization", ring->authorization } };
	const struct http_client_request request = {
		.method = "GET",
		.url = ring->target.url,
		.headers = headers,
		.header_count = ring->authorization ? 1 : 0,
	};
	http_client_send(ring->client, &request, on_response, ring);
}

static const struct failure {
	enum http_error error;
	enum connreq_error reported;
	const char *detail;
} failures[] = {
	{ HTTP_BAD_URL, CONNREQ_NO_URL, "the device's URL is not usable" },
	{ HTTP_DNS_FAILED, CONNREQ_REFUSED, "the host of the device's URL is not known" },
	{ HTTP_REFUSED, CONNREQ_REFUSED, "no connection: refused or unreachable" },
	{ HTTP_TIMEOUT, CONNREQ_TIMEOUT, "no answer in time" },
	{ HTTP_TLS_FAILED, CONNREQ_REFUSED, "TLS failed" },
	{ HTTP_CLOSED, CONNREQ_REFUSED, "the device closed the connection without an answer" },
	{ HTTP_PROTOCOL, CONNREQ_REFUSED, "the answer is no HTTP" },
	{ HTTP_TOO_LARGE, CONNREQ_REFUSED, "the answer is too large" },
};

/* CWMP-114: some devices close after their 401 and want the answer on a fresh connection. */
static bool may_reconnect(const struct ring *ring, const struct http_client_response *response)
{
	return ring->authorization && !ring->has_reconnected &&
	       (response->error == HTTP_CLOSED || response->error == HTTP_REFUSED);
}

static void on_failure(struct ring *ring, const struct http_client_response *response)
{
	if (may_reconnect(ring, response)) {
		ring->has_reconnected = true;
		http_client_disconnect(ring->client);
		send_get(ring);
		return;
	}
	if (response->error == HTTP_ADDRESS_FORBIDDEN) {
		finish(ring, CONNREQ_REFUSED, "%s", ring->objection);
		return;
	}
	for (size_t i = 0; i < LENGTH_OF(failures); i++) {
		if (failures[i].error == response->error) {
			finish(ring, failures[i].reported, "%s (%s)", failures[i].detail,
				response->error_text);
			return;
		}
	}
}

static void on_unauthorized(struct ring *ring, const struct http_client_response *response)
{
	if (ring->authorization) {
		finish(ring, CONNREQ_UNAUTHORIZED,
			"the device refuses the stored user name or password");
		return;
	}
	if (!ring->target.username || !ring->password) {
		finish(ring, CONNREQ_UNAUTHORIZED, "%s",
			ring->target.sealed_password && !ring->password
				? "the device wants a password, and the stored one was sealed with"
				  " another secrets.key"
				: "the device wants a password, and none is stored");
		return;
	}
	struct http_challenge *challenge = http_challenge_choose(ring->arena, response->headers,
		response->header_count, ring->loop->server->config->connection_request.basic);
	if (challenge)
		ring->authorization = http_challenge_answer(ring->arena, challenge, "GET",
			ring->url.target, ring->target.username, ring->password);
	if (!ring->authorization) {
		finish(ring, CONNREQ_UNAUTHORIZED,
			"the device asks for no authentication that is allowed here");
		return;
	}
	send_get(ring);
}

/* Its Inform may have looked for tasks just before the one was queued that the device is called for. */
static bool wake_session(struct ring *ring)
{
	if (sessions_wake(ring->loop->server->sessions, ring->device_id, clock_seconds()))
		return true;
	peers_tell_queued(ring->loop, ring->device_id);
	return false;
}

/* Whoever began a session of his own meanwhile, and will ask for tasks in it, need not be called any more. */
static void on_again(bool has_session, void *arg)
{
	struct ring *ring = arg;
	ring->again = NULL;
	if (has_session && wake_session(ring))
		finish(ring, CONNREQ_OK, "%s", "");
	else
		send_get(ring);
}

/* CWMP-113: in a session already, or too many requests; it says neither which nor how long. */
static void on_busy(struct ring *ring)
{
	const struct config *config = ring->loop->server->config;
	struct sessions *sessions = ring->loop->server->sessions;
	if (wake_session(ring)) {
		finish(ring, CONNREQ_OK, "%s", "");
		return;
	}
	if (ring->retries++ >= config->connection_request.retries) {
		finish(ring, CONNREQ_BUSY, "the device answered 503 %u times", ring->retries);
		return;
	}
	ring->authorization = NULL;
	ring->has_reconnected = false;
	http_client_disconnect(ring->client);
	const bool is_free = sessions_ended_since(sessions, ring->device_id, ring->since_us);
	ring->since_us = clock_us();
	if (is_free) {
		send_get(ring);
		return;
	}
	ring->again = waiter_for_session(ring->loop, ring->device_id,
		config->connection_request.retry_seconds, on_again, ring);
	peers_watch_session(ring->loop, ring->device_id, config->connection_request.retry_seconds);
}

static void on_response(const struct http_client_response *response, void *arg)
{
	struct ring *ring = arg;
	if (response->error != HTTP_OK)
		on_failure(ring, response);
	else if (response->status == 200 || response->status == 204)
		finish(ring, CONNREQ_OK, "%s", "");
	else if (response->status == 401)
		on_unauthorized(ring, response);
	else if (response->status == 503)
		on_busy(ring);
	else
		finish(ring, CONNREQ_REFUSED, "the device answered %u %s", response->status,
			http_reason(response->status));
}

/* Beginning. */

static bool allow_address(const struct sockaddr *address, void *arg)
{
	struct ring *ring = arg;
	const char *objection = callee_objection(
		ring->loop->server, address, ring->target.source_address);
	if (objection)
		ring->objection = objection;
	return !objection;
}

static void dial(struct ring *ring)
{
	const struct server *server = ring->loop->server;
	const struct http_client_options options = {
		.tls = server->client_tls,
		.connect_seconds = server->config->connection_request.connect_seconds,
		.response_seconds = server->config->connection_request.response_seconds,
		.header_bytes = ANSWER_BYTES,
		.body_bytes = ANSWER_BYTES,
		.allow_address = allow_address,
		.allow_arg = ring,
	};
	ring->client = http_client_new(ring->loop->base, ring->loop->dns, &options);
	send_get(ring);
}

static void on_target(const struct db_answer *answer, void *arg)
{
	struct ring *ring = arg;
	struct connection_request_target *target = &ring->target;
	size_t length;
	if (answer->outcome != DB_OK)
		finish(ring, CONNREQ_BUSY, "the database does not answer");
	else if (!connection_request_target_read(ring->arena, answer->results[0], target))
		finish(ring, CONNREQ_NO_URL, "the device is not known");
	else if (strcmp(target->admission, "active") != 0)
		finish(ring, CONNREQ_REFUSED, "the device is %s", target->admission);
	else if (!target->url || !*target->url)
		finish(ring, CONNREQ_NO_URL, "the device has told no ConnectionRequestURL");
	else if (!http_url_parse(ring->arena, target->url, &ring->url))
		finish(ring, CONNREQ_NO_URL,
			"the device's URL is not usable: http or https, without user name");
	else {
		if (target->sealed_password)
			ring->password = keyring_unseal(ring->loop->server->secrets, ring->arena,
				credential_place(ring->arena, ring->device_id),
				target->sealed_password, target->sealed_password_length, &length);
		dial(ring);
	}
}

struct ring *ring_begin(struct loop *loop, int64_t device_id, ring_done_fn *done, void *arg)
{
	struct arena *arena = arena_new();
	struct ring *ring = ARENA_NEW(arena, struct ring);
	ring->arena = arena;
	ring->loop = loop;
	ring->device_id = device_id;
	ring->done = done;
	ring->arg = arg;
	ring->begun_ms = clock_ms();
	ring->since_us = clock_us();
	struct db_question question = db_question(arena);
	connection_request_find(&question, device_id);
	db_ask(loop->db, &question, &ring->wait, on_target, ring);
	return ring;
}
