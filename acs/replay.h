/* replay: an answer to a digest challenge counts once (RFC 7616 3.3), so one that was overheard is good for nothing.
 * What was counted is kept on this node, for all its loops, in a table of fixed size: a nonce that was pushed out
 * of it is as good as used up, and costs its device another challenge. */
#ifndef ACS_REPLAY_H
#define ACS_REPLAY_H

#include <stdbool.h>
#include <time.h>

#include "base/compiler.h"
#include "http/digest.h"

struct replays;

/* Nonces made before `now` may have been counted by somebody who is gone: they are used up. */
struct replays *replays_new(time_t now);
void replays_free(struct replays *all);
/* Counts an answer that has proved to be right, with a nonce of ours. False: it was given before, or it is more than 64 older
 * than the newest. An answer that tells no count is the first. From any thread. */
bool replay_count(struct replays *all, const struct http_authorization *answer) MUST_CHECK;

#endif
