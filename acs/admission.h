/* admission: new Informs for which there is no room are told to come back, before anything of them is read.
 * Devices in the middle of a session go first: they are never refused here. */
#ifndef ACS_ADMISSION_H
#define ACS_ADMISSION_H

#include "acs/loop.h"
#include "http/server.h"

/* Its headers are complete. True: it has been answered with 503. */
bool admission_refuses(struct loop *loop, struct http_request *request) MUST_CHECK;
/* One line if any were refused beyond those that were told before. Returns how many there are now. */
uint64_t admission_log(const struct server *server, uint64_t told);

#endif
