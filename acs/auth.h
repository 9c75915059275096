/* auth: does a CPE prove that it is the device its Inform names? (TR-069 3.4.4)
 * Stateless: a nonce carries its own proof, so any loop of any node can check the answer to it. */
#ifndef ACS_AUTH_H
#define ACS_AUTH_H

#include "acs/config.h"
#include "db/batch.h"
#include "http/digest.h"
#include "http/server.h"

struct rpc_session;
struct server;

enum auth_result {
	AUTH_ACCEPTED,
	AUTH_CHALLENGE, /* no credentials, or not of the kind we take */
	AUTH_STALE, /* right kind, but the nonce is too old: the device may answer a new one at once */
	AUTH_REFUSED,
};

/* What a device proves itself with. Texts live as long as the session that keeps it. */
struct auth_credential {
	const char *username, *realm, *ha1_md5, *ha1_sha256;
};

/* What the listener that a request came by asks for: Basic only under TLS unless allowed elsewhere. */
enum config_auth auth_scheme(const struct config *config, bool is_tls);
/* First look, before the body is parsed: is there anything that could be right? */
enum auth_result auth_screen(const struct server *server, enum config_auth scheme,
	const struct http_request *request, time_t now, struct http_authorization *out);
/* WWW-Authenticate values for a 401; at most two. Returns how many. */
size_t auth_challenges(struct arena *arena, const struct server *server, enum config_auth scheme,
	bool is_stale, time_t now, struct http_header challenges[2]);

/* The credentials of devices and what their latest Informs told, in a batch. */
batch_ask_fn auth_credentials_ask;
/* Copied to the arena; what is stored of the device's latest Inform goes to its session. False when the device
 * has no credential. */
bool auth_answer_read(struct arena *arena, const struct db_answer *answer, int row,
	struct auth_credential *out, struct rpc_session *session) MUST_CHECK;
/* The credential from the first four columns of a single row. */
bool auth_credential_read(
	struct arena *arena, const struct db_rows *rows, struct auth_credential *out) MUST_CHECK;
bool auth_matches(struct arena *arena, const struct auth_credential *credential,
	const struct http_authorization *authorization, const char *method) MUST_CHECK;

#endif
