/* audit: who did what, newest first; and what the audit tells of calls that were refused or failed.
 * GET /audit. What a call has done, the statement that did it has noted already. */
#include "acs/audit.h"

#include <string.h>

#include <arpa/inet.h>

#include "acs/api/internal.h"
#include "acs/api/page.h"
#include "base/rfc3339.h"
#include "http/url.h"

static bool is_time(struct api_call *call, const char *name)
{
	const char *text = api_query(call, name);
	if (!text || rfc3339_is_good(text))
		return true;
	api_problem(call, 400, name, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
	return false;
}

static bool is_address(struct api_call *call, const char *text)
{
	uint8_t bytes[sizeof(struct in6_addr)];
	if (!text || inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1)
		return true;
	api_problem(call, 400, "address", "must be an IP address");
	return false;
}

static bool is_outcome(struct api_call *call, const char *text)
{
	if (!text || strcmp(text, "done") == 0 || strcmp(text, "refused") == 0 ||
		strcmp(text, "failed") == 0)
		return true;
	api_problem(call, 400, "outcome", "must be done, refused or failed");
	return false;
}

void audit_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	const struct audit_filter filter = {
		.device = call->device,
		.address = api_query(call, "address"),
		.actor = api_query(call, "actor"),
		.action = api_query(call, "action"),
		.outcome = api_query(call, "outcome"),
		.since = api_query(call, "since"),
		.until = api_query(call, "until"),
	};
	if (!api_page_read(call, page) || !is_address(call, filter.address) ||
		!is_outcome(call, filter.outcome) || !is_time(call, "since") ||
		!is_time(call, "until"))
		return;
	struct db_question question = db_question(call->arena);
	audit_list(&question, &filter, page->after, page->limit);
	api_page_ask(call, &question, page, "audit");
}

static bool is_refusal(unsigned status)
{
	return status == 401 || status == 403 || status == 429;
}

static bool is_change(const struct api_route *route)
{
	return strcmp(route->method, "GET") != 0;
}

static const char *target_of(const struct api_call *call)
{
	const char *named = call->segments[0];
	if (call->device)
		return call->device;
	return named ? http_percent_decode(call->arena, named) : NULL;
}

static struct audit_note note_of(struct api_call *call)
{
	if (call->route) {
		call->device = call->device ? call->device : api_device_named(call);
		return api_note(call, target_of(call));
	}
	return (struct audit_note){
		.actor = call->actor,
		.action = "no such path",
		.target = call->request->path,
		.address = http_peer_address(call->arena, call->request),
	};
}

/* Reading what is not there is no event; being refused is one, whatever was wanted. */
void api_audit(struct api_call *call, unsigned status)
{
	const bool has_failed = status >= 400 && call->route && is_change(call->route);
	if (!is_refusal(status) && !has_failed)
		return;
	struct audit_note note = note_of(call);
	if (!note.actor) {
		note.actor = AUDIT_NOBODY;
		note.target = call->claimed ? call->claimed : note.target;
	}
	audit_refused_call(call->loop, &note, is_refusal(status) ? "refused" : "failed", status);
}
