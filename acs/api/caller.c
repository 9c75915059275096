/* caller: who calls, by token or by user name and password; and how often one may be wrong about it.
 * Asked anew for every call: a token or user that was removed is worth nothing from then on. */
#include <string.h>

#include "acs/address.h"
#include "acs/api/internal.h"
#include "acs/api/origin.h"
#include "acs/background.h"
#include "acs/lockout.h"
#include "acs/log.h"
#include "acs/passwords.h"
#include "acs/tally.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "db/tokens.h"
#include "db/users.h"
#include "http/digest.h"

/* What the call shows, and what is known of it so far. */
struct proof {
	void (*known)(struct api_call *call);
	const char *secret;   /* token or password */
	const char *username; /* of Basic, else NULL */
	struct lockout_keys keys;
	struct password_job *job;
	bool exists; /* the user; any other name may be a password in the wrong place */
	/* Of the user, until the password is found right. */
	enum api_role role;
	struct device_scope scope;
	bool is_use_old;
};

enum { NAME, ROLE, SCOPE, USE_IS_OLD = SCOPE + SCOPE_COLUMN_COUNT - 1, PASSWORD };

/* The end: refused, or known. */

static const struct sockaddr *peer_of(const struct api_call *call)
{
	return (const struct sockaddr *)&call->request->peer;
}

static const char wait_text[] = "too many wrong tokens or passwords: wait, then try again";

/* False: answered with 429. */
static bool may_try(struct api_call *call, const struct proof *proof)
{
	const unsigned seconds = lockout_seconds(
		call->loop->server->lockout, &proof->keys, clock_us());
	if (!seconds)
		return true;
	tally_limit(LIMIT_ADMIN_FAILURES);
	api_reply_too_many(call, seconds, wait_text);
	return false;
}

static void count_failure(struct api_call *call, const struct proof *proof)
{
	if (lockout_failed(call->loop->server->lockout, &proof->keys, clock_us()))
		LOG_WARNING("api-locked-out",
			LOG_TEXT("user", proof->exists ? proof->username : ""),
			LOG_TEXT("address", http_peer_address(call->arena, call->request)));
}

static void refuse(struct api_call *call)
{
	api_reply_unauthorized(call, "the token, or the user and the password, are not known");
}

static void admit(struct api_call *call, const struct proof *proof, const char *name)
{
	lockout_succeeded(call->loop->server->lockout, &proof->keys, clock_us());
	call->actor = name;
	call->role = proof->role;
	call->scope = proof->scope;
	call->state = NULL;
	proof->known(call);
}

/* To the minute, so that most calls write nothing. */
static void note_use(struct api_call *call, const char *name,
	void (*used)(struct db_question *question, const char *name, const char *address))
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	used(&question, name, http_peer_address(arena, call->request));
	background_ask(call->loop, arena, &question, "note-use", NULL);
}

/* False for a role that this server does not know. */
static bool read_row(struct api_call *call, struct proof *proof, const struct db_rows *rows)
{
	proof->scope = scope_read(call->arena, rows, 0, SCOPE);
	proof->is_use_old = db_get_bool(rows, 0, USE_IS_OLD);
	return api_role_read(db_get_text(rows, 0, ROLE), &proof->role);
}

/* Users. */

static void admit_user(struct api_call *call, struct proof *proof)
{
	proof->keys.token = 0; /* it is a password, which can be guessed */
	if (proof->is_use_old)
		note_use(call, proof->username, users_used);
	admit(call, proof, proof->username);
}

static void forget_job(struct api_call *call)
{
	struct proof *proof = call->state;
	password_cancel(proof->job);
}

static void on_checked(bool matches, const char *hash, void *arg)
{
	struct api_call *call = arg;
	struct proof *proof = call->state;
	(void)hash;
	call->release = NULL;
	api_call_enter(call);
	if (matches) {
		lockout_take_back(call->loop->server->lockout, &proof->keys, clock_us());
		admit_user(call, proof);
	} else {
		lockout_confirm(call->loop->server->lockout, &proof->keys, clock_us());
		refuse(call);
	}
	api_call_leave(call);
}

