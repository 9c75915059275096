/* session_recorder: sessions that are over, on their way into the log of sessions; one for each loop.
 * Batches wait in the order of their making; the first one is under way or the next to go. While the database is
 * away they fill up, and what finds no room is counted and dropped. */
#include "acs/session_recorder.h"

#include <stdlib.h>

#include <event2/event.h>

#include "acs/log.h"
#include "acs/server.h"
#include "base/clock.h"
#include "db/session_log.h"

enum { BATCH_ROWS = 1000, BATCHES_MAX = 20, PAUSE_MS = 200 };

struct recorder_batch {
	TAILQ_ENTRY(recorder_batch) next;
	struct arena *arena;          /* holds it, and the texts of its rows */
	struct session_log_row *rows; /* times are moments of clock_us() until they leave */
	size_t count;
	bool was_sent; /* an earlier answer was lost: it may be there already */
};

struct session_recorder {
	struct loop *loop;
	TAILQ_HEAD(recorder_batches, recorder_batch) batches;
	size_t batch_count;
	struct event *timer; /* pending while rows wait */
	struct db_wait wait; /* for the first batch */
	size_t dropped;      /* since it was last told */
};

static void on_timer(evutil_socket_t fd, short what, void *arg);

struct session_recorder *session_recorder_new(struct loop *loop)
{
	if (!loop->server->config->session_log.enabled)
		return NULL;
	struct session_recorder *recorder = calloc(1, sizeof(*recorder));
	if (!recorder)
		abort();
	recorder->loop = loop;
	TAILQ_INIT(&recorder->batches);
	recorder->timer = evtimer_new(loop->base, on_timer, recorder);
	return recorder;
}

/* Room for one more row; NULL when there is none. */
static struct recorder_batch *open_batch(struct session_recorder *recorder)
{
	struct recorder_batch *last = TAILQ_LAST(&recorder->batches, recorder_batches);
	const bool is_open = last && last->count < BATCH_ROWS &&
			     !(last == TAILQ_FIRST(&recorder->batches) &&
				     db_is_waiting(&recorder->wait));
	if (is_open)
		return last;
	if (recorder->batch_count == BATCHES_MAX)
		return NULL;
	struct arena *arena = arena_new();
	struct recorder_batch *batch = ARENA_NEW(arena, struct recorder_batch);
	batch->arena = arena;
	batch->rows = arena_array(arena, BATCH_ROWS, sizeof(*batch->rows));
	TAILQ_INSERT_TAIL(&recorder->batches, batch, next);
	recorder->batch_count++;
	return batch;
}

static void drop_first(struct session_recorder *recorder)
{
	struct recorder_batch *first = TAILQ_FIRST(&recorder->batches);
	TAILQ_REMOVE(&recorder->batches, first, next);
	recorder->batch_count--;
	arena_free(first->arena);
}

static void set_timer(struct session_recorder *recorder)
{
	const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };
	if (!TAILQ_EMPTY(&recorder->batches) && !evtimer_pending(recorder->timer, NULL))
		evtimer_add(recorder->timer, &pause);
}

static void tell_dropped(struct session_recorder *recorder)
{
	if (recorder->dropped)
		LOG_WARNING("session-log-dropped", LOG_NUMBER("sessions", recorder->dropped));
	recorder->dropped = 0;
}

/* True: the next batch may go. */
static bool take_answer(struct session_recorder *recorder, const struct db_answer *answer)
{
	struct recorder_batch *first = TAILQ_FIRST(&recorder->batches);
	if (answer->outcome == DB_UNAVAILABLE) {
		first->was_sent = true;
		return false;
	}
	if (answer->outcome == DB_FAILED) {
		LOG_WARNING("session-log-failed", LOG_TEXT("reason", answer->text));
		recorder->dropped += first->count;
	}
	drop_first(recorder);
	tell_dropped(recorder);
	return true;
}

