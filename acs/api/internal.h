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
/* Every device that an id may mean whose inner dashes were decoded: public ids, at most `most`. */
size_t api_device_readings(
	struct arena *arena, const char *raw, const char **readings, size_t most);
/* Answers 401 with the ways to prove oneself. */
void api_reply_unauthorized(struct api_call *call, const char *detail);
/* Answers 405. allow: "GET, PUT". */
void api_reply_not_allowed(struct api_call *call, const char *allow);
/* Answers 503 with Retry-After. */
enum { API_RETRY_SECONDS = 5 };
void api_reply_unavailable(struct api_call *call, unsigned retry_seconds, const char *detail);

#endif
