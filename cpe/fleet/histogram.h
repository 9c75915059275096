/* histogram: how often each duration occurred, in buckets that grow with it.
 * A power of two is cut into 64 parts, so what is read back is at most 1.6 % too long. */
#ifndef CPE_FLEET_HISTOGRAM_H
#define CPE_FLEET_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_PARTS = 64, HISTOGRAM_BUCKETS = 34 * HISTOGRAM_PARTS };

/* Starts empty with `struct histogram h = { 0 }`. */
struct histogram {
	uint64_t count;
	uint64_t longest;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t microseconds);
/* The duration that the share (0.99) of all did not exceed; 0 when there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, double share);

#endif
