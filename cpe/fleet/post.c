/* post: the POSTs of a fleet's sessions, one after the other on one connection.
 * A redirect is an answer as any other that is neither 200 nor 204: a fleet stays with --acs-url. */
#include "cpe/fleet/post.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cpe/fleet/fleet.h"

enum { CONNECT_SECONDS = 30, ANSWER_BYTES = 16 * 1024 * 1024 };

static void open_client(struct fleet_post *post)
{
	const struct fleet *fleet = post->fleet;
	char address[INET_ADDRSTRLEN];
	struct http_client_options options = {
		.tls = fleet->tls,
		.connect_seconds = CONNECT_SECONDS,
		.response_seconds = fleet->options->response_seconds,
		.body_bytes = ANSWER_BYTES,
	};
	if (fleet->has_addresses) {
		address_range_text(&fleet->addresses, post->number, address);
		options.bind_address = address;
	}
	post->client = http_client_new(fleet->base, fleet->dns, &options);
}

void fleet_post_init(struct fleet_post *post, struct fleet *fleet, uint32_t number,
	fleet_post_answered_fn *on_answer, fleet_post_failed_fn *on_failure, void *arg)
{
	*post = (struct fleet_post){
		.fleet = fleet,
		.number = number,
		.on_answer = on_answer,
		.on_failure = on_failure,
		.arg = arg,
	};
	open_client(post);
}

void fleet_post_clear(struct fleet_post *post)
{
	http_client_free(post->client);
	buffer_clear(&post->body);
}

void fleet_post_begin(struct fleet_post *post, struct fleet_device *device, struct arena *arena)
{
	const struct fleet *fleet = post->fleet;
	post->device = device;
	post->arena = arena;
	post->cookies.count = 0;
	post->retry_seconds = 0;
	if (fleet->options->fleet.challenge_each_session)
		credentials_forget(device);
	else if (fleet->options->fleet.shares_nonces)
		credentials_share(fleet, device);
}

/* Sending */

static void on_response(const struct http_client_response *response, void *arg);

/* Authorization goes along before it is asked for, as devices' HTTP libraries do it. TR-069 3.4.1: no
 * Content-Type and SOAPAction when the body is empty. */
static void send_again(struct fleet_post *post)
{
	struct fleet *fleet = post->fleet;
	struct http_header headers[4];
	size_t count = 0;
	const char *cookie = cookies_text(
		&post->cookies, post->arena, fleet->url.authority, fleet->url.target);
	const char *proof = credentials_answer(fleet, post->device, post->arena);
	if (post->body.length) {
		headers[count++] = (struct http_header){ "Content-Type",
			"text/xml; charset=utf-8" };
		headers[count++] = (struct http_header){ "SOAPAction", "" };
	}
	if (proof)
		headers[count++] = (struct http_header){ "Authorization", proof };
	if (cookie)
		headers[count++] = (struct http_header){ "Cookie", cookie };
	const struct http_client_request request = {
		.method = "POST",
		.url = fleet->options->acs_url,
		.headers = headers,
		.header_count = count,
		.body = post->body.data,
		.body_length = post->body.length,
	};
	fleet->statistics.requests++;
	post->posted_us = clock_us();
	http_client_send(post->client, &request, on_response, post);
}

void fleet_post_send(struct fleet_post *post)
{
	post->was_challenged = false;
	send_again(post);
}

/* Receiving */

static const char *error_kind(enum http_error error)
{
	static const char *const kinds[] = {
		[HTTP_OK] = "",
		[HTTP_BAD_URL] = "connect",
		[HTTP_DNS_FAILED] = "connect",
		[HTTP_ADDRESS_FORBIDDEN] = "connect",
		[HTTP_REFUSED] = "connect",
		[HTTP_TIMEOUT] = "timeout",
		[HTTP_TLS_FAILED] = "tls",
		[HTTP_CLOSED] = "disconnected",
		[HTTP_PROTOCOL] = "not-http",
		[HTTP_TOO_LARGE] = "too-large",
	};
	return kinds[error];
}

/* True when the request goes out once more, with credentials. */
static bool meet_challenge(struct fleet_post *post, const struct http_client_response *response)
{
	if (response->status != 401 || post->was_challenged ||
		!credentials_take(post->fleet, post->device, post->arena, response->headers,
			response->header_count))
		return false;
	post->was_challenged = true;
	post->fleet->statistics.challenges++;
	send_again(post);
	return true;
}

static void on_status(struct fleet_post *post, const struct http_client_response *response)
{
	const char *retry = http_header(response->headers, response->header_count, "Retry-After");
	if (retry) {
		post->fleet->statistics.retry_after++;
		post->retry_seconds = (unsigned)strtoul(retry, NULL, 10);
	}
	post->on_failure(
		arena_printf(post->arena, "http-%u", response->status), response->body, post->arg);
}

static void on_response(const struct http_client_response *response, void *arg)
{
	struct fleet_post *post = arg;
	if (response->error) {
		post->on_failure(error_kind(response->error), response->error_text, post->arg);
		return;
	}
	histogram_add(&post->fleet->statistics.request, clock_us() - post->posted_us);
	if (meet_challenge(post, response))
		return;
	if (response->status != 200 && response->status != 204) {
		on_status(post, response);
		return;
	}
	cookies_store(&post->cookies, post->arena, post->fleet->url.authority, response->headers,
		response->header_count);
	post->on_answer(response, post->arg);
}

/* The end */

void fleet_post_end(struct fleet_post *post, bool has_succeeded)
{
	const struct fleet *fleet = post->fleet;
	post->device = NULL;
	post->arena = NULL;
	if (has_succeeded && fleet->keeps_connections)
		return;
	http_client_disconnect(post->client);
	if (!fleet->keeps_connections && fleet->tls && !fleet->resumes_tls) {
		http_client_free(post->client); /* it remembers the TLS session */
		open_client(post);
	}
}
