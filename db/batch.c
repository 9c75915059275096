/* batch: questions of many turns that travel as one statement, each about a device of its own.
 * At most one batch of each struct batch is in flight; the others' entries wait in a queue. */
#include "db/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"

enum { GAP_WEIGHT = 8, GAP_MAX_US = 1000000 };

/* What a statement costs whatever it holds is little for each of so many: no reason to wait for more. */
enum { ENOUGH = 64 };

/* Entries that left together. Those that were abandoned on the way are NULL. */
struct batch_flight {
	STAILQ_ENTRY(batch_flight) link;
	struct arena *arena; /* holds this struct and all below */
	struct batch_entry **entries;
	int64_t *device_ids; /* ascending */
	int *rows;           /* of the answer, for each entry */
	size_t count;
};

struct batch {
	struct db *db;
	batch_ask_fn *ask;
	struct batch_options options;
	TAILQ_HEAD(, batch_entry) waiting; /* in the order in which they came */
	size_t waiting_count;
	STAILQ_HEAD(, batch_flight) halves; /* of a batch that failed; they go before all others */
	struct batch_flight *in_flight;
	struct db_wait wait;
	struct event *depart;
	bool is_hurried; /* somebody waits for one that waits */
	uint64_t number, latest_us; /* of the latest entry */
	int64_t gap_us;             /* mean time between two */
};

static void on_depart(evutil_socket_t socket, short what, void *arg);

struct batch *batch_open(struct event_base *base, struct db *db, batch_ask_fn *ask,
	const struct batch_options *options)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	if (!batch)
		abort();
	assert(options->most > 0);
	batch->db = db;
	batch->ask = ask;
	batch->options = *options;
	batch->gap_us = GAP_MAX_US;
	TAILQ_INIT(&batch->waiting);
	STAILQ_INIT(&batch->halves);
	batch->depart = event_new(base, -1, 0, on_depart, batch);
	if (!batch->depart)
		abort();
	return batch;
}

static void flight_drop(struct batch_flight *flight)
{
	if (!flight)
		return;
	for (size_t i = 0; i < flight->count; i++)
		if (flight->entries[i])
			flight->entries[i]->batch = NULL;
	arena_free(flight->arena);
}

void batch_close(struct batch *batch)
{
	if (!batch)
		return;
	db_abandon(&batch->wait);
	flight_drop(batch->in_flight);
	for (struct batch_flight *half; (half = STAILQ_FIRST(&batch->halves)) != NULL;) {
		STAILQ_REMOVE_HEAD(&batch->halves, link);
		flight_drop(half);
	}
	for (struct batch_entry *entry; (entry = TAILQ_FIRST(&batch->waiting)) != NULL;)
		batch_abandon(entry);
	event_free(batch->depart);
	free(batch);
}

/* Waiting */

/* To linger delays, and saves only where others come meanwhile. */
static bool lingering_pays(const struct batch *batch)
{
	return !batch->is_hurried && batch->waiting_count < ENOUGH &&
	       batch->waiting_count < batch->options.most &&
	       2 * batch->gap_us <= batch->options.linger_us;
}

/* Even without lingering the batch leaves at the end of the loop's turn, with all that this one brought. */
static void schedule(struct batch *batch)
{
	const struct batch_entry *oldest = TAILQ_FIRST(&batch->waiting);
	if (batch->in_flight || (!oldest && STAILQ_EMPTY(&batch->halves)))
		return;
	const uint64_t waited_us = oldest ? clock_us() - oldest->since_us : 0;
	if (!STAILQ_EMPTY(&batch->halves) || !lingering_pays(batch) ||
		waited_us >= batch->options.linger_us)
		event_active(batch->depart, 0, 0);
	else if (!event_pending(batch->depart, EV_TIMEOUT, NULL))
		event_add(batch->depart,
			&(const struct timeval){
				.tv_usec = (suseconds_t)(batch->options.linger_us - waited_us) });
}

static void measure_gap(struct batch *batch, uint64_t now_us)
{
	const int64_t gap_us = (int64_t)(now_us - batch->latest_us);
	batch->latest_us = now_us;
	batch->gap_us += ((gap_us < GAP_MAX_US ? gap_us : GAP_MAX_US) - batch->gap_us) / GAP_WEIGHT;
}

void batch_add(struct batch *batch, struct batch_entry *entry, int64_t device_id,
	batch_done_fn *done, void *arg)
{
	assert(!entry->batch);
	*entry = (struct batch_entry){
		.batch = batch,
		.device_id = device_id,
		.number = ++batch->number,
		.since_us = clock_us(),
		.done = done,
		.arg = arg,
	};
	measure_gap(batch, entry->since_us);
	TAILQ_INSERT_TAIL(&batch->waiting, entry, link);
	batch->waiting_count++;
	schedule(batch);
}

void batch_hurry(struct batch *batch)
{
	batch->is_hurried = true;
	schedule(batch);
}

static void stop_waiting(struct batch *batch, struct batch_entry *entry)
{
	TAILQ_REMOVE(&batch->waiting, entry, link);
	batch->waiting_count--;
}

void batch_abandon(struct batch_entry *entry)
{
	if (!entry->batch)
		return;
	if (entry->flight)
		entry->flight->entries[entry->place] = NULL;
	else
		stop_waiting(entry->batch, entry);
	entry->batch = NULL;
}

/* Departing */

