/* tally: what the hot path counts, for Prometheus: turns, their times, sessions, limits, caches.
 * A shard has one writer, its thread, so a plain load and store count; shards live as long as the
 * process. */
#include "acs/tally.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "cwmp/cwmp.h"

enum { BUCKETS_MAX = 20, FAULT_FIRST = 8000, FAULT_COUNT = 7, METHODS = CWMP_METHOD_COUNT + 1 };

/* 0: the peer was gone. OTHER_STATUS takes all that are not listed. */
enum { OTHER_STATUS = 1 };
static const unsigned statuses[] = { 0, 200, 204, 307, 400, 401, 403, 503, OTHER_STATUS };

struct shard {
	struct shard *next;
	_Atomic uint64_t turns[METHODS][LENGTH_OF(statuses)];
	_Atomic uint64_t faults[FAULT_COUNT];
	_Atomic uint64_t begun;
	_Atomic uint64_t ends[TALLY_SESSION_END_COUNT];
	_Atomic uint64_t limits[LIMIT_COUNT];
	_Atomic uint64_t caches[CACHE_COUNT][2];
	struct {
		_Atomic uint64_t buckets[BUCKETS_MAX], sum;
	} histograms[TALLY_HISTOGRAM_COUNT];
};

static const char *const session_words[] = {
	[TALLY_SESSION_ENDED] = "ended",
	[TALLY_SESSION_SUPERSEDED] = "superseded",
	[TALLY_SESSION_TIMEOUT] = "timeout",
	[TALLY_SESSION_BROKEN_OFF] = "broken off",
};

static const char *const limit_words[] = {
	[LIMIT_OVERLOAD] = "cwmp.overload_ms",
	[LIMIT_SESSIONS] = "cwmp.sessions",
	[LIMIT_INFORMS_OF_DEVICE] = "cwmp.informs_per_minute",
	[LIMIT_BOOTS_OF_DEVICE] = "cwmp.boots_per_hour",
	[LIMIT_XML_DEPTH] = "cwmp.xml_depth",
	[LIMIT_XML_TEXT] = "cwmp.xml_text_bytes",
	[LIMIT_XML_ITEMS] = "cwmp.xml_items",
	[LIMIT_PARSE] = "cwmp.parse_ms",
	[LIMIT_DATABASE] = "database.in_flight",
	[LIMIT_WORKER_JOBS] = "server.worker_jobs",
	[LIMIT_TASKS_OF_DEVICE] = "tasks.queue",
	[LIMIT_TASKS_OF_SESSION] = "tasks.per_session",
	[LIMIT_CONNECTION_REQUESTS] = "connection_request.in_flight",
	[LIMIT_DOWNLOADS] = "files.downloads",
	[LIMIT_DOWNLOADS_OF_DEVICE] = "files.downloads_per_device",
	[LIMIT_AUDIT_REFUSALS] = "audit.refusals_per_minute",
	[LIMIT_ADMIN_FAILURES] = "admin.failures",
	[LIMIT_PASSWORDS] = "admin.passwords_waiting",
	[LIMIT_CONNECTIONS] = "connections",
	[LIMIT_CONNECTIONS_OF_ADDRESS] = "connections_per_address",
	[LIMIT_DESCRIPTORS] = "descriptors",
	[LIMIT_HEADER_BYTES] = "header_bytes",
	[LIMIT_BODY_BYTES] = "body_bytes",
	[LIMIT_BODIES] = "server.body_bytes",
	[LIMIT_HEAD_SECONDS] = "head_seconds",
	[LIMIT_BODY_SECONDS] = "body_seconds",
	[LIMIT_WRITE_SECONDS] = "server.write_seconds",
};

static const char *const cache_words[] = {
	[CACHE_INFORM] = "inform",
	[CACHE_CREDENTIAL] = "credential",
};

/* Upper bounds of the buckets, ascending; whatever is above the last falls into one of its own. */
static const uint64_t times_us[] = { 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000 };
static const uint64_t sizes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024 };
static_assert(LENGTH_OF(times_us) < BUCKETS_MAX, "a bucket for what is above the last bound");

