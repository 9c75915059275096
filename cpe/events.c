/* events: what the device has to tell its ACS, until the ACS has acknowledged it.
 * How long an event is kept and what delivers it are facts of TR-069 3.7.1.5, in one table. */
#include "cpe/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

enum delivery { BY_INFORM, BY_TRANSFER_COMPLETE };
enum retention { KEPT, KEPT_UNTIL_BOOT, NOT_RETRIED };

static const struct event_kind {
	const char *code;
	enum delivery delivery;
	enum retention retention;
} kinds[] = {
	{ "0 BOOTSTRAP", BY_INFORM, KEPT },
	{ "1 BOOT", BY_INFORM, KEPT_UNTIL_BOOT },
	{ "2 PERIODIC", BY_INFORM, KEPT },
	{ "4 VALUE CHANGE", BY_INFORM, KEPT_UNTIL_BOOT },
	{ "6 CONNECTION REQUEST", BY_INFORM, NOT_RETRIED },
	{ "7 TRANSFER COMPLETE", BY_TRANSFER_COMPLETE, KEPT },
	{ "M Reboot", BY_INFORM, KEPT },
	{ "M Download", BY_TRANSFER_COMPLETE, KEPT },
};

static const struct event_kind *find_kind(const char *code)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strcmp(kinds[i].code, code) == 0)
			return &kinds[i];
	return NULL;
}

const char *pending_event_code(const struct pending_event *event)
{
	return event->kind->code;
}

static void remove_changes(struct events *events, bool only_sent)
{
	size_t kept = 0;
	for (size_t i = 0; i < events->change_count; i++) {
		if (only_sent && !events->changes[i].is_sent)
			events->changes[kept++] = events->changes[i];
		else
			free(events->changes[i].name);
	}
	events->change_count = kept;
}

typedef bool event_test_fn(const struct pending_event *event);

static void remove_events(struct events *events, event_test_fn *is_gone)
{
	size_t kept = 0;
	for (size_t i = 0; i < events->count; i++) {
		if (is_gone(&events->items[i]))
			free(events->items[i].command_key);
		else
			events->items[kept++] = events->items[i];
	}
	events->count = kept;
}

static bool is_any(const struct pending_event *event)
{
	return event->kind != NULL;
}

static void discard_all(struct events *events)
{
	remove_events(events, is_any);
	remove_changes(events, false);
}

void events_clear(struct events *events)
{
	discard_all(events);
	free(events->items);
	free(events->changes);
	*events = (struct events){ 0 };
}

static struct pending_event *find(
	const struct events *events, const char *code, const char *command_key)
{
	for (size_t i = 0; i < events->count; i++) {
		struct pending_event *event = &events->items[i];
		if (strcmp(event->kind->code, code) == 0 &&
			(!command_key || strcmp(event->command_key, command_key) == 0))
			return event;
	}
	return NULL;
}

bool events_have(const struct events *events, const char *code)
{
	return find(events, code, NULL) != NULL;
}

static void append(struct events *events, const struct event_kind *kind, const char *command_key,
	bool is_quiet)
{
	if (events->count == CWMP_EVENTS_MAX)
		return;
	if (events->count == events->room) {
		events->room = events->room ? events->room * 2 : 8;
		events->items = reallocarray(events->items, events->room, sizeof(*events->items));
		if (!events->items)
			abort();
	}
	events->items[events->count++] = (struct pending_event){
		.kind = kind,
		.command_key = strdup(command_key),
		.is_quiet = is_quiet,
	};
}

static void add(struct events *events, const char *code, const char *command_key, bool is_quiet)
{
	const struct event_kind *kind = find_kind(code);
	if (!kind)
		return;
	struct pending_event *pending = find(events, code, command_key);
	if (!pending) {
		append(events, kind, command_key, is_quiet);
		return;
	}
	pending->is_sent = false;
	pending->is_quiet &= is_quiet;
}

void events_add(struct events *events, const char *code, const char *command_key)
{
	if (strcmp(code, "0 BOOTSTRAP") == 0)
		discard_all(events);
	add(events, code, command_key, false);
}

static struct changed_value *find_change(struct events *events, const char *name)
{
	for (size_t i = 0; i < events->change_count; i++)
		if (strcmp(events->changes[i].name, name) == 0)
			return &events->changes[i];
	return NULL;
}

void events_add_change(struct events *events, const char *name, bool is_quiet)
{
	add(events, "4 VALUE CHANGE", "", is_quiet);
	struct changed_value *change = find_change(events, name);
	if (change) {
		change->is_sent = false;
		return;
	}
	if (events->change_count == events->change_room) {
		events->change_room = events->change_room ? events->change_room * 2 : 8;
		events->changes = reallocarray(
			events->changes, events->change_room, sizeof(*events->changes));
		if (!events->changes)
			abort();
	}
	events->changes[events->change_count++] = (struct changed_value){ .name = strdup(name) };
}

bool events_want_session(const struct events *events)
{
	for (size_t i = 0; i < events->count; i++)
		if (!events->items[i].is_sent && !events->items[i].is_quiet)
			return true;
	return false;
}

bool events_want_only_change(const struct events *events)
{
	for (size_t i = 0; i < events->count; i++)
		if (!events->items[i].is_sent &&
			strcmp(events->items[i].kind->code, "4 VALUE CHANGE") != 0)
			return false;
	return true;
}

struct cwmp_event *events_send(struct events *events, struct arena *arena, size_t *count)
{
	struct cwmp_event *out = arena_array(arena, events->count, sizeof(*out));
	for (size_t i = 0; i < events->count; i++) {
		events->items[i].is_sent = true;
		out[i] = (struct cwmp_event){
			.code = events->items[i].kind->code,
			.command_key = arena_strdup(arena, events->items[i].command_key),
		};
	}
	for (size_t i = 0; i < events->change_count; i++)
		events->changes[i].is_sent = true;
	*count = events->count;
	return out;
}

static bool is_delivered_by_inform(const struct pending_event *event)
{
	return event->is_sent && event->kind->delivery == BY_INFORM;
}

void events_on_inform_response(struct events *events)
{
	remove_events(events, is_delivered_by_inform);
	remove_changes(events, true);
}

static bool is_transfer_complete(const struct pending_event *event)
{
	return strcmp(event->kind->code, "7 TRANSFER COMPLETE") == 0;
}

void events_on_transfer_response(struct events *events, const char *command_key)
{
	struct pending_event *event = find(events, "M Download", command_key);
	if (event) {
		free(event->command_key);
		*event = events->items[--events->count];
	}
	if (!events_have(events, "M Download"))
		remove_events(events, is_transfer_complete);
}

static bool is_not_retried(const struct pending_event *event)
{
	return event->is_sent && event->kind->retention == NOT_RETRIED;
}

void events_on_session_failed(struct events *events)
{
	remove_events(events, is_not_retried);
	for (size_t i = 0; i < events->count; i++)
		events->items[i].is_sent = false;
	for (size_t i = 0; i < events->change_count; i++)
		events->changes[i].is_sent = false;
}

static bool ends_at_boot(const struct pending_event *event)
{
	return event->kind->retention != KEPT;
}

void events_on_boot(struct events *events)
{
	remove_events(events, ends_at_boot);
	remove_changes(events, false);
	for (size_t i = 0; i < events->count; i++)
		events->items[i].is_sent = false;
}
