/* waiter: who waits for what, in one table of the process under a short lock.
 * Whoever takes a waiter out of the table, the teller, the clock or the waiter itself, decides its
 * end. */
#include "acs/waiter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <uthash.h>

#include "acs/server.h"

enum watch_kind { WATCH_TASK, WATCH_SESSION, WATCH_TAKER };

/* Two whole words, so that the key has no padding. */
struct watch_key {
	uint64_t kind;
	int64_t id;
};

/* All who wait for one thing. In the table while it has waiters. */
struct watch {
	struct watch_key key;
	LIST_HEAD(, waiter) waiters;
	UT_hash_handle hh;
};

struct waiter {
	LIST_ENTRY(waiter) link;
	struct loop *loop;
	struct watch *watch; /* NULL once told: a call to run_told() is then on its way */
	struct event *timer;
	waiter_done_fn *done; /* NULL once cancelled; the waiter's own loop only */
	void *arg;
};

struct waiters {
	pthread_mutex_t lock;
	struct watch *watches;
	atomic_uint count; /* of watches; read without the lock */
};

struct waiters *waiters_new(void)
{
	struct waiters *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	pthread_mutex_init(&all->lock, NULL);
	return all;
}

void waiters_free(struct waiters *all)
{
	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* With the lock held. */
static struct watch *find_watch(struct waiters *all, const struct watch_key *key)
{
	struct watch *watch;
	HASH_FIND(hh, all->watches, key, sizeof(*key), watch);
	return watch;
}

/* With the lock held. */
static struct watch *add_watch(struct waiters *all, const struct watch_key *key)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		abort();
	watch->key = *key;
	HASH_ADD(hh, all->watches, key, sizeof(watch->key), watch);
	atomic_fetch_add(&all->count, 1);
	return watch;
}

/* With the lock held. */
static void drop_watch(struct waiters *all, struct watch *watch)
{
	HASH_DEL(all->watches, watch);
	atomic_fetch_sub(&all->count, 1);
	free(watch);
}

/* True when the waiter was still in the table; false when somebody has told it. */
static bool take_out(struct waiter *waiter)
{
	struct waiters *all = waiter->loop->server->waiters;
	pthread_mutex_lock(&all->lock);
	struct watch *watch = waiter->watch;
	if (watch) {
		LIST_REMOVE(waiter, link);
		waiter->watch = NULL;
		if (LIST_EMPTY(&watch->waiters))
			drop_watch(all, watch);
	}
	pthread_mutex_unlock(&all->lock);
	return watch != NULL;
}

static void end(struct waiter *waiter, bool happened)
{
	waiter_done_fn *done = waiter->done;
	void *arg = waiter->arg;
	event_free(waiter->timer);
	free(waiter);
	if (done)
		done(happened, arg);
}

static void on_time_up(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	if (take_out(arg))
		end(arg, false);
}

static void run_told(void *arg)
{
	end(arg, true);
}

static struct waiter *begin(
	struct loop *loop, struct watch_key key, unsigned seconds, waiter_done_fn *done, void *arg)
{
	struct waiters *all = loop->server->waiters;
	struct waiter *waiter = calloc(1, sizeof(*waiter));
	if (!waiter)
		abort();
	waiter->loop = loop;
	waiter->done = done;
	waiter->arg = arg;
	waiter->timer = evtimer_new(loop->base, on_time_up, waiter);
	evtimer_add(waiter->timer, &(struct timeval){ .tv_sec = (time_t)seconds });

	pthread_mutex_lock(&all->lock);
	struct watch *watch = find_watch(all, &key);
	waiter->watch = watch ? watch : add_watch(all, &key);
	LIST_INSERT_HEAD(&waiter->watch->waiters, waiter, link);
	pthread_mutex_unlock(&all->lock);
	return waiter;
}

struct waiter *waiter_for_task(
	struct loop *loop, int64_t task_id, unsigned seconds, waiter_done_fn *done, void *arg)
{
	return begin(loop, (struct watch_key){ WATCH_TASK, task_id }, seconds, done, arg);
}

struct waiter *waiter_for_session(
	struct loop *loop, int64_t device_id, unsigned seconds, waiter_done_fn *done, void *arg)
{
	return begin(loop, (struct watch_key){ WATCH_SESSION, device_id }, seconds, done, arg);
}

struct waiter *waiter_for_taker(
	struct loop *loop, int64_t device_id, unsigned seconds, waiter_done_fn *done, void *arg)
{
	return begin(loop, (struct watch_key){ WATCH_TAKER, device_id }, seconds, done, arg);
}

void waiter_cancel(struct waiter *waiter)
{
	if (!waiter)
		return;
	waiter->done = NULL;
	if (take_out(waiter))
		end(waiter, false);
}

/* Once posted, a waiter belongs to its own loop, which may free it at once. */
static void tell(struct waiters *all, struct watch_key key)
{
	if (atomic_load(&all->count) == 0)
		return;
	pthread_mutex_lock(&all->lock);
	struct watch *watch = find_watch(all, &key);
	while (watch && !LIST_EMPTY(&watch->waiters)) {
		struct waiter *waiter = LIST_FIRST(&watch->waiters);
		LIST_REMOVE(waiter, link);
		waiter->watch = NULL;
		loop_post(waiter->loop, run_told, waiter);
	}
	if (watch)
		drop_watch(all, watch);
	pthread_mutex_unlock(&all->lock);
}

void waiters_task_finished(struct waiters *waiters, int64_t task_id)
{
	tell(waiters, (struct watch_key){ WATCH_TASK, task_id });
}

void waiters_session_begun(struct waiters *waiters, int64_t device_id)
{
	tell(waiters, (struct watch_key){ WATCH_SESSION, device_id });
}

void waiters_taken(struct waiters *waiters, int64_t device_id)
{
	tell(waiters, (struct watch_key){ WATCH_TAKER, device_id });
}

static const int64_t *list_watched(
	struct waiters *all, struct arena *arena, enum watch_kind kind, size_t *count)
{
	struct watch *watch, *next;
	*count = 0;
	pthread_mutex_lock(&all->lock);
	int64_t *ids = arena_array(arena, HASH_COUNT(all->watches), sizeof(*ids));
	HASH_ITER (hh, all->watches, watch, next)
		if (watch->key.kind == kind)
			ids[(*count)++] = watch->key.id;
	pthread_mutex_unlock(&all->lock);
	return ids;
}

const int64_t *waiters_tasks(struct waiters *waiters, struct arena *arena, size_t *count)
{
	return list_watched(waiters, arena, WATCH_TASK, count);
}

const int64_t *waiters_devices(struct waiters *waiters, struct arena *arena, size_t *count)
{
	return list_watched(waiters, arena, WATCH_SESSION, count);
}