static struct db_question question_of(const struct session_recorder *recorder, struct arena *arena)
{
	const struct recorder_batch *batch = TAILQ_FIRST(&recorder->batches);
	const int64_t now = (int64_t)clock_us();
	struct session_log_row *rows = arena_memdup(
		arena, batch->rows, batch->count * sizeof(*rows));
	for (size_t i = 0; i < batch->count; i++) {
		rows[i].since_begun_us = now - rows[i].since_begun_us;
		rows[i].since_ended_us = now - rows[i].since_ended_us;
	}
	struct db_question question = db_question(arena);
	session_log_add(
		&question, recorder->loop->server->node_name, rows, batch->count, batch->was_sent);
	return question;
}

static void send_first(struct session_recorder *recorder);

static void on_written(const struct db_answer *answer, void *arg)
{
	struct session_recorder *recorder = arg;
	const bool is_settled = take_answer(recorder, answer);
	const struct recorder_batch *first = TAILQ_FIRST(&recorder->batches);
	if (is_settled && first && first->count == BATCH_ROWS)
		send_first(recorder);
	else
		set_timer(recorder);
}

static void send_first(struct session_recorder *recorder)
{
	struct arena *arena = arena_new();
	const struct db_question question = question_of(recorder, arena);
	evtimer_del(recorder->timer);
	db_ask(recorder->loop->db, &question, &recorder->wait, on_written, recorder);
	arena_free(arena);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct session_recorder *recorder = arg;
	if (db_is_up(recorder->loop->db))
		send_first(recorder);
	else
		set_timer(recorder);
}

static struct session_log_row row_of(
	struct arena *arena, const struct session *session, const char *outcome)
{
	return (struct session_log_row){
		.device_id = session->rpc.device_id,
		.since_begun_us = (int64_t)session->begun_us,
		.since_ended_us = (int64_t)clock_us(),
		.bytes_in = (int64_t)session->bytes_in,
		.bytes_out = (int64_t)session->bytes_out,
		.turns = session->turns,
		.requests = session->rpc.requests,
		.faults = session->faults,
		.source_address = arena_strdup(arena, session->rpc.source_address),
		.session = arena_strdup(arena, session->name),
		.events = arena_strdup(arena, session->events),
		.outcome = outcome,
	};
}

void session_recorder_add(
	struct session_recorder *recorder, const struct session *session, const char *outcome)
{
	if (!recorder)
		return;
	struct recorder_batch *batch = open_batch(recorder);
	if (!batch) {
		recorder->dropped++;
		return;
	}
	batch->rows[batch->count++] = row_of(batch->arena, session, outcome);
	const bool may_go = !db_is_waiting(&recorder->wait) && db_is_up(recorder->loop->db);
	if (may_go && TAILQ_FIRST(&recorder->batches)->count == BATCH_ROWS)
		send_first(recorder);
	else if (!db_is_waiting(&recorder->wait))
		set_timer(recorder);
}

/* False: the database does not answer. */
static bool write_first(struct session_recorder *recorder)
{
	struct arena *arena = arena_new();
	const struct db_question question = question_of(recorder, arena);
	const struct db_answer answer = db_ask_and_wait(
		recorder->loop->db, recorder->loop->base, arena, &question);
	const bool is_settled = take_answer(recorder, &answer);
	arena_free(arena);
	return is_settled;
}

void session_recorder_close(struct session_recorder *recorder)
{
	if (!recorder)
		return;
	event_free(recorder->timer);
	if (db_is_waiting(&recorder->wait))
		TAILQ_FIRST(&recorder->batches)->was_sent = true;
	db_abandon(&recorder->wait);
	while (!TAILQ_EMPTY(&recorder->batches) && write_first(recorder))
		continue;
	while (!TAILQ_EMPTY(&recorder->batches)) {
		recorder->dropped += TAILQ_FIRST(&recorder->batches)->count;
		drop_first(recorder);
	}
	tell_dropped(recorder);
	free(recorder);
}