static struct batch_flight *flight_new(size_t most)
{
	struct arena *arena = arena_new();
	struct batch_flight *flight = ARENA_NEW(arena, struct batch_flight);
	flight->arena = arena;
	flight->entries = arena_array(arena, most, sizeof(struct batch_entry *));
	flight->device_ids = arena_array(arena, most, sizeof(*flight->device_ids));
	flight->rows = arena_array(arena, most, sizeof(*flight->rows));
	return flight;
}

static void board(struct batch_flight *flight, struct batch_entry *entry)
{
	entry->flight = flight;
	entry->place = flight->count;
	flight->entries[flight->count] = entry;
	flight->device_ids[flight->count++] = entry->device_id;
}

static int by_device_then_age(const void *a, const void *b)
{
	const struct batch_entry *const left = *(struct batch_entry *const *)a;
	const struct batch_entry *const right = *(struct batch_entry *const *)b;
	if (left->device_id != right->device_id)
		return left->device_id < right->device_id ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

/* The second entry of a device waits for the next batch. */
static struct batch_flight *flight_of_waiting(struct batch *batch)
{
	const size_t most = batch->waiting_count < batch->options.most ? batch->waiting_count
									: batch->options.most;
	batch->is_hurried = false;
	struct batch_flight *flight = flight_new(most);
	struct batch_entry **sorted = arena_array(flight->arena, most, sizeof(*sorted)), *entry;
	size_t count = 0;
	TAILQ_FOREACH(entry, &batch->waiting, link) {
		if (count == most)
			break;
		sorted[count++] = entry;
	}
	qsort(sorted, count, sizeof(*sorted), by_device_then_age);
	for (size_t i = 0; i < count; i++) {
		if (i && sorted[i]->device_id == sorted[i - 1]->device_id)
			continue;
		stop_waiting(batch, sorted[i]);
		board(flight, sorted[i]);
	}
	return flight;
}

/* Without those that were abandoned meanwhile. */
static struct batch_flight *part_of(const struct batch_flight *whole, size_t begin, size_t end)
{
	struct batch_flight *part = flight_new(end - begin);
	for (size_t i = begin; i < end; i++)
		if (whole->entries[i])
			board(part, whole->entries[i]);
	return part;
}

/* NULL when there is nothing to ask. */
static struct batch_flight *next_flight(struct batch *batch)
{
	for (struct batch_flight *half; (half = STAILQ_FIRST(&batch->halves)) != NULL;) {
		STAILQ_REMOVE_HEAD(&batch->halves, link);
		struct batch_flight *flight = part_of(half, 0, half->count);
		arena_free(half->arena);
		if (flight->count)
			return flight;
		arena_free(flight->arena);
	}
	return batch->waiting_count ? flight_of_waiting(batch) : NULL;
}

static void on_answer(const struct db_answer *answer, void *arg);

static void on_depart(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct batch *batch = arg;
	struct batch_flight *flight = batch->in_flight ? NULL : next_flight(batch);
	if (!flight)
		return;
	batch->in_flight = flight;
	if (batch->options.on_depart)
		batch->options.on_depart(flight->count, batch->options.on_depart_arg);
	struct db_question question = db_question(flight->arena);
	batch->ask(&question, flight->entries, flight->count);
	db_ask(batch->db, &question, &batch->wait, on_answer, batch);
}

/* Landing */

/* Data that is not taken, or a lock that another entry would have got: not the server's own trouble,
 * which asking again would only make worse. */
static bool is_about_an_entry(const struct db_answer *answer)
{
	static const char *const classes[] = { "22", "23", "40", "XX" };
	for (size_t i = 0; i < LENGTH_OF(classes); i++)
		if (answer->outcome == DB_FAILED && strncmp(answer->sqlstate, classes[i], 2) == 0)
			return true;
	return false;
}

/* The part that goes first is added last. */
static void add_half(struct batch *batch, const struct batch_flight *whole, size_t begin, size_t end)
{
	struct batch_flight *half = part_of(whole, begin, end);
	STAILQ_INSERT_HEAD(&batch->halves, half, link);
}

static int by_id(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

static void find_rows(struct batch_flight *flight, const struct db_answer *answer)
{
	for (size_t i = 0; i < flight->count; i++)
		flight->rows[i] = BATCH_NO_ROW;
	const size_t count = answer->count ? db_row_count(answer->results[0]) : 0;
	for (size_t row = 0; row < count; row++) {
		const int64_t id = db_get_int(answer->results[0], row, 0);
		const int64_t *found = bsearch(
			&id, flight->device_ids, flight->count, sizeof(id), by_id);
		assert(found);
		flight->rows[found - flight->device_ids] = (int)row;
	}
}

/* Whom a call abandons is skipped. */
static void deliver(struct batch_flight *flight, const struct db_answer *answer)
{
	find_rows(flight, answer);
	for (size_t i = 0; i < flight->count; i++) {
		struct batch_entry *entry = flight->entries[i];
		if (!entry)
			continue;
		flight->entries[i] = NULL;
		entry->batch = NULL;
		entry->done(answer, flight->rows[i], entry->arg);
	}
}

static void on_answer(const struct db_answer *answer, void *arg)
{
	struct batch *batch = arg;
	struct batch_flight *flight = batch->in_flight;
	batch->in_flight = NULL;
	if (flight->count > 1 && is_about_an_entry(answer)) {
		add_half(batch, flight, flight->count / 2, flight->count);
		add_half(batch, flight, 0, flight->count / 2);
	} else {
		deliver(flight, answer);
	}
	arena_free(flight->arena);
	schedule(batch);
}
