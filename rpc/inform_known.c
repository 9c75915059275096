/* inform_known: what a node remembers of a device's latest Inform: hashes, by which it sees what changed.
 * They need not withstand an attacker: a device that finds two texts with one hash deceives us about itself only. */
#include "rpc/inform_known.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* Another one whenever what goes into the hashes changes: then those of older servers are strangers. */
static const uint64_t FORMAT = 1;

uint64_t inform_hash_text(uint64_t so_far, const char *text)
{
	return text ? XXH3_64bits_withSeed(text, strlen(text), so_far)
		    : XXH3_64bits_withSeed(&so_far, sizeof(so_far), FORMAT);
}

static uint64_t hash_parameter(const struct parameter *p)
{
	return inform_hash_text(
		inform_hash_text(inform_hash_text(FORMAT, p->name), p->type), p->value);
}

static uint64_t hash_constant(const struct device_inform *d)
{
	const char *const texts[] = { d->oui, d->product_class, d->serial_number, d->manufacturer,
		d->root, d->cwmp_version, d->software_version, d->hardware_version,
		d->connection_request_url, d->parameter_key };
	uint64_t hash = XXH3_64bits(&d->periodic_interval, sizeof(d->periodic_interval));
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		hash = inform_hash_text(hash, texts[i]);
	return hash;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

static void hash_all(struct inform_known *known)
{
	const XXH128_hash_t told = XXH3_128bits(
		known->values, known->count * sizeof(*known->values));
	const uint64_t all[] = { FORMAT, known->credential, known->constant, known->news,
		told.low64, told.high64 };
	XXH128_canonical_t canonical;
	static_assert(
		sizeof(canonical) == DEVICE_HASH_BYTES, "the column's hash is XXH3's longer one");
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(all, sizeof(all)));
	memcpy(known->hash, &canonical, sizeof(canonical));
}

const struct inform_known *inform_known_of(struct arena *arena, const struct device_inform *inform,
	uint64_t news, const struct parameter *parameters, size_t count, const char *credential)
{
	struct inform_known *known = ARENA_NEW(arena, struct inform_known);
	uint64_t *values = arena_array(arena, count, sizeof(*values));
	for (size_t i = 0; i < count; i++)
		values[i] = hash_parameter(&parameters[i]);
	if (count)
		qsort(values, count, sizeof(*values), ascending);
	*known = (struct inform_known){
		.credential = inform_hash_text(FORMAT, credential),
		.constant = hash_constant(inform),
		.news = news,
		.values = values,
		.count = count,
	};
	hash_all(known);
	return known;
}

enum { HEAD_WORDS = 3, STORED_VALUES_MAX = 64 };

struct db_bytes inform_known_bytes(struct arena *arena, const struct inform_known *known)
{
	if (known->count > STORED_VALUES_MAX)
		return (struct db_bytes){ NULL, 0 };
	uint64_t *words = arena_array(arena, HEAD_WORDS + known->count, sizeof(*words));
	words[0] = known->credential;
	words[1] = known->constant;
	words[2] = known->news;
	if (known->count)
		memcpy(words + HEAD_WORDS, known->values, known->count * sizeof(*words));
	return (struct db_bytes){ words, (HEAD_WORDS + known->count) * sizeof(*words) };
}

const struct inform_known *inform_known_from(struct arena *arena, struct db_bytes stored)
{
	if (!stored.bytes || stored.length < HEAD_WORDS * sizeof(uint64_t))
		return NULL;
	const uint64_t *words = arena_memdup(arena, stored.bytes, stored.length);
	struct inform_known *known = ARENA_NEW(arena, struct inform_known);
	*known = (struct inform_known){
		.credential = words[0],
		.constant = words[1],
		.news = words[2],
		.values = words + HEAD_WORDS,
		.count = stored.length / sizeof(*words) - HEAD_WORDS,
	};
	hash_all(known);
	return known;
}

bool inform_knows(const struct inform_known *known, const struct parameter *parameter)
{
	const uint64_t hash = hash_parameter(parameter);
	return known->count && bsearch(&hash, known->values, known->count, sizeof(hash), ascending);
}