static const struct histogram {
	const char *name, *help;
	const uint64_t *bounds;
	size_t bound_count;
	double unit; /* of a value, in that of the metric */
} histograms[TALLY_HISTOGRAM_COUNT] = {
	[TALLY_ARRIVAL] = { "acs_request_wait_seconds",
		"How long a request had lain in the kernel before it was read.", times_us,
		LENGTH_OF(times_us), 1e-6 },
	[TALLY_DECODE] = { "acs_decode_seconds", "Reading one envelope.", times_us,
		LENGTH_OF(times_us), 1e-6 },
	[TALLY_DATABASE] = { "acs_database_wait_seconds",
		"From a turn's question to the database to its answer.", times_us,
		LENGTH_OF(times_us), 1e-6 },
	[TALLY_ENCODE] = { "acs_encode_seconds", "Writing one envelope.", times_us,
		LENGTH_OF(times_us), 1e-6 },
	[TALLY_TURN] = { "acs_turn_seconds", "A CWMP request, from its last byte to the answer.",
		times_us, LENGTH_OF(times_us), 1e-6 },
	[TALLY_BATCH] = { "acs_inform_batch_size", "Informs written by one statement.", sizes,
		LENGTH_OF(sizes), 1 },
};

static pthread_mutex_t growth = PTHREAD_MUTEX_INITIALIZER;
static struct shard *_Atomic shards;
static _Thread_local struct shard *mine;

static struct shard *new_shard(void)
{
	mine = calloc(1, sizeof(*mine));
	if (!mine)
		abort();
	pthread_mutex_lock(&growth);
	mine->next = shards;
	shards = mine;
	pthread_mutex_unlock(&growth);
	return mine;
}

static struct shard *shard(void)
{
	return mine ? mine : new_shard();
}

static void add(_Atomic uint64_t *cell, uint64_t count)
{
	const uint64_t value = atomic_load_explicit(cell, memory_order_relaxed);
	atomic_store_explicit(cell, value + count, memory_order_relaxed);
}

static size_t status_index(unsigned status)
{
	size_t i = 0;
	while (i < LENGTH_OF(statuses) - 1 && statuses[i] != status)
		i++;
	return i;
}

void tally_turn(unsigned method, unsigned status)
{
	add(&shard()->turns[method][status_index(status)], 1);
}

void tally_fault(unsigned code)
{
	if (code - FAULT_FIRST < FAULT_COUNT)
		add(&shard()->faults[code - FAULT_FIRST], 1);
}

void tally_session_begun(void)
{
	add(&shard()->begun, 1);
}

void tally_session_over(enum tally_session how)
{
	add(&shard()->ends[how], 1);
}

const char *tally_session_word(enum tally_session how)
{
	return session_words[how];
}

const char *tally_limit_word(enum tally_limit limit)
{
	return limit_words[limit];
}

void tally_limit(enum tally_limit limit)
{
	add(&shard()->limits[limit], 1);
}

void tally_cache(enum tally_cache cache, bool is_hit)
{
	add(&shard()->caches[cache][is_hit], 1);
}

void tally_observe(enum tally_histogram histogram, uint64_t value)
{
	const struct histogram *h = &histograms[histogram];
	struct shard *s = shard();
	size_t bucket = 0;
	while (bucket < h->bound_count && value > h->bounds[bucket])
		bucket++;
	add(&s->histograms[histogram].buckets[bucket], 1);
	add(&s->histograms[histogram].sum, value);
}

/* Reading */

/* Of the cell that stands at offset in each shard. */
static uint64_t total(size_t offset)
{
	uint64_t sum = 0;
	for (struct shard *s = atomic_load(&shards); s; s = s->next)
		sum += atomic_load_explicit(
			(_Atomic uint64_t *)(void *)((char *)s + offset), memory_order_relaxed);
	return sum;
}

#define TOTAL(...) total(offsetof(struct shard, __VA_ARGS__))

uint64_t tally_limit_hits(enum tally_limit limit)
{
	return TOTAL(limits[limit]);
}

