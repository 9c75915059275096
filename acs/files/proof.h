/* proof: is who comes with a link the device that it was given to (files.auth)?
 * It may show the user name and password that came with the link, or those that it proves itself to
 * the CWMP listener with. */
#ifndef ACS_FILES_PROOF_H
#define ACS_FILES_PROOF_H

#include "acs/files/files.h"
#include "acs/loop.h"
#include "base/compiler.h"
#include "db/db.h"
#include "http/digest.h"

enum file_proof {
	FILE_PROOF_GOOD,
	FILE_PROOF_MISSING,
	FILE_PROOF_REPEATED, /* it was right, but given before */
	FILE_PROOF_ANOTHERS, /* the client certificate is another device's */
};

/* First look, before anything is asked of the database. False: answered with a challenge. */
bool proof_screen(struct http_request *request, const struct loop *loop,
	struct http_authorization *authorization) MUST_CHECK;
/* Is it the link's device? device_rows: the row of files_find_content() or files_find_upload(). */
enum file_proof proof_judge(const struct http_request *request, const struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization,
	const struct db_rows *device_rows) MUST_CHECK;
/* Answers 401, or 403 where another user name would change nothing. Logs a line. */
void proof_refuse(struct http_request *request, struct loop *loop, enum file_proof proof);

#endif
