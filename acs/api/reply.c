/* reply: the end of a call: its answer, its log line, its count.
 * Errors are problem documents (RFC 9457). */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acs/api/internal.h"
#include "acs/log.h"
#include "acs/metrics.h"
#include "base/clock.h"
#include "base/crypto.h"

static const char json_media[] = "application/json";
static const char problem_media[] = "application/problem+json";
enum { MOST_HEADERS = 6 };
enum { STATUS_GONE = 499 }; /* in the log only: nobody was there to be answered */

void api_call_release(struct api_call *call)
{
	db_abandon(&call->wait);
	if (call->release)
		call->release(call);
	call->release = NULL;
	json_decref(call->body);
	call->body = NULL;
	buffer_clear(&call->bytes);
	call->request->user = NULL;
	call->request->on_gone = NULL;
	call->request->on_body = NULL;
}

static void note(const struct api_call *call, unsigned status)
{
	const uint64_t us = clock_us() - call->begun_us;
	char label[16];
	snprintf(label, sizeof(label), "%u", status);
	metrics_add(METRIC_API_CALLS, label, NULL, 1);
	LOG_INFO("api", LOG_TEXT("method", call->request->method),
		LOG_TEXT("path", call->request->path), LOG_TEXT("device", call->device),
		LOG_NUMBER("status", status), LOG_TEXT("actor", call->actor), LOG_NUMBER("us", us));
}

void api_call_gone(struct api_call *call)
{
	note(call, STATUS_GONE);
	api_call_release(call);
}

struct api_answer {
	unsigned status;
	const char *type, *text;
	struct http_header more[MOST_HEADERS - 2];
	size_t more_count;
};

static void send_answer(struct api_call *call, const struct api_answer *answer)
{
	struct http_request *request = call->request;
	struct http_header headers[MOST_HEADERS] = { { "Cache-Control", "no-store" } };
	size_t count = 1;
	if (answer->type)
		headers[count++] = (struct http_header){ "Content-Type", answer->type };
	for (size_t i = 0; i < answer->more_count; i++)
		headers[count++] = answer->more[i];
	const struct http_response response = {
		.status = answer->status,
		.headers = headers,
		.header_count = count,
		.body = answer->text,
		.body_length = strlen(answer->text),
	};
	note(call, answer->status);
	api_audit(call, answer->status);
	api_call_release(call);
	http_reply(request, &response);
}

void api_call_enter(struct api_call *call)
{
	call->is_running = true;
}

void api_call_leave(struct api_call *call)
{
	call->is_running = false;
	if (call->answer)
		send_answer(call, call->answer);
}

static void reply(struct api_call *call, const struct api_answer *answer)
{
	assert(!call->answer);
	if (call->is_running)
		call->answer = arena_memdup(call->arena, answer, sizeof(*answer));
	else
		send_answer(call, answer);
}

void api_hand_over(struct api_call *call)
{
	note(call, 200);
	api_call_release(call);
}

void api_reply_json(struct api_call *call, unsigned status, const char *json)
{
	reply(call, &(struct api_answer){ status, json_media, json, { { 0 } }, 0 });
}

void api_reply_created(
	struct api_call *call, unsigned status, const char *location, const char *json)
{
	reply(call,
		&(struct api_answer){ status, json_media, json, { { "Location", location } }, 1 });
}

void api_reply_text(
	struct api_call *call, unsigned status, const char *content_type, const char *text)
{
	reply(call, &(struct api_answer){ status, content_type, text, { { 0 } }, 0 });
}

void api_reply_document(struct api_call *call, unsigned status, json_t *document)
{
	char *json = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	const char *kept = arena_strdup(call->arena, json ? json : "{}");
	free(json);
	api_reply_json(call, status, kept);
}

void api_reply_nothing(struct api_call *call)
{
	reply(call, &(struct api_answer){ 204, NULL, "", { { 0 } }, 0 });
}

void api_reply_row(struct api_call *call, const struct db_rows *rows, const char *what)
{
	if (db_row_count(rows) == 0)
		api_problem(call, 404, NULL, "no such %s", what);
	else
		api_reply_json(call, 200, db_get_text(rows, 0, 0));
}

/* The document, with one more member unless name is NULL. */
static const char *problem_json(struct arena *arena, unsigned status, const char *detail,
	const char *name, const char *value)
{
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
		http_reason(status), "status", (int)status, "detail", detail);
	/* A detail that was cut inside a character is no UTF-8, which JSON does not take. */
	if (!problem)
		problem = json_pack("{s:s, s:s, s:i, s:n}", "type", "about:blank", "title",
			http_reason(status), "status", (int)status, "detail");
	if (name)
		json_object_set_new(problem, name, json_string(value));
	char *json = json_dumps(problem, JSON_COMPACT);
	const char *kept = arena_strdup(arena, json);
	free(json);
	json_decref(problem);
	return kept;
}

void api_problem(struct api_call *call, unsigned status, const char *field, const char *detail, ...)
{
	va_list list;
	char text[512];
	va_start(list, detail);
	vsnprintf(text, sizeof(text), detail, list);
	va_end(list);
	const char *json = problem_json(call->arena, status, text, field ? "field" : NULL, field);
	reply(call, &(struct api_answer){ status, problem_media, json, { { 0 } }, 0 });
}

void api_problem_error(
	struct api_call *call, unsigned status, const char *error, const char *detail)
{
	const char *json = problem_json(call->arena, status, detail, "error", error);
	reply(call, &(struct api_answer){ status, problem_media, json, { { 0 } }, 0 });
}

void api_problem_why(struct api_call *call, const char *why)
{
	const char *colon = strstr(why, ": ");
	if (colon)
		api_problem(call, 400, arena_strndup(call->arena, why, (size_t)(colon - why)), "%s",
			colon + 2);
	else
		api_problem(call, 400, NULL, "%s", why);
}

void api_reply_unauthorized(struct api_call *call, const char *detail)
{
	reply(call,
		&(struct api_answer){ 401, problem_media,
			problem_json(call->arena, 401, detail, NULL, NULL),
			{ { "WWW-Authenticate", "Bearer realm=\"acs\"" },
				{ "WWW-Authenticate", "Basic realm=\"acs\", charset=\"UTF-8\"" } },
			2 });
}

void api_reply_not_allowed(struct api_call *call, const char *allow)
{
	reply(call,
		&(struct api_answer){ 405, problem_media,
			problem_json(call->arena, 405, "this path has no such method", NULL, NULL),
			{ { "Allow", allow } }, 1 });
}

static void reply_later(
	struct api_call *call, unsigned status, unsigned retry_seconds, const char *detail)
{
	const char *seconds = arena_printf(call->arena, "%u", retry_seconds);
	reply(call, &(struct api_answer){ status, problem_media,
			    problem_json(call->arena, status, detail, NULL, NULL),
			    { { "Retry-After", seconds } }, 1 });
}

void api_reply_too_many(struct api_call *call, unsigned retry_seconds, const char *detail)
{
	reply_later(call, 429, retry_seconds, detail);
}

void api_reply_unavailable(struct api_call *call, unsigned retry_seconds, const char *detail)
{
	/* Up to half as much again: who was refused at once does not come back at once. */
	uint32_t random;
	random_bytes(&random, sizeof(random));
	reply_later(call, 503, retry_seconds + random % (retry_seconds / 2 + 1), detail);
}
