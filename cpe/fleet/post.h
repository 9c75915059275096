/* post: the POSTs of a fleet's sessions, one after the other on one connection.
 * Challenges are met and cookies are kept here; the session hears of answers with 200 or 204, or that
 * there is none and why. */
#ifndef CPE_FLEET_POST_H
#define CPE_FLEET_POST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "cpe/fleet/device.h"
#include "cpe/session/cookies.h"
#include "http/client.h"

typedef void fleet_post_answered_fn(const struct http_client_response *response, void *arg);
/* kind: "timeout", "http-503", …; both texts live until the session ends. */
typedef void fleet_post_failed_fn(const char *kind, const char *why, void *arg);

struct fleet_post {
	struct fleet *fleet;
	struct http_client *client;
	uint32_t number; /* of the connection */
	fleet_post_answered_fn *on_answer;
	fleet_post_failed_fn *on_failure;
	void *arg;

	/* Of the session under way. */
	struct fleet_device *device;
	struct arena *arena; /* the session's */
	struct cookies cookies;
	struct buffer body;     /* to be sent */
	bool was_challenged;    /* the POST under way */
	unsigned retry_seconds; /* what Retry-After said, 0 without it */
	uint64_t posted_us;
};

/* A connection without a session yet. */
void fleet_post_init(struct fleet_post *post, struct fleet *fleet, uint32_t number,
	fleet_post_answered_fn *on_answer, fleet_post_failed_fn *on_failure, void *arg);
void fleet_post_clear(struct fleet_post *post);
/* A session of that device begins. */
void fleet_post_begin(struct fleet_post *post, struct fleet_device *device, struct arena *arena);
/* Sends post->body; on_answer() or on_failure() follows, never from inside. */
void fleet_post_send(struct fleet_post *post);
/* The session is over; the connection stays open when the fleet keeps its connections. */
void fleet_post_end(struct fleet_post *post, bool has_succeeded);

#endif
