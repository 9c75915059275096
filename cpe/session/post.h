/* post: the HTTP half of a session: one POST after the other to the ACS, and its answers.
 * Challenges, redirects, cookies and compression end here; the session sees envelopes. */
#ifndef CPE_POST_H
#define CPE_POST_H

#include "base/buffer.h"
#include "cpe/device.h"

struct post;

struct post_answer {         /* valid until the callback returns */
	const char *failure; /* why there is none; NULL: the rest is valid */
	const char *envelope;
	size_t length;            /* 0: an empty answer */
	const char *content_type; /* or NULL */
};

/* Called from the loop, once for each POST. The post may be used again or freed inside. */
typedef void post_answered_fn(const struct post_answer *answer, void *arg);

/* For one session, to the URL that is configured now. */
struct post *post_new(struct device *device, post_answered_fn *answered, void *arg);
/* Ends what is under way. NULL is allowed. */
void post_free(struct post *post);

/* The body of the next POST: filled by the caller, empty for an empty POST. */
struct buffer *post_body(struct post *post);
/* Sends it; the same body again when it has not been touched. */
void post_send(struct post *post);

/* Forgets the cookies, and perhaps the connection: what follows is another session. */
void post_begin_anew(struct post *post, bool on_same_connection);

/* Where the configured URL has led to. */
const char *post_url(const struct post *post);

#endif