/* rows: of the user, who need not exist; that takes as long. */
static void check_password(struct api_call *call, struct proof *proof, const struct db_rows *rows)
{
	proof->exists = db_row_count(rows) > 0 && read_row(call, proof, rows);
	const char *hash = proof->exists ? db_get_text(rows, 0, PASSWORD) : NULL;
	call->claimed = proof->exists ? proof->username : NULL;
	if (!may_try(call, proof)) /* others may have failed meanwhile */
		return;
	if (hash && passwords_know(call->loop->server->passwords, proof->secret, hash)) {
		admit_user(call, proof);
		return;
	}
	count_failure(call, proof);
	proof->job = password_check(call->loop, proof->secret, hash, on_checked, call);
	if (proof->job) {
		call->release = forget_job;
		return;
	}
	lockout_take_back(call->loop->server->lockout, &proof->keys, clock_us());
	api_reply_unavailable(call, API_RETRY_SECONDS, "too many passwords are being checked");
}

/* Tokens, which may come as the password of Basic: some tools know nothing else. */

static void on_found(struct api_call *call, const struct db_answer *answer)
{
	struct proof *proof = call->state;
	const struct db_rows *token = answer->results[0];
	if (db_row_count(token) > 0 && read_row(call, proof, token)) {
		const char *name = arena_strdup(call->arena, db_get_text(token, 0, NAME));
		proof->keys.account = 0; /* a token clears nobody of guesses at his password */
		if (proof->is_use_old)
			note_use(call, name, tokens_used);
		admit(call, proof, name);
	} else if (proof->username) {
		check_password(call, proof, answer->results[1]);
	} else if (may_try(call, proof)) {
		count_failure(call, proof);
		refuse(call);
	}
}

static void ask(struct api_call *call, struct proof *proof)
{
	char hash[SHA256_HEX_BYTES];
	struct db_question question = db_question(call->arena);
	sha256_hex(proof->secret, strlen(proof->secret), hash);
	tokens_find(&question, hash);
	if (proof->username)
		users_find(&question, proof->username);
	call->state = proof;
	api_ask(call, &question, on_found);
}

/* A name that no column can hold is nobody's. */
static bool is_name(const char *username)
{
	return *username && db_text_is_storable(username, strlen(username), SIZE_MAX);
}

static bool read_proof(struct api_call *call, struct proof *proof)
{
	struct http_authorization authorization;
	const char *header = http_request_header(call->request, "Authorization");
	proof->secret = http_request_header(call->request, "X-API-Key");
	if (proof->secret)
		return true;
	if (!http_authorization_parse(call->arena, header, &authorization))
		return false;
	if (authorization.scheme != HTTP_AUTH_BASIC) {
		proof->secret = authorization.token;
		return proof->secret;
	}
	proof->secret = authorization.password;
	if (authorization.username && is_name(authorization.username))
		proof->username = authorization.username;
	return proof->secret;
}

/* Nobody has to prove anything on this machine for what is for nobody in particular, or where it was switched off. A
 * proxy speaks for others, and a name that is not ours for whoever owns it. */
static bool needs_no_proof(const struct api_call *call)
{
	const struct config *config = call->loop->server->config;
	const bool is_for_all = call->route && call->route->role == ROLE_NOBODY;
	const bool is_local = address_is_loopback(peer_of(call)) &&
			      !origin_is_forwarded(call->request);
	return (is_for_all && is_local) || !config->admin.auth;
}

void api_caller_read(struct api_call *call, void (*known)(struct api_call *call))
{
	const struct server *server = call->loop->server;
	const char *hosts = server->config->admin.hosts;
	struct proof *proof = ARENA_NEW(call->arena, struct proof);
	*proof = (struct proof){ .known = known };
	if (!origin_is_own(call->request, hosts)) {
		api_problem(call, 403, NULL, "a page of another site may not call this");
		return;
	}
	if (needs_no_proof(call) && origin_host_is_known(call->request, hosts)) {
		call->actor = "anonymous";
		call->role = ROLE_ADMIN;
		known(call);
		return;
	}
	if (!read_proof(call, proof)) {
		api_reply_unauthorized(call,
			"a token is needed: Bearer, X-API-Key, or the password of Basic; or a user and a password");
		return;
	}
	proof->keys = lockout_keys(server->lockout, peer_of(call), proof->username, proof->secret);
	if (may_try(call, proof))
		ask(call, proof);
}
