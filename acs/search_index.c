/* search_index: writes the hashes of parameters that somebody searches by, and takes away those of others.
 * A round goes in small steps, one at a time, and rests after each for as long as it took. How far it is stands in the
 * database: a round that broke off is gone on with by the next one, on whichever node. */
#include "acs/search_index.h"

#include <stdlib.h>

#include <event2/event.h>

#include "acs/log.h"
#include "acs/server.h"
#include "base/clock.h"
#include "db/searched_parameters.h"

enum { REST_MIN_US = 10000, REST_HELD_UP_US = 500000 };

struct search_index {
	struct loop *loop;
	struct event *rested;
	struct db_wait wait;
	bool is_running;
	uint64_t asked_us;
};

static void ask(struct search_index *index);

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	ask(arg);
}

struct search_index *search_index_open(struct loop *loop)
{
	struct search_index *index = calloc(1, sizeof(*index));
	if (!index)
		abort();
	index->loop = loop;
	index->rested = evtimer_new(loop->base, on_rested, index);
	return index;
}

static void tell_ready(const struct db_rows *ready)
{
	for (size_t i = 0; i < db_row_count(ready); i++)
		LOG_INFO("searched-parameter-ready", LOG_TEXT("name", db_get_text(ready, i, 0)),
			LOG_NUMBER("values", db_get_int(ready, i, 1)));
}

static void rest(struct search_index *index, bool has_moved)
{
	const uint64_t took = clock_us() - index->asked_us;
	uint64_t us = took > REST_MIN_US ? took : REST_MIN_US;
	if (!has_moved && us < REST_HELD_UP_US)
		us = REST_HELD_UP_US;
	const struct timeval pause = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };
	evtimer_add(index->rested, &pause);
}

static void on_answer(const struct db_answer *answer, void *arg)
{
	struct search_index *index = arg;
	index->is_running = false;
	if (answer->outcome != DB_OK) {
		LOG_WARNING("search-index-failed", LOG_TEXT("reason", answer->text));
		return;
	}
	const struct searched_walk walked = searched_walk_read(answer);
	tell_ready(walked.ready);
	if (!walked.has_more)
		return;
	index->is_running = true;
	rest(index, walked.has_moved);
}

static void ask(struct search_index *index)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	searched_parameters_walk(&question);
	index->asked_us = clock_us();
	db_ask(index->loop->db, &question, &index->wait, on_answer, index);
	arena_free(arena);
}

void search_index_begin(struct search_index *index)
{
	if (index->is_running)
		return;
	index->is_running = true;
	ask(index);
}

void search_index_close(struct search_index *index)
{
	if (!index)
		return;
	db_abandon(&index->wait);
	event_free(index->rested);
	free(index);
}
