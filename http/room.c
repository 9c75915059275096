/* room: how many connections one event loop has room for, and who leaves when it is full.
 * Only those go that we wait for, and of these first who has kept us waiting longest: so a crowd of
 * slow peers drives itself out, and who is quick or known is not in its reach. */
#include "http/room.h"

#include <stdlib.h>

#include "base/clock.h"

struct http_room *http_room_new(unsigned connections)
{
	struct http_room *room = calloc(1, sizeof(*room));
	if (!room)
		abort();
	room->limit = connections;
	LIST_INIT(&room->listeners);
	return room;
}

void http_room_free(struct http_room *room)
{
	free(room);
}

/* Is it the peer's turn, to send or to take, and has nobody spoken for it? */
static bool may_have_to_leave(const struct connection *connection)
{
	switch (connection->state) {
	case CONNECTION_IDLE:
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
	case CONNECTION_ANSWERING:
	case CONNECTION_WRITING:
	case CONNECTION_LINGERING:
		return !connection->is_kept && !connection->is_turned_away;
	case CONNECTION_HANDLED:
	case CONNECTION_CLOSED:
		break;
	}
	return false;
}

/* Bytes that drip in change no state, so they do not make a connection younger. */
void room_note(struct connection *connection)
{
	struct connection_list *waiting = &connection->listener->waiting;
	const bool waits = may_have_to_leave(connection);
	if (waits == connection->is_waiting)
		return;
	connection->is_waiting = waits;
	if (waits) {
		connection->waiting_since_us = clock_us();
		TAILQ_INSERT_TAIL(waiting, connection, waiting_link);
	} else {
		TAILQ_REMOVE(waiting, connection, waiting_link);
	}
}

static struct connection *longest_waiting(const struct http_room *room)
{
	struct connection *longest = NULL;
	struct http_listener *listener;
	LIST_FOREACH (listener, &room->listeners, roommates) {
		struct connection *first = TAILQ_FIRST(&listener->waiting);
		if (first && (!longest || first->waiting_since_us < longest->waiting_since_us))
			longest = first;
	}
	return longest;
}

static bool send_away(struct connection *connection, enum http_limit limit)
{
	if (!connection)
		return false;
	listener_limit(connection->listener, limit);
	connection_close(connection);
	return true;
}

bool room_clear_one(struct http_listener *listener)
{
	struct http_room *room = listener->options.room;
	return send_away(room ? longest_waiting(room) : TAILQ_FIRST(&listener->waiting),
		HTTP_LIMIT_DESCRIPTORS);
}

bool room_has_place(struct http_listener *listener)
{
	const struct http_room *room = listener->options.room;
	if (listener->connection_count >= listener->limits.connections)
		return send_away(TAILQ_FIRST(&listener->waiting), HTTP_LIMIT_CONNECTIONS);
	return !room || room->count < room->limit || room_clear_one(listener);
}
