/* metrics: counters of what happens seldom, in slots that are taken once and never given back.
 * Counting reads the slots without a lock; only the first count of a label pair takes it. */
#include "acs/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum { SLOTS = 64, LABEL_BYTES = 32 };

struct slot {
	char first[LABEL_BYTES], second[LABEL_BYTES];
	_Atomic uint64_t value;
};

static struct family {
	const char *name, *help;
	const char *first, *second; /* names of the labels */
	atomic_uint used;           /* slots below are complete and stay */
	struct slot slots[SLOTS];
} families[METRIC_COUNT] = {
	[METRIC_API_CALLS] = { "acs_api_calls_total", "Calls of the admin API.", "status" },
	[METRIC_CONNECTION_REQUESTS] = { "acs_connection_requests_total",
		"Connection requests by their outcome.", "outcome" },
	[METRIC_FILE_BYTES] = { "acs_file_bytes_total", "Bytes of file content moved.",
		"direction" },
	[METRIC_REPAIRS] = { "acs_repairs_total",
		"Received messages that had to be mended or lost a part, by what it was.",
		"repair" },
	[METRIC_TASKS] = { "acs_tasks_total", "Tasks that reached a final state.", "method",
		"outcome" },
};

static pthread_mutex_t growth = PTHREAD_MUTEX_INITIALIZER;

static bool has_labels(const struct slot *slot, const char *first, const char *second)
{
	return strncmp(slot->first, first, LABEL_BYTES - 1) == 0 &&
	       strncmp(slot->second, second, LABEL_BYTES - 1) == 0;
}

static struct slot *find(struct family *family, const char *first, const char *second)
{
	const unsigned used = atomic_load_explicit(&family->used, memory_order_acquire);
	for (unsigned i = 0; i < used; i++)
		if (has_labels(&family->slots[i], first, second))
			return &family->slots[i];
	return NULL;
}

/* The last slot takes all that found no room. */
static struct slot *find_or_take(struct family *family, const char *first, const char *second)
{
	pthread_mutex_lock(&growth);
	struct slot *slot = find(family, first, second);
	const unsigned used = atomic_load(&family->used);
	if (!slot && used == SLOTS)
		slot = &family->slots[SLOTS - 1];
	if (!slot) {
		const bool is_last = used == SLOTS - 1;
		slot = &family->slots[used];
		strncpy(slot->first, is_last ? "other" : first, LABEL_BYTES - 1);
		strncpy(slot->second, is_last ? "other" : second, LABEL_BYTES - 1);
		atomic_store_explicit(&family->used, used + 1, memory_order_release);
	}
	pthread_mutex_unlock(&growth);
	return slot;
}

void metrics_add(enum metric metric, const char *first, const char *second, uint64_t count)
{
	struct family *family = &families[metric];
	second = second ? second : "";
	struct slot *slot = find(family, first, second);
	if (!slot)
		slot = find_or_take(family, first, second);
	atomic_fetch_add_explicit(&slot->value, count, memory_order_relaxed);
}

static void write_slot(struct buffer *out, const struct family *family, const struct slot *slot)
{
	buffer_printf(out, "%s{%s=\"%s\"", family->name, family->first, slot->first);
	if (family->second)
		buffer_printf(out, ",%s=\"%s\"", family->second, slot->second);
	buffer_printf(out, "} %llu\n",
		(unsigned long long)atomic_load_explicit(&slot->value, memory_order_relaxed));
}

void metrics_write(struct buffer *out)
{
	for (unsigned m = 0; m < METRIC_COUNT; m++) {
		const struct family *family = &families[m];
		buffer_printf(out, "# HELP %s %s\n# TYPE %s counter\n", family->name, family->help,
			family->name);
		const unsigned used = atomic_load_explicit(&family->used, memory_order_acquire);
		for (unsigned i = 0; i < used; i++)
			write_slot(out, family, &family->slots[i]);
	}
}
