/* passwords: made into what is stored, and held against it, on a thread of their own.
 * Basic sends the password with every call, so those that were right are remembered, as an HMAC over password and hash:
 * a changed password has another hash. Who has no hash is nobody, and takes no turn while others wait. */
#include "acs/passwords.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "acs/server.h"
#include "acs/tally.h"
#include "acs/worker.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/password.h"

enum { REMEMBERED = 256, MOST_BEFORE_NOBODY = 2, USUAL_US = 200000, SECOND_US = 1000000 };

struct passwords {
	struct workers *worker;
	pthread_mutex_t lock; /* of what is remembered */
	uint8_t secret[SHA256_BYTES];
	uint8_t right[REMEMBERED][SHA256_BYTES];
	_Atomic uint64_t check_us; /* that the last check took */
};

struct password_job {
	struct passwords *passwords;
	char *password;
	char hash[PASSWORD_HASH_BYTES];
	bool has_hash, matches;
	struct event *pretence; /* of a check that is none; else NULL */
	password_done_fn *done; /* NULL: cancelled */
	void *arg;
};

struct passwords *passwords_new(const struct cwmp_limits *limits)
{
	struct passwords *passwords = calloc(1, sizeof(*passwords));
	if (!passwords)
		abort();
	pthread_mutex_init(&passwords->lock, NULL);
	random_bytes(passwords->secret, sizeof(passwords->secret));
	atomic_init(&passwords->check_us, USUAL_US);
	passwords->worker = workers_new(1, limits);
	return passwords;
}

void passwords_free(struct passwords *passwords)
{
	if (!passwords)
		return;
	workers_free(passwords->worker);
	pthread_mutex_destroy(&passwords->lock);
	free(passwords);
}

static void fingerprint(const struct passwords *passwords, const char *password, const char *hash,
	uint8_t digest[SHA256_BYTES])
{
	uint8_t both[2 * SHA256_BYTES];
	sha256(password, strlen(password), both);
	sha256(hash, strlen(hash), both + SHA256_BYTES);
	hmac_sha256(passwords->secret, sizeof(passwords->secret), both, sizeof(both), digest);
	explicit_bzero(both, sizeof(both));
}

bool passwords_know(struct passwords *passwords, const char *password, const char *hash)
{
	uint8_t digest[SHA256_BYTES];
	fingerprint(passwords, password, hash, digest);
	pthread_mutex_lock(&passwords->lock);
	const bool is_known = equal_in_constant_time(
		passwords->right[digest[0] % REMEMBERED], SHA256_BYTES, digest, SHA256_BYTES);
	pthread_mutex_unlock(&passwords->lock);
	return is_known;
}

static void remember(struct passwords *passwords, const char *password, const char *hash)
{
	uint8_t digest[SHA256_BYTES];
	fingerprint(passwords, password, hash, digest);
	pthread_mutex_lock(&passwords->lock);
	memcpy(passwords->right[digest[0] % REMEMBERED], digest, SHA256_BYTES);
	pthread_mutex_unlock(&passwords->lock);
}

static void check(struct cwmp_codec *codec, void *arg)
{
	(void)codec;
	struct password_job *job = arg;
	const uint64_t begun_us = clock_us();
	job->matches = password_matches(job->password, job->has_hash ? job->hash : NULL);
	atomic_store(&job->passwords->check_us, clock_us() - begun_us);
	if (job->matches)
		remember(job->passwords, job->password, job->hash);
}

static void make(struct cwmp_codec *codec, void *arg)
{
	(void)codec;
	struct password_job *job = arg;
	password_hash(job->password, job->hash);
	job->matches = true;
}

static void free_job(struct password_job *job)
{
	if (job->pretence)
		event_free(job->pretence);
	explicit_bzero(job->password, strlen(job->password));
	free(job->password);
	free(job);
}

static void finish(void *arg)
{
	struct password_job *job = arg;
	if (job->done)
		job->done(job->matches, job->hash, job->arg);
	free_job(job);
}

static void on_pretended(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

/* Until a check queued now would be over: what is left of the one under way, those that wait, and itself. */
static struct timeval pretended_time(struct passwords *passwords)
{
	uint32_t random;
	random_bytes(&random, sizeof(random));
	const uint64_t check_us = atomic_load(&passwords->check_us);
	const uint64_t us = check_us * random / UINT32_MAX +
			    check_us * (workers_queued(passwords->worker) + 1);
	return (struct timeval){ .tv_sec = (time_t)(us / SECOND_US),
		.tv_usec = (suseconds_t)(us % SECOND_US) };
}

static void pretend(struct loop *loop, struct password_job *job)
{
	const struct timeval time = pretended_time(job->passwords);
	job->pretence = evtimer_new(loop->base, on_pretended, job);
	if (!job->pretence)
		abort();
	evtimer_add(job->pretence, &time);
}

/* False: one more would be too many. */
static bool has_room(const struct server *server)
{
	if (workers_queued(server->passwords->worker) < server->config->admin.passwords_waiting)
		return true;
	tally_limit(LIMIT_PASSWORDS);
	return false;
}

static struct password_job *begin(
	struct loop *loop, const char *password, password_done_fn *done, void *arg)
{
	struct password_job *job = calloc(1, sizeof(*job));
	if (!job || !(job->password = strdup(password)))
		abort();
	job->passwords = loop->server->passwords;
	job->done = done;
	job->arg = arg;
	return job;
}

struct password_job *password_check(struct loop *loop, const char *password, const char *hash,
	password_done_fn *done, void *arg)
{
	const bool has_hash = hash && strlen(hash) < PASSWORD_HASH_BYTES;
	if (has_hash && !has_room(loop->server))
		return NULL;
	struct password_job *job = begin(loop, password, done, arg);
	job->has_hash = has_hash;
	if (has_hash)
		memcpy(job->hash, hash, strlen(hash) + 1);
	if (has_hash || workers_queued(job->passwords->worker) < MOST_BEFORE_NOBODY)
		worker_run(job->passwords->worker, loop, check, finish, job);
	else
		pretend(loop, job);
	return job;
}

struct password_job *password_make(
	struct loop *loop, const char *password, password_done_fn *done, void *arg)
{
	if (!has_room(loop->server))
		return NULL;
	struct password_job *job = begin(loop, password, done, arg);
	worker_run(job->passwords->worker, loop, make, finish, job);
	return job;
}

void password_cancel(struct password_job *job)
{
	if (job && job->pretence)
		free_job(job);
	else if (job)
		job->done = NULL;
}
