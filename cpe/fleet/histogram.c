/* histogram: how often each duration occurred, in buckets that grow with it.
 * Up to 127 a bucket is a microsecond wide; from then on each 64 are twice as wide as the last. */
#include "cpe/fleet/histogram.h"

static unsigned bucket_of(uint64_t value)
{
	const unsigned shift = value < 2 * HISTOGRAM_PARTS ? 0
							   : 57 - (unsigned)__builtin_clzll(value);
	const uint64_t bucket = shift * HISTOGRAM_PARTS + (value >> shift);
	return bucket < HISTOGRAM_BUCKETS ? (unsigned)bucket : HISTOGRAM_BUCKETS - 1;
}

/* The longest duration that belongs into a bucket. */
static uint64_t end_of(unsigned bucket)
{
	if (bucket < 2 * HISTOGRAM_PARTS)
		return bucket;
	const unsigned shift = bucket / HISTOGRAM_PARTS - 1;
	return ((bucket - shift * HISTOGRAM_PARTS + UINT64_C(1)) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t microseconds)
{
	histogram->count++;
	histogram->buckets[bucket_of(microseconds)]++;
	if (microseconds > histogram->longest)
		histogram->longest = microseconds;
}

uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
	const double wanted = share * (double)histogram->count;
	uint64_t seen = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen && (double)seen >= wanted)
			return end_of(i) < histogram->longest ? end_of(i) : histogram->longest;
	}
	return histogram->longest;
}
