/* events: what the device has to tell its ACS, until the ACS has acknowledged it.
 * How long an event is kept and what delivers it are facts of TR-069 3.7.1.5, in one table. */
#ifndef CPE_EVENTS_H
#define CPE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cwmp/message.h"

struct event_kind;

struct pending_event {
	const struct event_kind *kind;
	char *command_key; /* "" except with M events */
	bool is_sent;      /* was in the Inform of the session in progress */
	bool is_quiet;     /* waits for a session that something else starts */
};

/* A parameter whose new value the next Inform must carry. */
struct changed_value {
	char *name;
	bool is_sent;
};

struct events {
	struct pending_event *items;
	size_t count, room;
	struct changed_value *changes;
	size_t change_count, change_room;
};

void events_clear(struct events *events);
/* code is "1 BOOT", "M Reboot"…; one that is pending already is not doubled, but will be sent
 * once more when an Inform with it is under way. "0 BOOTSTRAP" discards all others. */
void events_add(struct events *events, const char *code, const char *command_key);
/* 4 VALUE CHANGE for a parameter. A quiet one starts no session of its own. */
void events_add_change(struct events *events, const char *name, bool is_quiet);
/* Does anything ask for a session? */
bool events_want_session(const struct events *events);
/* Is 4 VALUE CHANGE all that asks for it? */
bool events_want_only_change(const struct events *events);
bool events_have(const struct events *events, const char *code);

/* The Inform's Event array, and marks all of it as sent. */
struct cwmp_event *events_send(struct events *events, struct arena *arena, size_t *count);
/* The ACS answered the Inform. */
void events_on_inform_response(struct events *events);
/* The ACS answered the TransferComplete of that CommandKey. */
void events_on_transfer_response(struct events *events, const char *command_key);
void events_on_session_failed(struct events *events);
/* Power came back: drops what TR-069 keeps "until reboot". */
void events_on_boot(struct events *events);

const char *pending_event_code(const struct pending_event *event);

#endif
