/* send: a file of the catalogue as an HTTP answer, piece by piece from the database. */
#ifndef ACS_FILES_SEND_H
#define ACS_FILES_SEND_H

#include "acs/files/files.h"
#include "acs/loop.h"
#include "http/digest.h"
#include "http/server.h"

/* Answers a GET or HEAD: 200, 206 for a single range, 304, 404, 416 or 503. Takes the request's
 * user and callbacks over and logs a line at the end. name is borrowed from the request's arena. */
void file_send(struct http_request *request, struct loop *loop, const char *name);
/* The same to a device, which may have to prove itself and to wait: besides 401, 429 or 503 where too many
 * downloads are under way. link and authorization are borrowed from the request's arena. */
void file_send_by_link(struct http_request *request, struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization);
/* text: why, for the peer; "" where that would tell too much. */
void file_refuse(
	struct http_request *request, struct loop *loop, unsigned status, const char *text);

/* A Range header's meaning for a body of size bytes. */
enum range_kind { RANGE_NONE, RANGE_SINGLE, RANGE_UNSATISFIABLE };
/* NULL, several ranges, other units and malformed ones are RANGE_NONE: the whole file is the answer
 * (RFC 9110, 14.2). *first and *length are set with RANGE_SINGLE. */
enum range_kind range_read(const char *header, int64_t size, int64_t *first, int64_t *length);

#endif
