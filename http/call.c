/* call: one request of a client and what has come of its answer.
 * The request's text is kept until the answer is there, as it may have to be sent twice. */
#include "http/call.h"

#include <string.h>

#include "http/output.h"

static void build_head(struct call *call, const struct http_client_request *request)
{
	const bool may_have_body = request->body || strcmp(request->method, "POST") == 0 ||
				   strcmp(request->method, "PUT") == 0;
	struct buffer *head = &call->head;
	buffer_printf(head, "%s %s HTTP/1.%d\r\n", request->method, call->url.target,
		request->is_http_1_0 ? 0 : 1);
	output_header(head, "Host", call->url.authority);
	output_headers(head, request->headers, request->header_count);
	if (may_have_body && !request->has_own_framing)
		buffer_printf(head, "Content-Length: %zu\r\n", request->body_length);
	if (request->close)
		output_header(head, "Connection", "close");
	buffer_append(head, "\r\n", 2);
}

static char *origin_of(struct arena *arena, const struct http_url *url)
{
	return arena_printf(arena, "%s//%s:%u", url->is_https ? "https:" : "http:", url->host,
		(unsigned)url->port);
}

struct call *call_new(
	const struct http_client_request *request, http_on_response_fn *on_response, void *arg)
{
	struct arena *arena = arena_new();
	struct call *call = ARENA_NEW(arena, struct call);
	call->arena = arena;
	call->body = arena_memdup(arena, request->body, request->body_length);
	call->body_length = request->body_length;
	call->is_head = strcmp(request->method, "HEAD") == 0;
	call->closes = request->close;
	call->on_body = request->on_body;
	call->on_response = on_response;
	call->arg = arg;
	call->response.body = "";
	if (http_url_parse(arena, request->url, &call->url)) {
		call->origin = origin_of(arena, &call->url);
		build_head(call, request);
	}
	return call;
}

void call_free(struct call *call)
{
	buffer_clear(&call->head);
	buffer_clear(&call->response_body);
	arena_free(call->arena);
}
