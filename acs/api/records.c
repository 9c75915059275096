/* records: what happened and what happens: faults, a device's past sessions, open sessions.
 * GET /faults, GET /devices/{device}/session-log, GET /sessions. */
#include "acs/api/page.h"
#include "acs/session.h"
#include "db/device_list.h"
#include "db/faults.h"
#include "db/session_log.h"

void faults_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	faults_list(&question, &call->scope, call->device_id, api_page_number(page, INT64_MAX),
		page->limit);
	api_page_ask(call, &question, page, "faults");
}

static void on_session_log(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such device");
	else
		api_page_reply(call, call->state, "sessions", answer->results[1]);
}

void session_log_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	devices_exists(&question, call->device_id);
	session_log_list(&question, call->device_id, page->after, page->limit);
	call->state = page;
	api_ask(call, &question, on_session_log);
}

static void release_sessions(struct api_call *call)
{
	json_decref(call->state);
}

static void on_within_scope(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	json_t *all = call->state, *list = json_array();
	for (size_t i = 0; i < db_row_count(rows); i++)
		json_array_append(list, json_array_get(all, (size_t)db_get_int(rows, i, 0)));
	api_reply_document(call, 200, json_pack("{s:o, s:n}", "sessions", list, "next"));
}

static void ask_within_scope(struct api_call *call, json_t *all)
{
	const size_t count = json_array_size(all);
	const char **ids = arena_array(call->arena, count, sizeof(*ids));
	struct db_question question = db_question(call->arena);
	for (size_t i = 0; i < count; i++)
		ids[i] = json_string_value(json_object_get(json_array_get(all, i), "device"));
	scope_filter(&question, &call->scope, ids, count);
	call->state = all;
	call->release = release_sessions;
	api_ask(call, &question, on_within_scope);
}

/* Those of this node. */
void sessions_get_list(struct api_call *call)
{
	json_t *list = json_array();
	sessions_append_json(call->loop->server->sessions, call->device_id, list);
	if (call->scope.tags)
		ask_within_scope(call, list);
	else
		api_reply_document(call, 200, json_pack("{s:o, s:n}", "sessions", list, "next"));
}
