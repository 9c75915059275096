/* pool: the connections of one event loop, and the door through which every answer leaves.
 * Finished questions queue here until one event answers them: no user's code runs inside db_ask(). */
#include "db/db.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "db/connection.h"
#include "db/pending.h"
#include "db/rows.h"

struct db {
	struct db_options options; /* url is ours */
	struct db_connection_owner owner;
	struct db_connection **connections;
	struct pending_queue finished;
	struct event *deliver, *watch;
	bool is_delivering;
	/* Written by the loop's thread only, read by any. */
	atomic_uint in_flight, up;
	_Atomic uint64_t asked, refused;
};

static void on_finished(struct db_pending *pending, void *arg)
{
	struct db *db = arg;
	TAILQ_INSERT_TAIL(&db->finished, pending, link);
	event_active(db->deliver, 0, 0);
}

/* What finishes during the calls waits for the next turn of the loop. */
static void on_deliver(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct db *db = arg;
	struct pending_queue batch = TAILQ_HEAD_INITIALIZER(batch);
	TAILQ_CONCAT(&batch, &db->finished, link);
	db->is_delivering = true;
	while (!TAILQ_EMPTY(&batch)) {
		struct db_pending *pending = TAILQ_FIRST(&batch);
		TAILQ_REMOVE(&batch, pending, link);
		db->in_flight--;
		pending_answer(pending);
	}
	db->is_delivering = false;
}

static void on_watch(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct db *db = arg;
	unsigned up = 0;
	for (unsigned i = 0; i < db->options.connections; i++) {
		db_connection_watch(db->connections[i]);
		up += db_connection_is_ready(db->connections[i]);
	}
	db->up = up;
}

struct db *db_open(struct event_base *base, const struct db_options *options)
{
	assert(options->connections > 0);
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		abort();
	db->options = *options;
	db->options.url = strdup(options->url);
	db->owner = (struct db_connection_owner){ base, &db->options, on_finished, db };
	TAILQ_INIT(&db->finished);
	db->deliver = event_new(base, -1, 0, on_deliver, db);
	db->watch = event_new(base, -1, EV_PERSIST, on_watch, db);
	db->connections = calloc(options->connections, sizeof(*db->connections));
	if (!db->options.url || !db->deliver || !db->watch || !db->connections)
		abort();
	event_add(db->watch, &(struct timeval){ .tv_sec = 1 });
	for (unsigned i = 0; i < options->connections; i++)
		db->connections[i] = db_connection_open(&db->owner);
	return db;
}

bool db_is_up(const struct db *db)
{
	for (unsigned i = 0; i < db->options.connections; i++)
		if (db_connection_is_ready(db->connections[i]))
			return true;
	return false;
}

struct db_use db_use(const struct db *db)
{
	return (struct db_use){
		.up = db->up, .in_flight = db->in_flight, .asked = db->asked, .refused = db->refused
	};
}

void db_close(struct db *db)
{
	if (!db)
		return;
	assert(!db->is_delivering);
	for (unsigned i = 0; i < db->options.connections; i++)
		db_connection_close(db->connections[i]);
	for (struct db_pending *pending; (pending = TAILQ_FIRST(&db->finished));) {
		TAILQ_REMOVE(&db->finished, pending, link);
		pending_drop(pending);
	}
	event_free(db->deliver);
	event_free(db->watch);
	free(db->connections);
	free((char *)db->options.url);
	free(db);
}

/* The ready connection with the fewest questions in flight, NULL when none is ready. */
static struct db_connection *least_busy(const struct db *db)
{
	struct db_connection *best = NULL;
	for (unsigned i = 0; i < db->options.connections; i++) {
		struct db_connection *c = db->connections[i];
		if (!db_connection_is_ready(c))
			continue;
		if (!best || db_connection_in_flight(c) < db_connection_in_flight(best))
			best = c;
	}
	return best;
}

static void refuse(struct db *db, struct db_pending *pending, const char *text)
{
	db->refused++;
	pending_fail(pending, DB_UNAVAILABLE, "", text);
	on_finished(pending, db);
}

static void refuse_full(struct db *db, struct db_pending *pending)
{
	if (db->options.on_full)
		db->options.on_full();
	refuse(db, pending, "too many questions to the database are in flight");
}

void db_ask(struct db *db, const struct db_question *question, struct db_wait *wait,
	db_done_fn *done, void *arg)
{
	assert(!wait->pending && question->count > 0);
	struct db_pending *pending = pending_new(question, wait, done, arg);
	struct db_connection *c = least_busy(db);
	db->in_flight++;
	db->asked++;
	if (!c)
		refuse(db, pending, "no connection to the database");
	else if (db_connection_in_flight(c) >= db->options.in_flight)
		refuse_full(db, pending);
	else
		db_connection_ask(c, question, pending);
}

bool db_is_waiting(const struct db_wait *wait)
{
	return wait->pending != NULL;
}

void db_abandon(struct db_wait *wait)
{
	if (!wait->pending)
		return;
	wait->pending->wait = NULL;
	wait->pending = NULL;
}

struct kept_answer {
	struct arena *arena;
	struct db_answer answer;
};

static void keep_answer(const struct db_answer *answer, void *arg)
{
	struct kept_answer *kept = arg;
	const struct db_rows **results = arena_array(
		kept->arena, answer->count, sizeof(const struct db_rows *));
	for (size_t i = 0; i < answer->count; i++)
		results[i] = rows_copy(kept->arena, answer->results[i]);
	kept->answer = (struct db_answer){
		.outcome = answer->outcome,
		.sqlstate = arena_strdup(kept->arena, answer->sqlstate),
		.text = arena_strdup(kept->arena, answer->text),
		.results = results,
		.count = answer->count,
	};
}

static void on_patience_over(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	*(bool *)arg = true;
}

static void wait_until_up(struct db *db, struct event_base *base)
{
	bool is_over = false;
	const unsigned ms = db->options.connect_timeout_ms;
	struct event *timer = evtimer_new(base, on_patience_over, &is_over);
	const struct timeval patience = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
	evtimer_add(timer, &patience);
	while (!db_is_up(db) && !is_over)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(timer);
}

struct db_answer db_ask_and_wait(struct db *db, struct event_base *base, struct arena *arena,
	const struct db_question *question)
{
	struct kept_answer kept = { .arena = arena };
	struct db_wait wait = { 0 };
	wait_until_up(db, base);
	db_ask(db, question, &wait, keep_answer, &kept);
	while (db_is_waiting(&wait))
		event_base_loop(base, EVLOOP_ONCE);
	return kept.answer;
}