static void begin_family(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_word(
	struct buffer *out, const char *name, const char *label, const char *word, uint64_t value)
{
	buffer_printf(out, "%s{%s=\"%s\"} %llu\n", name, label, word, (unsigned long long)value);
}

static const char *method_word(unsigned method)
{
	if (method == CWMP_METHOD_COUNT)
		return "empty";
	return method == CWMP_UNKNOWN_METHOD ? "other" : cwmp_method_name((enum cwmp_method)method);
}

static const char *status_word(unsigned status, char number[16])
{
	if (status <= OTHER_STATUS)
		return status == OTHER_STATUS ? "other" : "gone";
	snprintf(number, 16, "%u", status);
	return number;
}

static void write_turns_of(struct buffer *out, unsigned method, size_t status)
{
	char number[16];
	const uint64_t count = TOTAL(turns[method][status]);
	if (count)
		buffer_printf(out, "acs_turns_total{method=\"%s\",status=\"%s\"} %llu\n",
			method_word(method), status_word(statuses[status], number),
			(unsigned long long)count);
}

static void write_turns(struct buffer *out)
{
	begin_family(out, "acs_turns_total", "counter", "CWMP requests answered.");
	for (unsigned method = 0; method < METHODS; method++)
		for (size_t status = 0; status < LENGTH_OF(statuses); status++)
			write_turns_of(out, method, status);
	begin_family(out, "acs_faults_total", "counter", "Faults sent to devices.");
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		buffer_printf(out, "acs_faults_total{code=\"%u\"} %llu\n", FAULT_FIRST + i,
			(unsigned long long)TOTAL(faults[i]));
}

static void write_sessions(struct buffer *out)
{
	begin_family(out, "acs_sessions_begun_total", "counter", "CWMP sessions begun.");
	buffer_printf(out, "acs_sessions_begun_total %llu\n", (unsigned long long)TOTAL(begun));
	begin_family(out, "acs_sessions_total", "counter", "CWMP sessions by their end.");
	for (unsigned i = 0; i < TALLY_SESSION_END_COUNT; i++)
		write_word(out, "acs_sessions_total", "outcome", session_words[i], TOTAL(ends[i]));
}

static void write_limits(struct buffer *out)
{
	begin_family(out, "acs_limit_hits_total", "counter",
		"What was refused or cut because of a limit, by its setting.");
	for (unsigned i = 0; i < LIMIT_COUNT; i++)
		write_word(out, "acs_limit_hits_total", "limit", limit_words[i], TOTAL(limits[i]));
}

static void write_cache(struct buffer *out, const char *name, const char *help, bool is_hit)
{
	begin_family(out, name, "counter", help);
	for (unsigned i = 0; i < CACHE_COUNT; i++)
		write_word(out, name, "cache", cache_words[i], TOTAL(caches[i][is_hit]));
}

static void write_histogram(struct buffer *out, enum tally_histogram histogram)
{
	const struct histogram *h = &histograms[histogram];
	uint64_t count = 0;
	begin_family(out, h->name, "histogram", h->help);
	for (size_t i = 0; i <= h->bound_count; i++) {
		count += TOTAL(histograms[histogram].buckets[i]);
		if (i < h->bound_count)
			buffer_printf(out, "%s_bucket{le=\"%g\"} %llu\n", h->name,
				(double)h->bounds[i] * h->unit, (unsigned long long)count);
	}
	buffer_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", h->name,
		(unsigned long long)count, h->name,
		(double)TOTAL(histograms[histogram].sum) * h->unit, h->name,
		(unsigned long long)count);
}

void tally_write(struct buffer *out)
{
	write_turns(out);
	write_sessions(out);
	write_limits(out);
	write_cache(out, "acs_cache_hits_total", "Found in the node's memory.", true);
	write_cache(out, "acs_cache_misses_total", "Asked of the database.", false);
	for (unsigned i = 0; i < TALLY_HISTOGRAM_COUNT; i++)
		write_histogram(out, (enum tally_histogram)i);
}
