/* post: the HTTP half of a session: one POST after the other to the ACS, and its answers.
 * Challenges, redirects, cookies and compression end here; the session sees envelopes. */
#include "cpe/session/post.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "cpe/session/cookies.h"
#include "cpe/session/exchange.h"
#include "cpe/log.h"
#include "http/compression.h"

enum { CONNECT_SECONDS = 30, ANSWER_BYTES = 64 * 1024 * 1024, HEADER_BYTES = 64 * 1024 };

struct post {
	struct device *device;
	post_answered_fn *answered;
	void *arg;
	struct http_client *client;
	struct arena *arena; /* as old as the session */
	struct exchange exchange;
	struct cookies cookies;
	enum http_coding coding;
	struct buffer body;
	struct buffer coded;   /* the body under way, when it is compressed */
	struct buffer content; /* the answer, inflated */
};

struct buffer *post_body(struct post *post)
{
	return &post->body;
}

const char *post_url(const struct post *post)
{
	return post->exchange.url_text;
}

static void fail(struct post *post, const char *reason)
{
	post->answered(&(struct post_answer){ .failure = reason }, post->arg);
}

/* Answers */

static void hand_over(struct post *post, const struct http_client_response *response,
	const char *envelope, size_t length)
{
	const struct post_answer answer = {
		.envelope = envelope,
		.length = length,
		.content_type = http_header(
			response->headers, response->header_count, "Content-Type"),
	};
	post->answered(&answer, post->arg);
}

static void on_content(struct post *post, const struct http_client_response *response)
{
	const enum http_coding coding = http_coding_by_name(
		http_header(response->headers, response->header_count, "Content-Encoding"));
	if (coding == HTTP_IDENTITY || response->body_length == 0) {
		hand_over(post, response, response->body, response->body_length);
		return;
	}
	buffer_reset(&post->content);
	if (coding == HTTP_UNKNOWN_CODING ||
		http_inflate(coding, response->body, response->body_length, ANSWER_BYTES,
			&post->content) != HTTP_INFLATED)
		fail(post, "an answer in no known compression");
	else
		hand_over(post, response, post->content.data, post->content.length);
}

static void on_status(struct post *post, unsigned status)
{
	LOG(post->device->name, "http-status", LOG_NUMBER("status", status));
	/* TR-069 3.4.6: the ACS cannot inflate, so the next session does without. */
	if (status == 415 && post->coding != HTTP_IDENTITY)
		post->device->is_uncompressed = true;
	fail(post, http_reason(status));
}

static void send_again(struct post *post);

static void on_response(const struct http_client_response *response, void *arg)
{
	struct post *post = arg;
	if (response->error != HTTP_OK) {
		LOG(post->device->name, "http-error", LOG_TEXT("why", response->error_text));
		fail(post, "connection failed");
		return;
	}
	if (!post->device->options->misbehave.no_cookie)
		cookies_store(&post->cookies, post->arena, post->exchange.url.authority,
			response->headers, response->header_count);
	switch (exchange_judge(&post->exchange, response)) {
	case EXCHANGE_REPEAT:
		if (post->device->options->misbehave.fresh_after_401)
			http_client_disconnect(post->client);
		send_again(post);
		break;
	case EXCHANGE_REFUSED:
		fail(post, "authentication failed");
		break;
	case EXCHANGE_LOST:
		fail(post, "redirected too often or to nowhere");
		break;
	case EXCHANGE_ANSWERED:
		if (response->status == 200 || response->status == 204)
			on_content(post, response);
		else
			on_status(post, response->status);
		break;
	}
}

/* Requests */

/* TR-069 3.4.1: no Content-Type and SOAPAction when the body is empty. */
static size_t fill_headers(struct post *post, struct http_header *headers)
{
	struct exchange *exchange = &post->exchange;
	size_t count = 0;
	if (post->body.length) {
		headers[count++] = (struct http_header){ "Content-Type",
			"text/xml; charset=utf-8" };
		headers[count++] = (struct http_header){ "SOAPAction", "" };
	}
	if (post->coded.length)
		headers[count++] = (struct http_header){ "Content-Encoding",
			http_coding_name(post->coding) };
	const char *cookie = cookies_text(
		&post->cookies, post->arena, exchange->url.authority, exchange->url.target);
	if (cookie)
		headers[count++] = (struct http_header){ "Cookie", cookie };
	const char *authorization = exchange_authorization(exchange, "POST");
	if (authorization)
		headers[count++] = (struct http_header){ "Authorization", authorization };
	return count;
}

static void send_again(struct post *post)
{
	const struct buffer *body = post->coded.length ? &post->coded : &post->body;
	const struct misbehaviour *misbehave = &post->device->options->misbehave;
	struct misbehave_post out = {
		.arena = post->arena,
		.username = post->exchange.username,
		.password = post->exchange.password,
		.request = {
			.method = "POST",
			.url = post->exchange.url_text,
			.headers = out.headers,
			.body = body->data,
			.body_length = body->length,
			.close = misbehave->close_each,
		},
	};
	out.request.header_count = fill_headers(post, out.headers);
	misbehave_on_post(misbehave, &out);
	http_client_send(post->client, &out.request, on_response, post);
}

void post_send(struct post *post)
{
	buffer_reset(&post->coded);
	if (post->coding != HTTP_IDENTITY && post->body.length)
		http_deflate(post->coding, post->body.data, post->body.length, &post->coded);
	exchange_next_request(&post->exchange);
	send_again(post);
}

void post_begin_anew(struct post *post, bool on_same_connection)
{
	post->cookies.count = 0;
	if (!on_same_connection)
		http_client_disconnect(post->client);
}

/* Life */

static enum http_coding coding_of(const struct device *device)
{
	const char *name = datamodel_text(device->model, "ManagementServer.HTTPCompression");
	if (device->is_uncompressed)
		return HTTP_IDENTITY;
	if (strcasecmp(name, "GZIP") == 0)
		return HTTP_GZIP;
	return strcasecmp(name, "Deflate") == 0 ? HTTP_DEFLATE : HTTP_IDENTITY;
}

static void prepare_exchange(struct post *post)
{
	const struct device *device = post->device;
	const struct datamodel *model = device->model;
	post->exchange = (struct exchange){
		.username = arena_strdup(
			post->arena, datamodel_text(model, "ManagementServer.Username")),
		.password = arena_strdup(
			post->arena, datamodel_text(model, "ManagementServer.Password")),
		.may_use_basic = device->options->basic_over_http,
	};
	/* A URL that does not parse fails in the client, as one that cannot be reached. */
	if (!exchange_begin(&post->exchange, post->arena, device_acs_url(device)))
		post->exchange.url = (struct http_url){ .authority = "", .target = "/" };
}

struct post *post_new(struct device *device, post_answered_fn *answered, void *arg)
{
	struct post *post = calloc(1, sizeof(*post));
	if (!post)
		abort();
	post->device = device;
	post->answered = answered;
	post->arg = arg;
	post->arena = arena_new();
	post->coding = coding_of(device);
	prepare_exchange(post);
	const struct http_client_options options = {
		.tls = device->tls,
		.connect_seconds = CONNECT_SECONDS,
		.response_seconds = device->options->response_seconds,
		.header_bytes = HEADER_BYTES,
		.body_bytes = ANSWER_BYTES,
	};
	post->client = http_client_new(device->base, device->dns, &options);
	return post;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	http_client_free(post->client);
	buffer_clear(&post->body);
	buffer_clear(&post->coded);
	buffer_clear(&post->content);
	arena_free(post->arena);
	free(post);
}
