/* connection: one pipelined, non-blocking connection to PostgreSQL that comes back by itself.
 * Private to db/. It calls no user's code: finished questions are handed to the pool. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "db/db.h"
#include "db/pending.h"

struct db_connection;

struct db_connection_owner {
	struct event_base *base;
	const struct db_options *options;
	/* A question has its outcome; pending becomes the owner's. May come from inside db_connection_ask(). */
	void (*on_finished)(struct db_pending *pending, void *arg);
	void *arg;
};

/* owner is borrowed until db_connection_close(). */
struct db_connection *db_connection_open(const struct db_connection_owner *owner);
bool db_connection_is_ready(const struct db_connection *connection);
unsigned db_connection_in_flight(const struct db_connection *connection);
/* Sends the question; the connection must be ready. Takes pending over. */
void db_connection_ask(struct db_connection *connection, const struct db_question *question,
	struct db_pending *pending);
/* Once a second: gives up a server that has stopped answering. */
void db_connection_watch(struct db_connection *connection);
/* Drops its questions. */
void db_connection_close(struct db_connection *connection);

#endif
