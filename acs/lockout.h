/* lockout: who fails to prove who he is waits longer and longer before he may try again.
 * Counted are accounts and addresses, in tables of fixed size: when one is full, who waits least is forgotten. The
 * state is this node's own. */
#ifndef ACS_LOCKOUT_H
#define ACS_LOCKOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/compiler.h"

struct lockout;

/* The first failures cost nothing; then each doubles the wait, from a second to `most_seconds`. With 0 failures nobody
 * ever waits. An hour without a failure is a new beginning. */
struct lockout *lockout_new(unsigned failures, unsigned most_seconds);
void lockout_free(struct lockout *all);

/* Who tries, as hashes. 0: there is none. */
struct lockout_keys {
	uint64_t address; /* of an IPv6 address its first half */
	uint64_t account; /* the user named, who need not exist */
	uint64_t token;   /* one that cannot be guessed, so that trying is no use */
};
struct lockout_keys lockout_keys(const struct lockout *all, const struct sockaddr *peer,
	const char *account, const char *token);

/* Seconds until the next try; 0: now. Who came in from this address within a day is not held by what others do to his
 * account, nor, with a token, by what they do from his address or to a name beside it. From any thread, as all below. */
unsigned lockout_seconds(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us);
/* True when somebody has to wait from now on who had not to. What takes time to check is counted before, so that many
 * tries at once are no better than one after the other, … */
bool lockout_failed(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us);
/* … and then confirmed, from when on the wait counts, or taken back. */
void lockout_confirm(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us);
void lockout_take_back(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us);
/* The account's failures are forgotten; those of the address are not, or who has an account could guess at others. */
void lockout_succeeded(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us);

#endif
