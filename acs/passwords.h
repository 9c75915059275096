/* passwords: made into what is stored, and held against it, on a thread of their own.
 * One password at a time, so that guessing costs neither event loops nor devices anything. */
#ifndef ACS_PASSWORDS_H
#define ACS_PASSWORDS_H

#include "acs/loop.h"
#include "cwmp/codec.h"

struct passwords;
struct password_job;

struct passwords *passwords_new(const struct cwmp_limits *limits);
/* Finishes what is queued. NULL is allowed. */
void passwords_free(struct passwords *passwords);

/* Was this password right for this hash before? Costs next to nothing. */
bool passwords_know(struct passwords *passwords, const char *password, const char *hash) MUST_CHECK;

/* Called once on the job's loop, which is over then. hash is borrowed. */
typedef void password_done_fn(bool matches, const char *hash, void *arg);
/* Holds the password against the hash. NULL for a hash: it matches nothing, and takes as long; but while others wait, no
 * thread is busy with it. NULL when admin.passwords_waiting wait already, which is counted. The password is copied. */
struct password_job *password_check(struct loop *loop, const char *password, const char *hash,
	password_done_fn *done, void *arg) MUST_CHECK;
/* Makes a new hash, which matches. Otherwise as above. */
struct password_job *password_make(
	struct loop *loop, const char *password, password_done_fn *done, void *arg) MUST_CHECK;
/* No call will come. NULL is allowed. On the job's own loop only. */
void password_cancel(struct password_job *job);

#endif
