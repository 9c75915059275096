/* api: a call from its headers to its handler: route, token, form, body.
 * A body stays unread in the kernel until the token is known and its form is right. */
#include "acs/api/api.h"

#include <string.h>
#include <strings.h>

#include "acs/api/internal.h"
#include "acs/log.h"
#include "acs/tally.h"
#include "base/clock.h"
#include "http/url.h"

enum { MOST_QUERY_ITEMS = 64 };
enum { RETRY_SLOW_SECONDS = 60 };

static void on_gone(struct http_request *request)
{
	api_call_gone(request->user);
}

static struct api_call *call_new(struct http_request *request, struct loop *loop)
{
	struct api_call *call = ARENA_NEW(request->arena, struct api_call);
	call->request = request;
	call->arena = request->arena;
	call->loop = loop;
	call->begun_us = clock_us();
	request->user = call;
	request->on_gone = on_gone;
	return call;
}

/* Questions. */

static void on_failure(struct api_call *call, const struct db_answer *answer)
{
	LOG_WARNING("api-question-failed", LOG_TEXT("path", call->request->path),
		LOG_TEXT("sqlstate", answer->sqlstate), LOG_TEXT("text", answer->text));
	/* Classes of SQLSTATE: data exceptions; resources, intervention (timeouts), rollback. */
	const bool is_bad_value = strncmp(answer->sqlstate, "22", 2) == 0;
	const bool is_overload = strncmp(answer->sqlstate, "53", 2) == 0 ||
				 strncmp(answer->sqlstate, "57", 2) == 0 ||
				 strncmp(answer->sqlstate, "40", 2) == 0;
	const bool is_timeout = strcmp(answer->sqlstate, "57014") == 0;
	if (is_timeout && call->timeout_detail)
		api_reply_unavailable(call, RETRY_SLOW_SECONDS, call->timeout_detail);
	else if (is_bad_value)
		api_problem(call, 400, NULL, "a value is out of its range");
	else if (answer->outcome == DB_UNAVAILABLE || is_overload)
		api_reply_unavailable(call, API_RETRY_SECONDS, "the database does not answer");
	else
		api_problem(
			call, 500, NULL, "the database refused the question; the log tells why");
}

static void on_answer(const struct db_answer *answer, void *arg)
{
	struct api_call *call = arg;
	api_call_enter(call);
	if (answer->outcome == DB_OK)
		call->answered(call, answer);
	else
		on_failure(call, answer);
	api_call_leave(call);
}

void api_ask(struct api_call *call, const struct db_question *question,
	void (*answered)(struct api_call *call, const struct db_answer *answer))
{
	call->answered = answered;
	db_ask(call->loop->db, question, &call->wait, on_answer, call);
}

struct audit_note api_note(const struct api_call *call, const char *target)
{
	return (struct audit_note){
		.actor = call->actor,
		.action = arena_printf(
			call->arena, "%s %s", call->route->method, call->route->path),
		.target = target,
		.address = http_peer_address(call->arena, call->request),
		.device = call->device,
	};
}

/* Query. */

static bool read_query_item(struct api_call *call, const char *text, size_t length)
{
	struct api_query *item = &call->query[call->query_count++];
	const char *pair = arena_strndup(call->arena, text, length);
	const char *equals = strchr(pair, '=');
	const size_t name_length = equals ? (size_t)(equals - pair) : length;
	item->name = http_percent_decode(
		call->arena, arena_strndup(call->arena, pair, name_length));
	/* http_query_value() knows that '+' is a blank. */
	const char *alone = arena_printf(call->arena, "v=%s", equals ? equals + 1 : "");
	item->value = http_query_value(call->arena, alone, "v");
	if (!item->name || !item->value ||
		!db_text_is_storable(item->name, strlen(item->name), SIZE_MAX) ||
		!db_text_is_storable(item->value, strlen(item->value), SIZE_MAX)) {
		api_problem(call, 400, NULL, "the query is not percent-encoded UTF-8");
		return false;
	}
	if (api_route_knows(call->route, item->name))
		return true;
	api_problem(call, 400, item->name, "is not known here");
	return false;
}

static bool read_query(struct api_call *call)
{
	const char *text = call->request->query;
	call->query = arena_array(call->arena, MOST_QUERY_ITEMS, sizeof(*call->query));
	while (*text) {
		const size_t length = strcspn(text, "&");
		if (call->query_count == MOST_QUERY_ITEMS) {
			api_problem(call, 400, NULL, "the query has too many items");
			return false;
		}
		if (length > 0 && !read_query_item(call, text, length))
			return false;
		text += length + (text[length] == '&');
	}
	return true;
}

/* The body. */

