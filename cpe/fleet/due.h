/* due: what will have to be done for which device, soonest first: a binary heap.
 * Entries are not taken back: whoever gets one looks whether it still matters. */
#ifndef CPE_FLEET_DUE_H
#define CPE_FLEET_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due_entry {
	uint64_t due_us;
	uint32_t device;
};

/* Starts empty with `struct due d = { 0 }`. */
struct due {
	struct due_entry *entries;
	size_t count, room;
};

void due_add(struct due *due, uint64_t due_us, uint32_t device);
/* The entry that is due first; false without any. */
bool due_first(const struct due *due, struct due_entry *first);
/* Removes that entry; there is one. */
void due_remove_first(struct due *due);
void due_clear(struct due *due);

#endif
