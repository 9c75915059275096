/* room: how many connections one event loop has room for, and who leaves when it is full.
 * All listeners of a loop share it; it is touched by that loop's thread only. */
#ifndef HTTP_ROOM_H
#define HTTP_ROOM_H

#include <sys/queue.h>

#include "http/connection.h"

struct http_room {
	unsigned limit, count; /* of connections */
	LIST_HEAD(, http_listener) listeners;
};

/* Called whenever it changes whether a connection may have to leave. */
void room_note(struct connection *connection);
/* Is there a place for a newcomer? If need be the one who has kept us waiting longest is closed. False
 * when it is nobody's turn to go. */
bool room_has_place(struct http_listener *listener);
/* The system has no descriptor left: closes the one who has kept us waiting longest. */
bool room_clear_one(struct http_listener *listener);

#endif
