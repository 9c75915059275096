/* listen: the notices that nodes on one database send each other (NOTIFY), on one direct connection per node.
 * A notice is a hint and may be lost with its connection: whoever hears again after a loss has to look for himself. */
#ifndef DB_LISTEN_H
#define DB_LISTEN_H

#include "db/db.h"

struct db_listener;

struct db_listener_options {
	const char *url; /* of PostgreSQL itself: behind a pooler LISTEN is not heard */
	unsigned statement_timeout_ms, connect_timeout_ms, reconnect_min_ms, reconnect_max_ms;
	/* Notices of others and of ourselves; payload is borrowed. */
	void (*on_notice)(const char *payload, void *arg);
	/* Hears from now on. What was said in the last deaf_seconds may have been missed; 0 at the first time. */
	void (*on_hearing)(unsigned deaf_seconds, void *arg);
	void (*on_lost)(const char *text, void *arg);
	void *arg;
};

/* Connects in the loop, and again whenever the connection is lost, silently too. Never NULL. */
struct db_listener *db_listener_open(
	struct event_base *base, const struct db_listener_options *options);
/* NULL is allowed. Not from inside a call. */
void db_listener_close(struct db_listener *listener);

/* Adds a notice, of at most 8000 bytes, which is sent when the question commits. A question that writes, too, commits
 * alone among those that notify: send notices by themselves where that counts. */
void db_notify(struct db_question *question, const char *payload);

#endif
