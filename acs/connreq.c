/* connreq: who calls which device, across loops, under a short lock.
 * The first caller's loop rings; later callers share its result. Beyond the limit in flight a
 * bounded queue waits. */
#include "acs/connreq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <uthash.h>

#include "acs/ring.h"
#include "acs/server.h"
#include "acs/tally.h"

enum { WAITING_PER_SLOT = 4, DETAIL_BYTES = 256 };

struct connreq {
	TAILQ_ENTRY(connreq) link;
	struct loop *loop;
	struct calling *calling; /* NULL once the result is on its way */
	connreq_done_fn *done;   /* NULL once cancelled; the caller's own loop only */
	void *arg;
	struct connreq_result result;
	char detail[DETAIL_BYTES];
};
TAILQ_HEAD(callers, connreq);

/* A device that is being called, or waits for its turn. In the table until it has its result. */
struct calling {
	TAILQ_ENTRY(calling) link; /* while waiting */
	struct connection_requests *all;
	struct loop *loop;
	int64_t device_id;
	struct callers callers;
	struct ring *ring; /* of the calling loop's own thread; NULL while waiting */
	bool is_posted;    /* start_posted() is on its way, with the last word on its memory */
	UT_hash_handle hh;
};
TAILQ_HEAD(calling_queue, calling);

struct connection_requests {
	struct server *server;
	pthread_mutex_t lock;
	struct calling *by_device;
	struct calling_queue waiting;
	unsigned in_flight, waiting_count;
};

struct connection_requests *connection_requests_new(struct server *server)
{
	struct connection_requests *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	all->server = server;
	pthread_mutex_init(&all->lock, NULL);
	TAILQ_INIT(&all->waiting);
	return all;
}

/* Those who wait have cancelled: what is left nobody waits for. */
static void drop_callers(struct calling *calling)
{
	while (!TAILQ_EMPTY(&calling->callers)) {
		struct connreq *connreq = TAILQ_FIRST(&calling->callers);
		TAILQ_REMOVE(&calling->callers, connreq, link);
		free(connreq);
	}
}

void connection_requests_free(struct connection_requests *all)
{
	struct calling *calling, *next;
	if (!all)
		return;
	HASH_ITER (hh, all->by_device, calling, next) {
		HASH_DEL(all->by_device, calling);
		drop_callers(calling);
		ring_free(calling->ring);
		calling->all = NULL;
		if (!calling->is_posted)
			free(calling);
	}
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static void deliver(void *arg)
{
	struct connreq *connreq = arg;
	if (connreq->done)
		connreq->done(&connreq->result, connreq->arg);
	free(connreq);
}

/* With the lock held. Once posted, a caller belongs to its own loop, which may free it at once. */
static void tell(struct connreq *connreq, const struct connreq_result *result)
{
	connreq->calling = NULL;
	connreq->result = *result;
	snprintf(connreq->detail, sizeof(connreq->detail), "%s", result->detail);
	connreq->result.detail = connreq->detail;
	loop_post(connreq->loop, deliver, connreq);
}

static void on_rung(const struct connreq_result *result, void *arg);

/* On the calling's own loop. */
static void start(struct calling *calling)
{
	calling->ring = ring_begin(calling->loop, calling->device_id, on_rung, calling);
}

static void start_posted(void *arg)
{
	struct calling *calling = arg;
	calling->is_posted = false;
	if (calling->all)
		start(calling);
	else
		free(calling);
}

/* With the lock held. */
static void start_next(struct connection_requests *all)
{
	struct calling *next = TAILQ_FIRST(&all->waiting);
	if (!next)
		return;
	TAILQ_REMOVE(&all->waiting, next, link);
	all->waiting_count--;
	all->in_flight++;
	next->is_posted = true;
	loop_post(next->loop, start_posted, next);
}

static void on_rung(const struct connreq_result *result, void *arg)
{
	struct calling *calling = arg;
	struct connection_requests *all = calling->all;
	pthread_mutex_lock(&all->lock);
	HASH_DEL(all->by_device, calling);
	while (!TAILQ_EMPTY(&calling->callers)) {
		struct connreq *connreq = TAILQ_FIRST(&calling->callers);
		TAILQ_REMOVE(&calling->callers, connreq, link);
		tell(connreq, result);
	}
	all->in_flight--;
	start_next(all);
	pthread_mutex_unlock(&all->lock);
	free(calling);
}

/* With the lock held. NULL when too many wait. */
static struct calling *add_calling(
	struct connection_requests *all, struct loop *loop, int64_t device_id)
{
	const unsigned most = all->server->config->connection_request.in_flight;
	const bool is_full = all->in_flight >= most;
	if (is_full && all->waiting_count >= WAITING_PER_SLOT * most)
		return NULL;
	struct calling *calling = calloc(1, sizeof(*calling));
	if (!calling)
		abort();
	calling->all = all;
	calling->loop = loop;
	calling->device_id = device_id;
	TAILQ_INIT(&calling->callers);
	HASH_ADD(hh, all->by_device, device_id, sizeof(calling->device_id), calling);
	if (is_full) {
		TAILQ_INSERT_TAIL(&all->waiting, calling, link);
		all->waiting_count++;
	} else {
		all->in_flight++;
		start(calling);
	}
	return calling;
}

void connection_requests_count(
	struct connection_requests *all, unsigned *in_flight, unsigned *waiting)
{
	pthread_mutex_lock(&all->lock);
	*in_flight = all->in_flight;
	*waiting = all->waiting_count;
	pthread_mutex_unlock(&all->lock);
}

struct connreq *connreq_begin(
	struct loop *loop, int64_t device_id, connreq_done_fn *done, void *arg)
{
	static const struct connreq_result too_many = { CONNREQ_BUSY, "busy",
		"too many connection requests wait on this server", 0 };
	struct connection_requests *all = loop->server->connection_requests;
	struct connreq *connreq = calloc(1, sizeof(*connreq));
	if (!connreq)
		abort();
	connreq->loop = loop;
	connreq->done = done;
	connreq->arg = arg;
	pthread_mutex_lock(&all->lock);
	struct calling *calling;
	HASH_FIND(hh, all->by_device, &device_id, sizeof(device_id), calling);
	if (!calling)
		calling = add_calling(all, loop, device_id);
	if (calling) {
		connreq->calling = calling;
		TAILQ_INSERT_TAIL(&calling->callers, connreq, link);
	} else {
		tally_limit(LIMIT_CONNECTION_REQUESTS);
		tell(connreq, &too_many);
	}
	pthread_mutex_unlock(&all->lock);
	return connreq;
}

void connreq_cancel(struct connreq *connreq)
{
	if (!connreq)
		return;
	struct connection_requests *all = connreq->loop->server->connection_requests;
	connreq->done = NULL;
	pthread_mutex_lock(&all->lock);
	struct calling *calling = connreq->calling;
	if (calling)
		TAILQ_REMOVE(&calling->callers, connreq, link);
	pthread_mutex_unlock(&all->lock);
	if (calling)
		free(connreq);
}
