/* internal: between api.c, which leads a call to its handler, and reply.c, which ends it. */
#ifndef ACS_API_INTERNAL_H
#define ACS_API_INTERNAL_H

#include "acs/api/call.h"

/* Stops everything that runs for the call; nothing will call it back. */
void api_call_release(struct api_call *call);
/* Answers 401 with the ways to prove oneself. */
void api_reply_unauthorized(struct api_call *call, const char *detail);
/* Answers 405. allow: "GET, PUT". */
void api_reply_not_allowed(struct api_call *call, const char *allow);
/* Answers 503 with Retry-After. */
void api_reply_unavailable(struct api_call *call, const char *detail);

#endif
