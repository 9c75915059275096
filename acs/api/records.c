/* records: what happened and what happens: faults, the audit trail, open sessions.
 * GET /faults, GET /audit, GET /sessions. */
#include "acs/api/page.h"
#include "acs/session.h"
#include "db/faults.h"

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

/* Those of this node. */
void sessions_get_list(struct api_call *call)
{
	json_t *list = json_array();
	sessions_append_json(call->loop->server->sessions, call->device_id, list);
	api_reply_document(call, 200, json_pack("{s:o, s:n}", "sessions", list, "next"));
}
