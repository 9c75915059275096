/* internal: between api.c, which leads a call to its handler, and reply.c, which ends it. */
#ifndef ACS_API_INTERNAL_H
#define ACS_API_INTERNAL_H

#include "acs/api/call.h"

/* Around everything that may reply: what was replied in between leaves, and the call is gone. */
void api_call_enter(struct api_call *call);
void api_call_leave(struct api_call *call);
/* Stops everything that runs for the call; nothing will call it back. */
void api_call_release(struct api_call *call);
/* The peer is gone: the log line, and the rest as above. */
void api_call_gone(struct api_call *call);
/* Reads the {device} of the path or ?device=, if there is one, and then calls found, perhaps later;
 * or answers with 404 or 400. */
void api_device_read(struct api_call *call, void (*found)(struct api_call *call));
/* The device that the path names, without asking whether there is one: its public id, or NULL. */
const char *api_device_named(const struct api_call *call);
/* Tells the audit of a call that ends so, unless there is nothing to tell. */
void api_audit(struct api_call *call, unsigned status);
/* Who calls? Sets actor, role and scope and calls known, perhaps later; or answers with 401, 403, 429 or 503. */
void api_caller_read(struct api_call *call, void (*known)(struct api_call *call));
/* Calls passed, perhaps later, unless the call names a device or a task that its caller does not reach; that is
 * answered with 404. */
void api_scope_check(struct api_call *call, void (*passed)(struct api_call *call));
/* Every device that an id may mean whose inner dashes were decoded: public ids, at most `most`. */
size_t api_device_readings(
	struct arena *arena, const char *raw, const char **readings, size_t most);
/* Answers 401 with the ways to prove oneself. */
void api_reply_unauthorized(struct api_call *call, const char *detail);
/* Answers 405. allow: "GET, PUT". */
void api_reply_not_allowed(struct api_call *call, const char *allow);
/* Answers 429 with Retry-After. */
void api_reply_too_many(struct api_call *call, unsigned retry_seconds, const char *detail);
/* Answers 503 with a Retry-After of so many seconds, or up to half as much again. */
enum { API_RETRY_SECONDS = 5 };
void api_reply_unavailable(struct api_call *call, unsigned retry_seconds, const char *detail);

/* Tags of a device, each once, in the order given; tags has room for API_MOST_TAGS. False: answered with 400. */
enum { API_MOST_TAGS = 100 };
bool api_read_tags(
	struct api_call *call, const json_t *list, const char **tags, size_t *count) MUST_CHECK;
/* The body's "admission", or NULL. False: answered with 400. */
bool api_read_admission(struct api_call *call, const char **admission) MUST_CHECK;

#endif