static bool is_json_type(const char *type)
{
	static const char *const types[] = { "application/json", "application/merge-patch+json" };
	const size_t length = strcspn(type, "; \t");
	for (size_t i = 0; i < LENGTH_OF(types); i++)
		if (length == strlen(types[i]) && strncasecmp(type, types[i], length) == 0)
			return true;
	return false;
}

static bool fits(struct api_call *call, uint64_t length)
{
	const struct config *config = call->loop->server->config;
	const uint64_t most = call->route->body == BODY_BYTES ? config->files.max_bytes
							      : config->admin.body_bytes;
	if (length <= most)
		return true;
	tally_limit(LIMIT_BODY_BYTES);
	api_problem(
		call, 413, NULL, "the body may have %llu bytes at most", (unsigned long long)most);
	return false;
}

/* What the headers tell about the body already. */
static bool may_send_body(struct api_call *call)
{
	const struct http_request *request = call->request;
	const char *type = http_request_header(request, "Content-Type");
	if (call->route->body == BODY_JSON && !(type && is_json_type(type))) {
		api_problem(call, 415, NULL, "the body must be application/json");
		return false;
	}
	return request->content_length == UINT64_MAX || fits(call, request->content_length);
}

bool api_body_may_grow(struct api_call *call, size_t length)
{
	call->received += length;
	return fits(call, call->received);
}

static bool read_json(struct api_call *call)
{
	json_error_t error;
	if (call->route->body != BODY_JSON)
		return true;
	call->body = json_loadb(call->bytes.data ? call->bytes.data : "", call->bytes.length,
		JSON_REJECT_DUPLICATES, &error);
	if (!call->body) {
		const bool has_nul = json_error_code(&error) == json_error_null_character;
		api_problem(call, 400, NULL, "the body is no JSON: line %d: %s", error.line,
			has_nul ? "a text holds \\u0000" : error.text);
		return false;
	}
	if (!json_is_object(call->body)) {
		api_problem(call, 400, NULL, "the body must be a JSON object");
		return false;
	}
	return true;
}

static void handle(struct api_call *call)
{
	if (read_json(call))
		call->route->handle(call);
}

/* The way to the handler. */

static void take_body(struct api_call *call)
{
	if (call->has_whole_body || call->route->body == BODY_BYTES)
		handle(call);
	else
		http_request_resume(call->request);
}

static void check_scope(struct api_call *call)
{
	api_scope_check(call, take_body);
}

static bool may_call(struct api_call *call)
{
	const struct api_route *route = call->route;
	if (!*call->allow)
		api_problem(call, 404, NULL, "no such path");
	else if (!route)
		api_reply_not_allowed(call, call->allow);
	else if (call->role < route->role)
		api_problem(call, 403, NULL, "this needs the role %s, the caller has %s",
			api_role_name(route->role), api_role_name(call->role));
	else if (call->scope.tags && route->scope == SCOPE_REFUSED)
		api_problem(call, 403, NULL, "this is for callers who reach all devices");
	else
		return true;
	return false;
}

static void admit(struct api_call *call)
{
	if (!may_call(call))
		return;
	http_request_keep(call->request, true);
	if (may_send_body(call) && read_query(call))
		api_device_read(call, check_scope);
}

/* What there is and what is missing is told to those only who may know. */
static void find_route(struct api_call *call)
{
	struct api_match match;
	api_route_find(call->arena, call->request->method, call->request->path, &match);
	call->route = match.route;
	call->allow = match.allow;
	memcpy(call->segments, match.segments, sizeof(call->segments));
	api_caller_read(call, admit);
}

static void begin(struct api_call *call)
{
	api_call_enter(call);
	find_route(call);
	api_call_leave(call);
}

static void collect(struct http_request *request, const void *bytes, size_t length)
{
	struct api_call *call = request->user;
	api_call_enter(call);
	if (api_body_may_grow(call, length) && call->route->body == BODY_JSON)
		buffer_append(&call->bytes, bytes, length);
	api_call_leave(call);
}

void api_on_headers(struct http_request *request, void *arg)
{
	struct loop *loop = arg;
	if (!request->has_body)
		return;
	request->on_body = collect;
	/* What is too long is answered here, with a problem document, after the token. */
	request->body_limit = SIZE_MAX;
	http_request_pause(request);
	begin(call_new(request, loop));
}

static void on_whole_body(struct api_call *call)
{
	api_call_enter(call);
	call->has_whole_body = true;
	if (call->route->body == BODY_BYTES)
		call->completed(call);
	else
		handle(call);
	api_call_leave(call);
}

void api_on_request(struct http_request *request, void *arg)
{
	if (request->user) {
		on_whole_body(request->user);
		return;
	}
	struct api_call *call = call_new(request, arg);
	call->has_whole_body = true;
	begin(call);
}
