/* events: what the device has to tell its ACS, until the ACS has acknowledged it.
 * How long an event is kept and what delivers it are facts of TR-069 3.7.1.5, in one table. */
#include "cpe/session/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

enum delivery {
	BY_INFORM,  /* the InformResponse */
	BY_REQUEST, /* the answer to a request that follows, see reports.c */
};
enum retention { KEPT, KEPT_UNTIL_BOOT, NOT_RETRIED };

static const struct event_kind {
	const char *code; /* or, ending in a blank, how the code begins */
	enum delivery delivery;
	enum retention retention;
	enum cwmp_version since;
} kinds[] = {
	{ "0 BOOTSTRAP", BY_INFORM, KEPT, CWMP_1_0 },
	{ "1 BOOT", BY_INFORM, KEPT_UNTIL_BOOT, CWMP_1_0 },
	{ "2 PERIODIC", BY_INFORM, KEPT, CWMP_1_0 },
	{ "3 SCHEDULED", BY_INFORM, KEPT, CWMP_1_0 },
	{ "4 VALUE CHANGE", BY_INFORM, KEPT_UNTIL_BOOT, CWMP_1_0 },
	{ "5 KICKED", BY_REQUEST, KEPT, CWMP_1_0 },
	{ "6 CONNECTION REQUEST", BY_INFORM, NOT_RETRIED, CWMP_1_0 },
	{ "7 TRANSFER COMPLETE", BY_REQUEST, KEPT, CWMP_1_0 },
	{ "8 DIAGNOSTICS COMPLETE", BY_INFORM, KEPT_UNTIL_BOOT, CWMP_1_0 },
	{ "9 REQUEST DOWNLOAD", BY_REQUEST, KEPT, CWMP_1_0 },
	{ "10 AUTONOMOUS TRANSFER COMPLETE", BY_REQUEST, KEPT, CWMP_1_1 },
	{ "11 DU STATE CHANGE COMPLETE", BY_REQUEST, KEPT, CWMP_1_2 },
	{ "12 AUTONOMOUS DU STATE CHANGE COMPLETE", BY_REQUEST, KEPT, CWMP_1_2 },
	{ "13 WAKEUP", BY_INFORM, KEPT, CWMP_1_4 },
	{ "14 HEARTBEAT", BY_INFORM, NOT_RETRIED, CWMP_1_4 },
	{ "M Reboot", BY_INFORM, KEPT, CWMP_1_0 },
	{ "M ScheduleInform", BY_INFORM, KEPT, CWMP_1_0 },
	{ "M Download", BY_REQUEST, KEPT, CWMP_1_0 },
	{ "M Upload", BY_REQUEST, KEPT, CWMP_1_0 },
	{ "M ScheduleDownload", BY_REQUEST, KEPT, CWMP_1_2 },
	{ "M ChangeDUState", BY_REQUEST, KEPT, CWMP_1_2 },
	{ "X ", BY_INFORM, KEPT, CWMP_1_0 },
};

static bool is_of_kind(const struct event_kind *kind, const char *code)
{
	const size_t length = strlen(kind->code);
	if (kind->code[length - 1] == ' ')
		return strncmp(code, kind->code, length) == 0 && code[length];
	return strcmp(code, kind->code) == 0;
}

static const struct event_kind *find_kind(const char *code)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (is_of_kind(&kinds[i], code))
			return &kinds[i];
	return NULL;
}

bool events_since(const char *code, enum cwmp_version *version)
{
	const struct event_kind *kind = find_kind(code);
	if (kind)
		*version = kind->since;
	return kind != NULL;
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

static void clear_event(struct pending_event *event)
{
	free(event->code);
	free(event->command_key);
}

typedef bool event_test_fn(const struct pending_event *event);

static void remove_events(struct events *events, event_test_fn *is_gone)
{
	size_t kept = 0;
	for (size_t i = 0; i < events->count; i++) {
		if (is_gone(&events->items[i]))
			clear_event(&events->items[i]);
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
		if (strcmp(event->code, code) == 0 &&
			(!command_key || strcmp(event->command_key, command_key) == 0))
			return event;
	}
	return NULL;
}

bool events_have(const struct events *events, const char *code)
{
	return find(events, code, NULL) != NULL;
}

static void append(struct events *events, const char *code, const char *command_key, bool is_quiet)
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
		.kind = find_kind(code),
		.code = strdup(code),
		.command_key = strdup(command_key),
		.is_quiet = is_quiet,
	};
}

static void add(struct events *events, const char *code, const char *command_key, bool is_quiet)
{
	if (!find_kind(code))
		return;
	struct pending_event *pending = find(events, code, command_key);
	if (!pending) {
		append(events, code, command_key, is_quiet);
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
			strcmp(events->items[i].code, "4 VALUE CHANGE") != 0)
			return false;
	return true;
}

static bool is_heartbeat(const struct pending_event *event)
{
	return strcmp(event->code, "14 HEARTBEAT") == 0;
}

struct cwmp_event *events_send(struct events *events, struct arena *arena, size_t *count)
{
	struct cwmp_event *out = arena_array(arena, events->count, sizeof(*out));
	*count = 0;
	for (size_t i = 0; i < events->count; i++) {
		struct pending_event *event = &events->items[i];
		if (is_heartbeat(event) && events->count > 1)
			continue;
		event->is_sent = true;
		out[(*count)++] = (struct cwmp_event){
			.code = arena_strdup(arena, event->code),
			.command_key = arena_strdup(arena, event->command_key),
		};
	}
	for (size_t i = 0; i < events->change_count; i++)
		events->changes[i].is_sent = true;
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

void events_remove(struct events *events, const char *code, const char *command_key)
{
	struct pending_event *event = find(events, code, command_key);
	if (!event)
		return;
	clear_event(event);
	*event = events->items[--events->count];
}

void events_forget_newer(struct events *events, enum cwmp_version version)
{
	for (size_t i = events->count; i-- > 0;) {
		if (events->items[i].kind->since <= version)
			continue;
		clear_event(&events->items[i]);
		events->items[i] = events->items[--events->count];
	}
}

static bool is_not_retried(const struct pending_event *event)
{
	return event->is_sent && event->kind->retention == NOT_RETRIED;
}

bool events_on_session_failed(struct events *events)
{
	const size_t before = events->count;
	remove_events(events, is_not_retried);
	for (size_t i = 0; i < events->count; i++)
		events->items[i].is_sent = false;
	for (size_t i = 0; i < events->change_count; i++)
		events->changes[i].is_sent = false;
	return events->count > 0 || before == 0;
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
