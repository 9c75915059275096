/* passwords: made into what is stored, and held against it, on a thread of their own.
 * Basic sends the password with every call, so those that were right are remembered, as an HMAC over password and hash:
 * a changed password has another hash. */
#include "acs/passwords.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "acs/server.h"
#include "acs/worker.h"
#include "base/crypto.h"
#include "base/password.h"

enum { REMEMBERED = 256, MOST_WAITING = 8 };

struct passwords {
	struct workers *worker;
	pthread_mutex_t lock; /* of what is remembered */
	uint8_t secret[SHA256_BYTES];
	uint8_t right[REMEMBERED][SHA256_BYTES];
};

struct password_job {
	struct passwords *passwords;
	char *password;
	char hash[PASSWORD_HASH_BYTES];
	bool has_hash, matches;
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
	job->matches = password_matches(job->password, job->has_hash ? job->hash : NULL);
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

static void finish(void *arg)
{
	struct password_job *job = arg;
	if (job->done)
		job->done(job->matches, job->hash, job->arg);
	explicit_bzero(job->password, strlen(job->password));
	free(job->password);
	free(job);
}

static struct password_job *begin(
	struct loop *loop, const char *password, password_done_fn *done, void *arg)
{
	struct passwords *passwords = loop->server->passwords;
	if (workers_queued(passwords->worker) >= MOST_WAITING)
		return NULL;
	struct password_job *job = calloc(1, sizeof(*job));
	if (!job || !(job->password = strdup(password)))
		abort();
	job->passwords = passwords;
	job->done = done;
	job->arg = arg;
	return job;
}

struct password_job *password_check(struct loop *loop, const char *password, const char *hash,
	password_done_fn *done, void *arg)
{
	struct password_job *job = begin(loop, password, done, arg);
	if (!job)
		return NULL;
	job->has_hash = hash && strlen(hash) < sizeof(job->hash);
	if (job->has_hash)
		memcpy(job->hash, hash, strlen(hash) + 1);
	worker_run(job->passwords->worker, loop, check, finish, job);
	return job;
}

struct password_job *password_make(
	struct loop *loop, const char *password, password_done_fn *done, void *arg)
{
	struct password_job *job = begin(loop, password, done, arg);
	if (job)
		worker_run(job->passwords->worker, loop, make, finish, job);
	return job;
}

void password_cancel(struct password_job *job)
{
	if (job)
		job->done = NULL;
}
