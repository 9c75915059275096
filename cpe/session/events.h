/* events: what the device has to tell its ACS, until the ACS has acknowledged it.
 * How long an event is kept and what delivers it are facts of TR-069 3.7.1.5, in one table. */
#ifndef CPE_EVENTS_H
#define CPE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "cwmp/message.h"

struct event_kind;

struct pending_event {
	const struct event_kind *kind;
	char *code;        /* "1 BOOT"; of vendor events whatever they say */
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
/* code is "1 BOOT", "M Reboot", "X 00D09E Overheated"…; one that is pending already is not doubled,
 * but will be sent once more when an Inform with it is under way. "0 BOOTSTRAP" discards all
 * others. What is neither known nor a vendor's is left out. */
void events_add(struct events *events, const char *code, const char *command_key);
/* 4 VALUE CHANGE for a parameter. A quiet one starts no session of its own. */
void events_add_change(struct events *events, const char *name, bool is_quiet);
/* The version of CWMP that brought the event; false when code is none that events_add() takes. */
bool events_since(const char *code, enum cwmp_version *version) MUST_CHECK;
/* Drops what that version of CWMP does not have. */
void events_forget_newer(struct events *events, enum cwmp_version version);
/* Takes an event back, as the answer to the request that goes with it does. */
void events_remove(struct events *events, const char *code, const char *command_key);
/* Does anything ask for a session? */
bool events_want_session(const struct events *events);
/* Is 4 VALUE CHANGE all that asks for it? */
bool events_want_only_change(const struct events *events);
bool events_have(const struct events *events, const char *code);

/* The Inform's Event array, and marks all of it as sent. 14 HEARTBEAT travels alone, so it waits for
 * an Inform that has nothing else to tell. */
struct cwmp_event *events_send(struct events *events, struct arena *arena, size_t *count);
/* The ACS answered the Inform. */
void events_on_inform_response(struct events *events);
/* Drops what is not told a second time. False when nothing else was to be told, so that there is no
 * reason to try again; after an InformResponse there is one, the ACS's own requests. */
bool events_on_session_failed(struct events *events) MUST_CHECK;
/* Power came back: drops what TR-069 keeps "until reboot". */
void events_on_boot(struct events *events);

#endif
