/* events: what devices told beyond the ordinary, newest first.
 * GET /events. */
#include "db/events.h"

#include "acs/api/page.h"

void events_get_list(struct api_call *call)
{
	const char *kind = api_query(call, "kind");
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page) || !api_check_text(call, "kind", kind, EVENT_KIND_MAX))
		return;
	struct db_question question = db_question(call->arena);
	events_list(&question, &call->scope, call->device_id, kind,
		api_page_number(page, INT64_MAX), page->limit);
	api_page_ask(call, &question, page, "events");
}
