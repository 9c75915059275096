/* api: the admin API's listener: authentication, routes, JSON in and out. */
#ifndef ACS_API_API_H
#define ACS_API_API_H

#include "http/server.h"

/* For the admin listener; arg is the struct loop. */
void api_on_headers(struct http_request *request, void *arg);
void api_on_request(struct http_request *request, void *arg);

#endif
