/* worker: threads for work that would hold an event loop up.
 * One queue under a lock; results travel back through the loop's mailbox. */
#include "acs/worker.h"

#include <stdlib.h>
#include <sys/queue.h>

struct job {
	struct loop *loop;
	worker_fn *work;
	void (*done)(void *arg);
	void *arg;
	STAILQ_ENTRY(job) next;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	STAILQ_HEAD(, job) jobs;
	unsigned queued;
	bool is_ending;
	struct cwmp_limits limits;
	pthread_t *threads;
	unsigned count;
};

/* The next job; NULL when there will be none any more. */
static struct job *take_job(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	while (STAILQ_EMPTY(&workers->jobs) && !workers->is_ending)
		pthread_cond_wait(&workers->changed, &workers->lock);
	struct job *job = STAILQ_FIRST(&workers->jobs);
	if (job) {
		STAILQ_REMOVE_HEAD(&workers->jobs, next);
		workers->queued--;
	}
	pthread_mutex_unlock(&workers->lock);
	return job;
}

static void *run_worker(void *arg)
{
	struct workers *workers = arg;
	struct cwmp_codec *codec = cwmp_codec_new(&workers->limits);
	for (struct job *job; (job = take_job(workers)) != NULL; free(job)) {
		job->work(codec, job->arg);
		loop_post(job->loop, job->done, job->arg);
	}
	cwmp_codec_free(codec);
	return NULL;
}

struct workers *workers_new(unsigned threads, const struct cwmp_limits *limits)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	if (!workers || !(workers->threads = calloc(threads, sizeof(*workers->threads))))
		abort();
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->changed, NULL);
	STAILQ_INIT(&workers->jobs);
	workers->limits = *limits;
	for (; workers->count < threads; workers->count++)
		if (pthread_create(&workers->threads[workers->count], NULL, run_worker, workers) !=
			0)
			abort();
	return workers;
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->is_ending = true;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->changed);
	pthread_mutex_destroy(&workers->lock);
	free(workers->threads);
	free(workers);
}

void worker_run(struct workers *workers, struct loop *loop, worker_fn *work,
	void (*done)(void *arg), void *arg)
{
	struct job *job = malloc(sizeof(*job));
	if (!job)
		abort();
	*job = (struct job){ .loop = loop, .work = work, .done = done, .arg = arg };
	pthread_mutex_lock(&workers->lock);
	STAILQ_INSERT_TAIL(&workers->jobs, job, next);
	workers->queued++;
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
}

unsigned workers_queued(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	const unsigned queued = workers->queued;
	pthread_mutex_unlock(&workers->lock);
	return queued;
}
