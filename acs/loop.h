/* loop: one event loop of the server, and all that belongs to it alone.
 * Everything reached from here is touched by this loop's thread only; other threads post. */
#ifndef ACS_LOOP_H
#define ACS_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "acs/overload.h"
#include "base/compiler.h"

struct server;

enum {
	LISTENER_CWMP,
	LISTENER_CWMP_TLS,
	LISTENER_ADMIN,
	LISTENER_ADMIN_TLS,
	LISTENER_FILES,
	LISTENER_FILES_TLS,
	LISTENER_FILES_LEGACY,
	LISTENER_COUNT
};

struct loop {
	struct server *server;
	unsigned number;
	pthread_t thread;
	struct event_base *base;
	struct evdns_base *dns;
	struct db *db;
	struct batch *touches, *credentials; /* of Informs */
	bool can_ask; /* at least one of its database connections is up */
	struct overload overload;
	struct cwmp_codec *codec;
	struct session_recorder *recorder; /* NULL: sessions are not recorded */
	struct http_listener *listeners[LISTENER_COUNT]; /* NULL: not configured */
	struct http_room *room;                          /* of all their connections */
	struct loop_mailbox *mailbox;
	LIST_HEAD(, errand) errands; /* questions that nobody waits for, see background.h */
};

/* Makes loop's base, resolver, codec, database connections and mailbox. */
bool loop_init(struct loop *loop, struct server *server, unsigned number) MUST_CHECK;
/* Turns until loop_stop(). */
void loop_run(struct loop *loop);
/* From any thread, even before loop_run(), which then returns as soon as it has begun. */
void loop_stop(struct loop *loop);
void loop_clear(struct loop *loop);

/* Runs run(arg) on the loop's thread soon; from any thread. Calls posted from one thread run in
 * order. What is still posted when the loop is cleared runs then, so that arg is always
 * given back. */
void loop_post(struct loop *loop, void (*run)(void *arg), void *arg);
/* Seconds after which a device that this loop could not serve may come back. On the loop's thread. */
unsigned loop_retry_after(struct loop *loop);
/* Calls posted and not run yet; from any thread. */
unsigned loop_letters(const struct loop *loop);

#endif
