/* auth: does a CPE prove that it is the device its Inform names? (TR-069 3.4.4)
 * Stateless: a nonce carries its own proof, so any loop of any node can check the answer to it. */
#ifndef ACS_AUTH_H
#define ACS_AUTH_H

#include "acs/config.h"
#include "db/batch.h"
#include "db/credentials.h"
#include "http/digest.h"
#include "http/server.h"

struct rpc_session;
struct server;

enum auth_result {
	AUTH_ACCEPTED,
	AUTH_CHALLENGE, /* no credentials, or not of the kind we take */
	AUTH_STALE, /* right kind, but the nonce is too old: the device may answer a new one at once */
	AUTH_REPEATED, /* right, but given before: likewise */
	AUTH_REFUSED,
};

/* What becomes of a scheme on the listener that a request came by: Basic only under TLS unless allowed elsewhere. */
enum config_auth auth_scheme(const struct config *config, enum config_auth wanted, bool is_tls);
/* Is there anything that could be right? */
enum auth_result auth_screen(const struct server *server, enum config_auth scheme,
	const struct http_request *request, time_t now, struct http_authorization *out);
/* First look, before the body is parsed and it is known who comes: is there anything that could be right for any
 * device? schemes: 1 << enum config_auth of each that may be. */
enum auth_result auth_screen_any(const struct server *server, unsigned schemes,
	const struct http_request *request, time_t now, struct http_authorization *out);
/* WWW-Authenticate values for a 401; at most two. Returns how many. */
size_t auth_challenges(struct arena *arena, const struct server *server, enum config_auth scheme,
	bool is_stale, time_t now, struct http_header challenges[2]);

/* What is stored of a device: either pair counts, and a shared one when there is none or it was reopened. */
struct auth_stored {
	struct auth_credential own, next;
	bool is_reopened;
};

/* The credentials of devices and what their latest Informs told, in a batch. */
batch_ask_fn auth_credentials_ask;
/* Copied to the arena; what is stored of the device's latest Inform goes to its session. */
void auth_answer_read(struct arena *arena, const struct db_answer *answer, int row,
	struct auth_stored *out, struct rpc_session *session);
/* The credential from the first four columns of a single row. */
bool auth_credential_read(
	struct arena *arena, const struct db_rows *rows, struct auth_credential *out) MUST_CHECK;
bool auth_matches(struct arena *arena, const struct auth_credential *credential,
	const struct http_authorization *authorization, const char *method) MUST_CHECK;

#endif
