/* retention: forgets old history: events, faults, the audit and finished tasks.
 * A round goes from kind to kind in batches, one at a time, and rests after each for as long as it took: at most half
 * of one database connection's time, whatever there is to forget. */
#include "acs/retention.h"

#include <stdlib.h>

#include <event2/event.h>

#include "acs/log.h"
#include "acs/server.h"
#include "base/clock.h"
#include "db/history.h"

enum { REST_MIN_US = 10000 };

struct retention {
	struct loop *loop;
	struct event *rested;
	struct db_wait wait;
	bool is_running;
	unsigned kind; /* enum history; HISTORY_COUNT: the round is over */
	int64_t after; /* rows of that kind up to here were looked at in this round */
	int64_t forgotten[HISTORY_COUNT]; /* rows up to here are gone for good */
	uint64_t asked_us;
};

static void ask(struct retention *retention);

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	ask(arg);
}

struct retention *retention_open(struct loop *loop)
{
	struct retention *retention = calloc(1, sizeof(*retention));
	if (!retention)
		abort();
	retention->loop = loop;
	retention->rested = evtimer_new(loop->base, on_rested, retention);
	return retention;
}

static unsigned days_of(const struct retention *retention)
{
	const struct config *config = retention->loop->server->config;
	return retention->kind == HISTORY_EVENTS ? config->events.days : config->history.days;
}

static void next_kind(struct retention *retention)
{
	retention->kind++;
	if (retention->kind < HISTORY_COUNT)
		retention->after = retention->forgotten[retention->kind];
}

/* What stays between rows that are gone keeps the next round's beginning where it is. */
static void take_swept(struct retention *retention, const struct db_answer *answer)
{
	const struct history_swept swept = history_swept_read(answer);
	int64_t *forgotten = &retention->forgotten[retention->kind];
	if (swept.deleted == swept.seen && swept.seen && *forgotten == retention->after)
		*forgotten = swept.last;
	retention->after = swept.last;
	if (!swept.has_more)
		next_kind(retention);
}

static void on_answer(const struct db_answer *answer, void *arg)
{
	struct retention *retention = arg;
	const uint64_t took = clock_us() - retention->asked_us;
	if (answer->outcome != DB_OK) {
		LOG_WARNING("retention-failed", LOG_TEXT("reason", answer->text));
		retention->is_running = false;
		return;
	}
	take_swept(retention, answer);
	const uint64_t rest = took > REST_MIN_US ? took : REST_MIN_US;
	const struct timeval pause = { (time_t)(rest / 1000000), (suseconds_t)(rest % 1000000) };
	evtimer_add(retention->rested, &pause);
}

static void ask(struct retention *retention)
{
	while (retention->kind < HISTORY_COUNT && !days_of(retention))
		next_kind(retention);
	if (retention->kind == HISTORY_COUNT) {
		retention->is_running = false;
		return;
	}
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	history_sweep(
		&question, (enum history)retention->kind, days_of(retention), retention->after);
	retention->asked_us = clock_us();
	db_ask(retention->loop->db, &question, &retention->wait, on_answer, retention);
	arena_free(arena);
}

void retention_begin(struct retention *retention)
{
	if (retention->is_running)
		return;
	retention->is_running = true;
	retention->kind = 0;
	retention->after = retention->forgotten[0];
	ask(retention);
}

void retention_close(struct retention *retention)
{
	if (!retention)
		return;
	db_abandon(&retention->wait);
	event_free(retention->rested);
	free(retention);
}
