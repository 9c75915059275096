/* pace: devices that inform or boot far more often than any should are let through slowly, each by itself.
 * Each rate is a theoretical arrival time: every Inform moves it on by an interval, and one that would
 * move it beyond its window is refused. What lies in the past is as good as forgotten. */
#include "acs/pace.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 16384, WAYS = 4, EXPECTED_SECONDS = 3600 };

#define SECOND_US UINT64_C(1000000)

enum rate { RATE_INFORMS, RATE_BOOTS, RATE_COUNT };

struct entry {
	int64_t device_id;
	uint64_t arrival_us[RATE_COUNT]; /* theoretical */
	uint64_t expected_us;            /* until then its next Inform is ours; 0: it is not */
	time_t slowed_since;             /* 0: it is not */
	unsigned refused;
	enum rate slowed_by;
};

struct paces {
	pthread_mutex_t lock;
	uint64_t interval_us[RATE_COUNT]; /* 0: no limit */
	struct entry entries[SETS][WAYS];
};

static const struct {
	uint64_t window_us;
	enum tally_limit limit;
} rates[RATE_COUNT] = {
	[RATE_INFORMS] = { 60 * SECOND_US, LIMIT_INFORMS_OF_DEVICE },
	[RATE_BOOTS] = { 3600 * SECOND_US, LIMIT_BOOTS_OF_DEVICE },
};

struct paces *paces_new(unsigned informs_per_minute, unsigned boots_per_hour)
{
	const unsigned counts[RATE_COUNT] = { informs_per_minute, boots_per_hour };
	struct paces *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	pthread_mutex_init(&all->lock, NULL);
	for (int i = 0; i < RATE_COUNT; i++)
		all->interval_us[i] = counts[i] ? rates[i].window_us / counts[i] : 0;
	return all;
}

void paces_free(struct paces *all)
{
	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* How far ahead of its pace it is. */
static uint64_t ahead_us(const struct entry *entry, enum rate rate, uint64_t now_us)
{
	const uint64_t arrival_us = entry->arrival_us[rate];
	return arrival_us > now_us ? arrival_us - now_us : 0;
}

/* The window's share that is used up, in thousandths; what is least is forgotten first. */
static uint64_t heat(const struct entry *entry, uint64_t now_us)
{
	uint64_t most = entry->expected_us > now_us ? 1000 : 0;
	for (int i = 0; i < RATE_COUNT; i++) {
		const uint64_t share = ahead_us(entry, (enum rate)i, now_us) * 1000 /
				       rates[i].window_us;
		most = share > most ? share : most;
	}
	return most;
}

static bool is_slowed(const struct entry *entry, uint64_t now_us)
{
	return entry->slowed_since && heat(entry, now_us) > 500;
}

static struct entry *find(struct paces *all, int64_t device_id)
{
	struct entry *set = all->entries[(uint64_t)device_id % SETS];
	for (int i = 0; i < WAYS; i++)
		if (set[i].device_id == device_id)
			return &set[i];
	return NULL;
}

static struct entry *find_or_take(struct paces *all, int64_t device_id, uint64_t now_us)
{
	struct entry *set = all->entries[(uint64_t)device_id % SETS], *calmest = set;
	struct entry *found = find(all, device_id);
	if (found)
		return found;
	for (int i = 1; i < WAYS; i++)
		if (heat(&set[i], now_us) < heat(calmest, now_us))
			calmest = &set[i];
	*calmest = (struct entry){ .device_id = device_id };
	return calmest;
}

/* Microseconds until the next one of this rate fits into the window. */
static uint64_t wait_us(
	const struct paces *all, const struct entry *entry, enum rate rate, uint64_t now_us)
{
	const uint64_t next = ahead_us(entry, rate, now_us) + all->interval_us[rate];
	return all->interval_us[rate] && next > rates[rate].window_us ? next - rates[rate].window_us
								      : 0;
}

static struct pace_verdict slow_down(
	struct entry *entry, enum rate rate, uint64_t wait, uint64_t now_us)
{
	const bool is_news = !is_slowed(entry, now_us);
	if (is_news) {
		entry->slowed_since = time(NULL);
		entry->refused = 0;
	}
	entry->slowed_by = rate;
	entry->refused++;
	return (struct pace_verdict){
		.seconds = (unsigned)((wait + SECOND_US - 1) / SECOND_US),
		.is_news = is_news,
		.limit = rates[rate].limit,
	};
}

static struct pace_verdict check(
	const struct paces *all, struct entry *entry, uint64_t now_us, bool is_boot)
{
	const uint64_t informs = wait_us(all, entry, RATE_INFORMS, now_us);
	const uint64_t boots = is_boot ? wait_us(all, entry, RATE_BOOTS, now_us) : 0;
	if (entry->expected_us > now_us || (!informs && !boots))
		return (struct pace_verdict){ 0 };
	return boots > informs ? slow_down(entry, RATE_BOOTS, boots, now_us)
			       : slow_down(entry, RATE_INFORMS, informs, now_us);
}

struct pace_verdict pace_check(struct paces *all, int64_t device_id, uint64_t now_us, bool is_boot)
{
	struct pace_verdict verdict = { 0 };
	pthread_mutex_lock(&all->lock);
	struct entry *entry = find(all, device_id);
	if (entry)
		verdict = check(all, entry, now_us, is_boot);
	pthread_mutex_unlock(&all->lock);
	return verdict;
}

/* What came in beyond the pace, because it was ours, does not count for longer than the window. */
static void count(const struct paces *all, struct entry *entry, enum rate rate, uint64_t now_us)
{
	const uint64_t next = ahead_us(entry, rate, now_us) + all->interval_us[rate];
	const uint64_t most = rates[rate].window_us;
	entry->arrival_us[rate] = now_us + (next < most ? next : most);
}

void pace_note(struct paces *all, int64_t device_id, uint64_t now_us, bool is_boot)
{
	pthread_mutex_lock(&all->lock);
	struct entry *entry = find_or_take(all, device_id, now_us);
	if (!is_slowed(entry, now_us))
		entry->slowed_since = 0;
	count(all, entry, RATE_INFORMS, now_us);
	if (is_boot && entry->expected_us <= now_us)
		count(all, entry, RATE_BOOTS, now_us);
	entry->expected_us = 0;
	pthread_mutex_unlock(&all->lock);
}

void pace_expect(struct paces *all, int64_t device_id, uint64_t now_us)
{
	pthread_mutex_lock(&all->lock);
	find_or_take(all, device_id, now_us)->expected_us = now_us + EXPECTED_SECONDS * SECOND_US;
	pthread_mutex_unlock(&all->lock);
}

bool pace_state(struct paces *all, int64_t device_id, uint64_t now_us, struct pace_state *out)
{
	pthread_mutex_lock(&all->lock);
	const struct entry *entry = find(all, device_id);
	const bool slowed = entry && is_slowed(entry, now_us);
	if (slowed)
		*out = (struct pace_state){ tally_limit_word(rates[entry->slowed_by].limit),
			entry->slowed_since, entry->refused };
	pthread_mutex_unlock(&all->lock);
	return slowed;
}

unsigned paces_slowed(struct paces *all, uint64_t now_us)
{
	unsigned slowed = 0;
	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			slowed += is_slowed(&all->entries[i][j], now_us);
	pthread_mutex_unlock(&all->lock);
	return slowed;
}
