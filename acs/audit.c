/* audit: entries about what was refused, which no statement of a change makes.
 * What peers sent is cut to a size that an index takes, or left away where it is no text. */
#include "acs/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "acs/background.h"
#include "acs/refusals.h"
#include "acs/server.h"
#include "acs/tally.h"
#include "base/clock.h"
#include "http/address.h"

enum { MOST_TEXT = 2400 };

static const char *storable(struct arena *arena, const char *text)
{
	if (!text || db_text_is_storable(text, strlen(text), MOST_TEXT))
		return text;
	return arena_strdup(arena, "(longer than an entry takes, or no UTF-8)");
}

static void write_entry(struct loop *loop, struct arena *arena, const struct audit_note *note,
	const char *outcome, const char *detail)
{
	const struct audit_note stored = {
		.actor = storable(arena, note->actor),
		.action = note->action,
		.target = storable(arena, note->target),
		.address = note->address,
		.device = storable(arena, note->device),
	};
	struct db_question question = db_question(arena);
	audit_add(&question, &stored, outcome, detail);
	background_ask(loop, arena, &question, "audit", NULL);
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

/* why: a JSON member that stands in the entry's detail. */
static void write_refusal(
	struct loop *loop, const struct audit_note *note, const char *outcome, const char *why)
{
	uint64_t left_out;
	struct arena *arena = arena_new();
	const char *what = arena_printf(arena, "%s\n%s\n%s\n%s\n%s\n%s", note->actor, note->action,
		or_none(note->target), or_none(note->device), note->address, why);
	if (refusals_admit(loop->server->refusals, note->address, what, clock_us(), &left_out)) {
		write_entry(loop, arena, note, outcome,
			arena_printf(arena, "{%s, \"left_out\": %llu}", why,
				(unsigned long long)left_out));
		return;
	}
	tally_limit(LIMIT_AUDIT_REFUSALS);
	arena_free(arena);
}

void audit_refused_device(struct loop *loop, const struct http_request *request, const char *action,
	const char *device, const char *why)
{
	const struct audit_note note = {
		.actor = AUDIT_NOBODY,
		.action = action,
		.target = device,
		.address = http_peer_address(request->arena, request),
		.device = device,
	};
	write_refusal(loop, &note, "refused", arena_printf(request->arena, "\"why\": \"%s\"", why));
}

void audit_refused_certificate(
	struct loop *loop, const struct sockaddr_storage *peer, const char *names, const char *why)
{
	struct arena *arena = arena_new();
	const struct audit_note note = {
		.actor = AUDIT_NOBODY,
		.action = "certificate",
		.target = names,
		.address = address_text(arena, peer),
	};
	write_refusal(loop, &note, "refused", arena_printf(arena, "\"why\": \"%s\"", why));
	arena_free(arena);
}

void audit_refused_call(
	struct loop *loop, const struct audit_note *note, const char *outcome, unsigned status)
{
	char why[32];
	snprintf(why, sizeof(why), "\"status\": %u", status);
	write_refusal(loop, note, outcome, why);
}

void audit_done(struct loop *loop, const struct audit_note *note)
{
	write_entry(loop, arena_new(), note, "done", NULL);
}

void audit_failed(struct loop *loop, const struct audit_note *note, const char *why)
{
	struct arena *arena = arena_new();
	json_t *detail = json_pack("{s:s}", "why", storable(arena, why));
	char *text = json_dumps(detail, JSON_COMPACT);
	write_entry(loop, arena, note, "failed", arena_strdup(arena, text));
	free(text);
	json_decref(detail);
}
