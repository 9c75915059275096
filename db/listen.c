/* listen: a pool of one connection that listens, and is asked now and then whether it still lives.
 * A peer that vanished without a word would otherwise be believed to have nothing to say. */
#include "db/listen.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"

enum { HEARTBEAT_SECONDS = 5 };

struct db_listener {
	struct db_listener_options options;
	struct db *db;
	struct event *heartbeat;
	struct db_wait wait;
	bool has_heard;     /* ever */
	uint64_t heard_ms; /* when it last was known to hear */
};

static void on_alive(const struct db_answer *answer, void *arg)
{
	struct db_listener *listener = arg;
	if (answer->outcome == DB_OK)
		listener->heard_ms = clock_ms();
}

static void on_heartbeat(evutil_socket_t socket, short what, void *arg)
{
	static const struct db_statement alive = { "listen_alive", "SELECT 1" };
	(void)socket, (void)what;
	struct db_listener *listener = arg;
	if (db_is_waiting(&listener->wait))
		return;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	db_add(&question, &alive, NULL, 0);
	db_ask(listener->db, &question, &listener->wait, on_alive, listener);
	arena_free(arena);
}

static void on_event(bool is_up, const char *text, void *arg)
{
	struct db_listener *listener = arg;
	const struct db_listener_options *options = &listener->options;
	if (!is_up) {
		options->on_lost(text, options->arg);
		return;
	}
	const uint64_t deaf_ms = listener->has_heard ? clock_ms() - listener->heard_ms : 0;
	const unsigned deaf_seconds = listener->has_heard ? (unsigned)(deaf_ms / 1000) + 1 : 0;
	listener->has_heard = true;
	listener->heard_ms = clock_ms();
	options->on_hearing(deaf_seconds, options->arg);
}

struct db_listener *db_listener_open(
	struct event_base *base, const struct db_listener_options *options)
{
	struct db_listener *listener = calloc(1, sizeof(*listener));
	if (!listener)
		abort();
	listener->options = *options;
	listener->db = db_open(base, &(const struct db_options){
					     .url = options->url,
					     .connections = 1,
					     .statement_timeout_ms = options->statement_timeout_ms,
					     .connect_timeout_ms = options->connect_timeout_ms,
					     .reconnect_min_ms = options->reconnect_min_ms,
					     .reconnect_max_ms = options->reconnect_max_ms,
					     .in_flight = 1,
					     .on_event = on_event,
					     .on_event_arg = listener,
					     .on_notice = options->on_notice,
					     .on_notice_arg = options->arg,
				     });
	listener->heartbeat = event_new(base, -1, EV_PERSIST, on_heartbeat, listener);
	event_add(listener->heartbeat, &(struct timeval){ .tv_sec = HEARTBEAT_SECONDS });
	return listener;
}

void db_listener_close(struct db_listener *listener)
{
	if (!listener)
		return;
	db_abandon(&listener->wait);
	db_close(listener->db);
	event_free(listener->heartbeat);
	free(listener);
}

static const struct db_statement notify = {
	.name = "listen_notify",
	.sql = "SELECT pg_notify('" DB_CHANNEL "', $1)",
};

void db_notify(struct db_question *question, const char *payload)
{
	DB_ADD(question, &notify, db_text(payload));
}
