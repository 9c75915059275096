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

/* First look, before anything is asked of the database. False: answered with a challenge. */
bool proof_screen(struct http_request *request, const struct loop *loop,
	struct http_authorization *authorization) MUST_CHECK;
/* Does it prove the link's device? The first four columns of credential_rows are the device's
 * credential, see auth_credential_read(). */
bool proof_holds(const struct http_request *request, const struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization,
	const struct db_rows *credential_rows) MUST_CHECK;
/* Answers 401. */
void proof_challenge(struct http_request *request, const struct loop *loop, bool is_stale);

#endif
