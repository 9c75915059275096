/* worker: threads for work that would hold an event loop up. */
#ifndef ACS_WORKER_H
#define ACS_WORKER_H

#include "acs/loop.h"
#include "cwmp/codec.h"

struct workers;

/* codec is the thread's own. */
typedef void worker_fn(struct cwmp_codec *codec, void *arg);

struct workers *workers_new(unsigned threads, const struct cwmp_limits *limits);
/* Finishes what is queued, then ends the threads. NULL is allowed. */
void workers_free(struct workers *workers);

/* Runs work(codec, arg) on a thread, then done(arg) on loop. Work is taken up in order. */
void worker_run(struct workers *workers, struct loop *loop, worker_fn *work,
	void (*done)(void *arg), void *arg);

/* Work not taken up yet. */
unsigned workers_queued(struct workers *workers);

#endif
