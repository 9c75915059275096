/* inform_cache: what this node remembers of each device's latest Inform, and the credential that went with it.
 * Shards have a lock and a share of the bytes each; uthash keeps the order in which entries came, and the oldest that
 * was not used since its last turn goes first. */
#include "acs/inform_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/buffer.h"
#include "base/compiler.h"

enum { SHARDS = 64, VALUES_MAX = 1000, TABLE_BYTES = 16 /* of uthash, for each entry */ };

struct entry {
	UT_hash_handle hh;
	int64_t device_id;
	size_t bytes;
	bool is_used; /* since it was put, or spared */
	bool has_credential, is_shared;
	struct inform_known known; /* values: NULL, they are… */
	uint64_t values[];         /* …here; behind them the credential's texts */
};

struct shard {
	pthread_mutex_t lock;
	struct entry *entries;
	uint64_t bytes;
};

struct inform_cache {
	uint64_t shard_bytes; /* at most */
	struct shard shards[SHARDS];
};

struct inform_cache *inform_cache_new(uint64_t bytes)
{
	struct inform_cache *cache = calloc(1, sizeof(*cache));
	if (!cache)
		abort();
	cache->shard_bytes = bytes / SHARDS;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&cache->shards[i].lock, NULL);
	return cache;
}

static void drop(struct shard *shard, struct entry *entry)
{
	HASH_DEL(shard->entries, entry);
	shard->bytes -= entry->bytes;
	free(entry);
}

void inform_cache_free(struct inform_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		while (cache->shards[i].entries)
			drop(&cache->shards[i], cache->shards[i].entries);
		pthread_mutex_destroy(&cache->shards[i].lock);
	}
	free(cache);
}

/* device_id is a hash already; uthash uses other bits of it. */
static struct shard *lock_shard(struct inform_cache *cache, int64_t device_id)
{
	struct shard *shard = &cache->shards[(uint64_t)device_id % SHARDS];
	pthread_mutex_lock(&shard->lock);
	return shard;
}

static struct entry *find(struct shard *shard, int64_t device_id)
{
	struct entry *entry;
	HASH_FIND(hh, shard->entries, &device_id, sizeof(device_id), entry);
	return entry;
}

static const struct inform_known *known_of(struct arena *arena, const struct entry *entry)
{
	struct inform_known *known = arena_memdup(arena, &entry->known, sizeof(*known));
	known->values = arena_memdup(arena, entry->values, known->count * sizeof(*known->values));
	return known;
}

/* The texts stand one behind the other, each with its NUL. */
static const struct auth_credential *credential_of(struct arena *arena, const struct entry *entry)
{
	if (!entry->has_credential)
		return NULL;
	const char *text = (const char *)&entry->values[entry->known.count];
	const char *const end = (const char *)entry + entry->bytes - TABLE_BYTES;
	text = arena_memdup(arena, text, (size_t)(end - text));
	struct auth_credential *credential = ARENA_NEW(arena, struct auth_credential);
	const char **const fields[] = { &credential->username, &credential->realm,
		&credential->ha1_md5, &credential->ha1_sha256 };
	for (size_t i = 0; i < LENGTH_OF(fields); i++, text += strlen(text) + 1)
		*fields[i] = text;
	credential->is_shared = entry->is_shared;
	return credential;
}

void inform_cache_find(struct inform_cache *cache, int64_t device_id, struct arena *arena,
	const struct inform_known **known, const struct auth_credential **credential)
{
	struct shard *shard = lock_shard(cache, device_id);
	struct entry *entry = find(shard, device_id);
	*known = NULL;
	*credential = NULL;
	if (entry) {
		entry->is_used = true;
		*known = known_of(arena, entry);
		*credential = credential_of(arena, entry);
	}
	pthread_mutex_unlock(&shard->lock);
}

static void add_text(struct buffer *out, const char *text)
{
	buffer_append(out, text, strlen(text) + 1);
}

static struct entry *entry_new(int64_t device_id, const struct inform_known *known,
	const struct auth_credential *credential)
{
	struct buffer texts = { 0 };
	if (credential) {
		add_text(&texts, credential->username);
		add_text(&texts, credential->realm);
		add_text(&texts, credential->ha1_md5);
		add_text(&texts, credential->ha1_sha256);
	}
	const size_t values_bytes = known->count * sizeof(*known->values);
	const size_t size = sizeof(struct entry) + values_bytes + texts.length;
	struct entry *entry = malloc(size);
	if (!entry)
		abort();
	*entry = (struct entry){ .device_id = device_id,
		.bytes = size + TABLE_BYTES,
		.has_credential = credential != NULL,
		.is_shared = credential && credential->is_shared,
		.known = *known };
	memcpy(entry->values, known->values, values_bytes);
	if (texts.length)
		memcpy((char *)entry->values + values_bytes, texts.data, texts.length);
	buffer_clear(&texts);
	return entry;
}

static void add(struct shard *shard, struct entry *entry)
{
	HASH_ADD(hh, shard->entries, device_id, sizeof(entry->device_id), entry);
	shard->bytes += entry->bytes;
}

/* Whoever was used meanwhile is spared once, and goes to the end of the queue. */
static void make_room(struct shard *shard, uint64_t limit)
{
	while (shard->bytes > limit) {
		struct entry *oldest = shard->entries;
		if (!oldest->is_used) {
			drop(shard, oldest);
			continue;
		}
		oldest->is_used = false;
		HASH_DEL(shard->entries, oldest);
		HASH_ADD(hh, shard->entries, device_id, sizeof(oldest->device_id), oldest);
	}
}

/* The hash covers what proves the credential. */
static bool is_same(const struct entry *entry, const struct inform_known *known,
	const struct auth_credential *credential)
{
	return entry->has_credential == (credential != NULL) &&
	       memcmp(entry->known.hash, known->hash, DEVICE_HASH_BYTES) == 0;
}

void inform_cache_put(struct inform_cache *cache, int64_t device_id, const struct inform_known *known,
	const struct auth_credential *credential)
{
	struct shard *shard = lock_shard(cache, device_id);
	struct entry *old = find(shard, device_id);
	if (!old || !is_same(old, known, credential)) {
		if (old)
			drop(shard, old);
		if (known->count <= VALUES_MAX)
			add(shard, entry_new(device_id, known, credential));
		make_room(shard, cache->shard_bytes);
	}
	pthread_mutex_unlock(&shard->lock);
}

uint64_t inform_cache_bytes(struct inform_cache *cache)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = lock_shard(cache, (int64_t)i);
		bytes += shard->bytes;
		pthread_mutex_unlock(&shard->lock);
	}
	return bytes;
}
