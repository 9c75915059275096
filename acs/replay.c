/* replay: an answer to a digest challenge counts once (RFC 7616 3.3).
 * Devices may share a nonce, hence the user name in the key; their requests may overtake each other, hence the window. */
#include "acs/replay.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { SETS = 32768, WAYS = 8, LOCKS = 64, WINDOW = 64 };

struct entry {
	uint64_t key;     /* of nonce and user name; 0: free */
	uint64_t window;  /* bit i: highest - i was given */
	uint32_t highest; /* count */
	uint32_t made;    /* when the nonce was, as it tells */
};

struct set {
	uint32_t forgotten; /* nonces made until then were pushed out */
	struct entry entries[WAYS];
};

struct replays {
	uint32_t began;
	pthread_mutex_t locks[LOCKS];
	struct set sets[SETS];
};

struct replays *replays_new(time_t now)
{
	struct replays *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&all->locks[i], NULL);
	all->began = (uint32_t)now;
	return all;
}

void replays_free(struct replays *all)
{
	if (!all)
		return;
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&all->locks[i]);
	free(all);
}

/* Never 0. Nobody chooses what goes in: the nonce is ours, and the name one that has proved to be right. */
static uint64_t key_of(const struct http_authorization *answer)
{
	const uint64_t nonce = XXH3_64bits(answer->nonce, strlen(answer->nonce));
	return XXH3_64bits_withSeed(answer->username, strlen(answer->username), nonce) | 1;
}

/* The answer's hash covers what it tells, so nobody who overheard it can tell another count. */
static uint32_t count_of(const struct http_authorization *answer)
{
	char *end = NULL;
	const char *told = answer->qop && answer->nc ? answer->nc : "";
	const unsigned long count = isxdigit((unsigned char)*told) ? strtoul(told, &end, 16) : 1;
	return (end && *end) || count > UINT32_MAX ? 1 : (uint32_t)count;
}

static struct entry *find(struct set *set, uint64_t key)
{
	for (int i = 0; i < WAYS; i++)
		if (set->entries[i].key == key)
			return &set->entries[i];
	return NULL;
}

/* A free one, or in place of the oldest nonce. */
static struct entry *make_room(struct set *set)
{
	struct entry *oldest = set->entries;
	for (int i = 0; i < WAYS; i++) {
		if (!set->entries[i].key)
			return &set->entries[i];
		if (set->entries[i].made < oldest->made)
			oldest = &set->entries[i];
	}
	if (oldest->made > set->forgotten)
		set->forgotten = oldest->made;
	return oldest;
}

static bool count_first(struct set *set, uint64_t key, uint32_t made, uint32_t count)
{
	if (made <= set->forgotten)
		return false;
	*make_room(set) = (struct entry){ .key = key, .highest = count, .window = 1, .made = made };
	return true;
}

static bool count_again(struct entry *entry, uint32_t count)
{
	if (count > entry->highest) {
		const uint32_t ahead = count - entry->highest;
		entry->window = ahead < WINDOW ? entry->window << ahead | 1 : 1;
		entry->highest = count;
		return true;
	}
	const uint32_t behind = entry->highest - count;
	if (behind >= WINDOW || entry->window >> behind & 1)
		return false;
	entry->window |= UINT64_C(1) << behind;
	return true;
}

bool replay_count(struct replays *all, const struct http_authorization *answer)
{
	const uint64_t key = key_of(answer);
	const uint32_t made = (uint32_t)digest_nonce_made(answer->nonce), count = count_of(answer);
	struct set *set = &all->sets[key / LOCKS % SETS];
	pthread_mutex_t *lock = &all->locks[key / LOCKS % LOCKS];
	pthread_mutex_lock(lock);
	struct entry *entry = find(set, key);
	const bool is_new = entry ? count_again(entry, count)
				  : made >= all->began && count_first(set, key, made, count);
	pthread_mutex_unlock(lock);
	return is_new;
}
