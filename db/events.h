/* events: what devices told beyond the ordinary, kept for a time.
 * Written in the question of the turn that brought them, so that an acknowledged one is never lost. */
#ifndef DB_EVENTS_H
#define DB_EVENTS_H

#include <stdbool.h>

#include "db/db.h"
#include "db/scope.h"

/* Several at once. kinds are at most EVENT_KIND_MAX bytes; details are JSON texts. */
enum { EVENT_KIND_MAX = 64 };
void events_add(struct db_question *question, int64_t device_id, const char *const *kinds,
	const char *const *details, size_t count);
/* One that a device repeats until we acknowledge it, with a CommandKey in its detail: the same detail among the
 * device's latest ones is the same event. */
void events_add_once(
	struct db_question *question, int64_t device_id, const char *kind, const char *detail);

/* Newest first. Rows: JSON text, cursor. device_id -1: of all devices. kind NULL: any. before: cursor of
 * the last one seen, INT64_MAX for none. */
void events_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	const char *kind, int64_t before, unsigned limit);

#endif
