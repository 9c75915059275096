/* downloads: how many there are at once, of one device and of all, and how fast all of them may be.
 * Counted for this node, across its loops, under a short lock. */
#ifndef ACS_FILES_DOWNLOADS_H
#define ACS_FILES_DOWNLOADS_H

#include <stddef.h>
#include <stdint.h>

#include "acs/config.h"

struct downloads;

struct downloads *downloads_new(const struct config *config);
/* NULL is allowed. */
void downloads_free(struct downloads *downloads);

/* Counts one more. Returns 0, or the status to refuse it by: 429 when the device has too many, 503 when all
 * have. */
unsigned downloads_begin(struct downloads *downloads, int64_t device_id);
void downloads_end(struct downloads *downloads, int64_t device_id);

/* Bytes that go out at a rate, in the order in which they are asked for. */
struct download_pace {
	uint64_t bytes_per_second; /* 0: any rate */
	uint64_t next_us;          /* by clock_us(): when what was asked for before has gone */
};
/* The time from which on so many bytes may go; now_us for at once. */
uint64_t download_pace_take(struct download_pace *pace, size_t bytes, uint64_t now_us);
/* The same by the rate of all downloads together. */
uint64_t downloads_take(struct downloads *downloads, size_t bytes, uint64_t now_us);

#endif
