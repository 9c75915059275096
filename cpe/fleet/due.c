/* due: what will have to be done for which device, soonest first: a binary heap. */
#include "cpe/fleet/due.h"

#include <stdlib.h>

void due_add(struct due *due, uint64_t due_us, uint32_t device)
{
	if (due->count == due->room) {
		due->room = due->room ? 2 * due->room : 64;
		due->entries = reallocarray(due->entries, due->room, sizeof(*due->entries));
		if (!due->entries)
			abort();
	}
	size_t at = due->count++;
	for (size_t parent; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (due->entries[parent].due_us <= due_us)
			break;
		due->entries[at] = due->entries[parent];
	}
	due->entries[at] = (struct due_entry){ due_us, device };
}

bool due_first(const struct due *due, struct due_entry *first)
{
	if (due->count == 0)
		return false;
	*first = due->entries[0];
	return true;
}

/* The child of an entry that is due first; count or more when it has none. */
static size_t first_child(const struct due *due, size_t parent)
{
	const size_t left = 2 * parent + 1, right = left + 1;
	if (right < due->count && due->entries[right].due_us < due->entries[left].due_us)
		return right;
	return left;
}

void due_remove_first(struct due *due)
{
	const struct due_entry last = due->entries[--due->count];
	size_t at = 0;
	for (size_t child; (child = first_child(due, at)) < due->count; at = child) {
		if (last.due_us <= due->entries[child].due_us)
			break;
		due->entries[at] = due->entries[child];
	}
	due->entries[at] = last;
}

void due_clear(struct due *due)
{
	free(due->entries);
	*due = (struct due){ 0 };
}
