/* upload: a file that a device sends because of an Upload (TR-069 A.4.1.5), into the catalogue. */
#ifndef ACS_FILES_UPLOAD_H
#define ACS_FILES_UPLOAD_H

#include "acs/loop.h"
#include "http/server.h"

/* Is it for us: a PUT, or the POST of those who know no better, to an upload link? */
bool upload_is_meant(const struct http_request *request);
/* Its headers have come. Takes the request's user and callbacks over, or answers at once: 401, 403,
 * 409 or 503. Logs a line at the end. */
void upload_begin(struct http_request *request, struct loop *loop);
/* Its body has come. */
void upload_received(struct http_request *request);

#endif
