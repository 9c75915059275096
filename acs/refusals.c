/* refusals: how many of the calls and devices that are refused have an entry of their own in the audit.
 * Each rate is a theoretical arrival time: every entry moves it on by an interval, and one that would move it more
 * than a minute ahead is left out. What lies in the past is as good as forgotten. */
#include "acs/refusals.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

enum { SETS = 1024, WAYS = 4, SHARE_OF_ADDRESS = 10 };

#define MINUTE_US UINT64_C(60000000)

struct rate {
	uint64_t key; /* of the refusal, or of the address */
	uint64_t arrival_us, left_out;
};

struct refusals {
	pthread_mutex_t lock;
	uint64_t interval_us, address_interval_us; /* 0: none is written */
	struct rate all;
	struct rate rates[SETS][WAYS];
};

struct refusals *refusals_new(unsigned per_minute)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));
	if (!refusals)
		abort();
	pthread_mutex_init(&refusals->lock, NULL);
	refusals->interval_us = per_minute ? MINUTE_US / per_minute : 0;
	refusals->address_interval_us = per_minute < SHARE_OF_ADDRESS
						? MINUTE_US
						: MINUTE_US / (per_minute / SHARE_OF_ADDRESS);
	return refusals;
}

void refusals_free(struct refusals *refusals)
{
	if (!refusals)
		return;
	pthread_mutex_destroy(&refusals->lock);
	free(refusals);
}

/* Nobody can choose texts that share a place. */
static uint64_t key_of(const char *text)
{
	uint8_t digest[SHA256_BYTES];
	uint64_t key;
	sha256(text, strlen(text), digest);
	memcpy(&key, digest, sizeof(key));
	return key;
}

/* The one of that key, in place of the one that is over first. */
static struct rate *find_or_take(struct refusals *refusals, uint64_t key)
{
	struct rate *set = refusals->rates[key % SETS], *oldest = set;
	for (int i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].arrival_us < oldest->arrival_us)
			oldest = &set[i];
	}
	*oldest = (struct rate){ .key = key };
	return oldest;
}

static uint64_t next_arrival(const struct rate *rate, uint64_t interval_us, uint64_t now_us)
{
	return (rate->arrival_us > now_us ? rate->arrival_us : now_us) + interval_us;
}

static bool admit(
	struct refusals *refusals, struct rate *same, struct rate *address, uint64_t now_us)
{
	const uint64_t most = now_us + MINUTE_US;
	const uint64_t all = next_arrival(&refusals->all, refusals->interval_us, now_us);
	const uint64_t here = next_arrival(address, refusals->address_interval_us, now_us);
	if (!refusals->interval_us || same->arrival_us > now_us || here > most || all > most)
		return false;
	same->arrival_us = most;
	address->arrival_us = here;
	refusals->all.arrival_us = all;
	return true;
}

bool refusals_admit(struct refusals *refusals, const char *address, const char *what,
	uint64_t now_us, uint64_t *left_out)
{
	const uint64_t address_key = key_of(address), key = key_of(what);
	pthread_mutex_lock(&refusals->lock);
	struct rate here = *find_or_take(refusals, address_key);
	struct rate *same = find_or_take(refusals, key);
	const bool is_admitted = admit(refusals, same, &here, now_us);
	*left_out = same->left_out;
	same->left_out = is_admitted ? 0 : same->left_out + 1;
	*find_or_take(refusals, address_key) = here;
	pthread_mutex_unlock(&refusals->lock);
	return is_admitted;
}
