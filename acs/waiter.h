/* waiter: those who wait for a task or for a device's next session, across event loops.
 * The turn that finishes a task tells; nobody polls. */
#ifndef ACS_WAITER_H
#define ACS_WAITER_H

#include <stdbool.h>
#include <stdint.h>

#include "acs/loop.h"
#include "base/arena.h"

struct waiters;
struct waiter;

/* happened: false when the time was up first. Called once on the waiter's loop; the waiter is gone
 * then. */
typedef void waiter_done_fn(bool happened, void *arg);

struct waiters *waiters_new(void);
void waiters_free(struct waiters *waiters);

/* Waits until the task reaches a final state. Begin before the question that queues or reads it
 * is asked, so that nothing slips between. */
struct waiter *waiter_for_task(
	struct loop *loop, int64_t task_id, unsigned seconds, waiter_done_fn *done, void *arg);
struct waiter *waiter_for_session(
	struct loop *loop, int64_t device_id, unsigned seconds, waiter_done_fn *done, void *arg);
/* Waits until another node tells that it has an open session of the device, which will ask for its tasks. */
struct waiter *waiter_for_taker(
	struct loop *loop, int64_t device_id, unsigned seconds, waiter_done_fn *done, void *arg);
/* No call will come. NULL is allowed. On the waiter's own loop only. */
void waiter_cancel(struct waiter *waiter);

/* From any loop, after the commit. Cheap when nobody waits. */
void waiters_task_finished(struct waiters *waiters, int64_t task_id);
void waiters_session_begun(struct waiters *waiters, int64_t device_id);
void waiters_taken(struct waiters *waiters, int64_t device_id);

/* The tasks, and the devices of whose sessions somebody waits; in arena. */
const int64_t *waiters_tasks(struct waiters *waiters, struct arena *arena, size_t *count);
const int64_t *waiters_devices(struct waiters *waiters, struct arena *arena, size_t *count);

#endif
