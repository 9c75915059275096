/* records: what happened and what happens: faults, the audit trail, a device's past sessions, open sessions.
 * GET /faults, GET /audit, GET /devices/{device}/session-log, GET /sessions. */
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
	faults_list(&question, call->device_id, api_page_number(page, INT64_MAX), page->limit);
	api_page_ask(call, &question, page, "faults");
}

void audit_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	audit_list(&question, api_page_number(page, INT64_MAX), page->limit);
	api_page_ask(call, &question, page, "audit");
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

/* Those of this node. */
void sessions_get_list(struct api_call *call)
{
	json_t *list = json_array();
	sessions_append_json(call->loop->server->sessions, call->device_id, list);
	api_reply_document(call, 200, json_pack("{s:o, s:n}", "sessions", list, "next"));
}
