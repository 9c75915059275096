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
	return inform_hash_text(inform_hash_text(inform_hash_text(FORMAT, p->name), p->type), p->value);
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
	const XXH128_hash_t told = XXH3_128bits(values, count * sizeof(*values));
	const uint64_t all[] = { FORMAT, known->credential, known->constant, news, told.low64,
		told.high64 };
	XXH128_canonical_t canonical;
	static_assert(sizeof(canonical) == DEVICE_HASH_BYTES, "the column's hash is XXH3's longer one");
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(all, sizeof(all)));
	memcpy(known->hash, &canonical, sizeof(canonical));
	return known;
}

bool inform_knows(const struct inform_known *known, const struct parameter *parameter)
{
	const uint64_t hash = hash_parameter(parameter);
	return known->count && bsearch(&hash, known->values, known->count, sizeof(hash), ascending);
}
