/* connection: one pipelined, non-blocking connection to PostgreSQL that comes back by itself.
 * Private to db/. It calls no user's code: finished questions are handed to the pool. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "db/db.h"
#include "db/pending.h"

struct connection;

struct connection_owner {
	struct event_base *base;
	const struct db_options *options;
	/* A question has its outcome; pending becomes the owner's. May come from inside connection_ask(). */
	void (*on_finished)(struct db_pending *pending, void *arg);
	void *arg;
};

/* owner is borrowed until connection_close(). */
struct connection *connection_open(const struct connection_owner *owner);
bool connection_is_ready(const struct connection *connection);
unsigned connection_in_flight(const struct connection *connection);
/* Sends the question; the connection must be ready. Takes pending over. */
void connection_ask(struct connection *connection, const struct db_question *question,
	struct db_pending *pending);
/* Once a second: gives up a server that has stopped answering. */
void connection_watch(struct connection *connection);
/* Drops its questions. */
void connection_close(struct connection *connection);

#endif
