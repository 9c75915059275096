/* turn: one HTTP request and its answer inside a CWMP session. */
#ifndef ACS_TURN_H
#define ACS_TURN_H

#include "http/server.h"

/* For the CWMP listeners; arg is the struct loop. */
void turn_on_headers(struct http_request *request, void *arg);
void turn_on_request(struct http_request *request, void *arg);

/* Ends sessions that were idle for too long; once a second, on one loop. */
struct loop;
void turn_expire_sessions(struct loop *loop);

#endif
