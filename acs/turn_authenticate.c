/* turn_authenticate: the steps of a turn in which a device proves who it is.
 * An Inform proves it once for the session; what comes over another connection proves it anew. */
#include <string.h>

#include "acs/audit.h"
#include "acs/auth.h"
#include "acs/certificate.h"
#include "acs/device_classes.h"
#include "acs/inform_cache.h"
#include "acs/replay.h"
#include "acs/server.h"
#include "acs/tally.h"
#include "acs/turn_internal.h"

static enum turn_next turn_authenticate(struct turn *t);
static enum turn_next turn_welcome(struct turn *t);

/* Outside a session nothing is parsed for those who cannot be right. An empty request may be the
 * first half of a digest exchange, so it is challenged too. */
enum turn_next turn_screen(struct turn *t)
{
	t->is_screened = true;
	const enum auth_result result = auth_screen_any(t->server,
		request_auth_schemes(t->server, t->request), t->request, t->now, &t->authorization);
	t->step = turn_decode;
	return result == AUTH_ACCEPTED ? TURN_GO : turn_challenge(t, result);
}

bool turn_is_proven(const struct turn *t)
{
	return t->session->proven_connection_id == t->request->connection_id ||
	       turn_auth_scheme(t) == AUTH_NONE;
}

/* An Inform on the connection of an older session was not screened on its way here. */
bool turn_passes_screen(struct turn *t, enum turn_next *next)
{
	if (t->session)
		turn_leave_session(t);
	if (t->is_screened)
		return true;
	*next = turn_screen(t);
	return *next == TURN_GO;
}

/* What would do for other devices may not do for this one. */
bool turn_passes_own_screen(struct turn *t, enum turn_next *next)
{
	const enum config_auth scheme = turn_auth_scheme(t);
	if (request_auth_schemes(t->server, t->request) == 1u << scheme)
		return true;
	const enum auth_result result = auth_screen(
		t->server, scheme, t->request, t->now, &t->authorization);
	if (result != AUTH_ACCEPTED)
		*next = turn_challenge(t, result);
	return result == AUTH_ACCEPTED;
}

static void set_credential(
	struct session *s, const struct auth_credential *credential, enum rpc_proof proof)
{
	s->credential = credential;
	s->rpc.credential = credential->ha1_md5;
	s->rpc.proof = proof;
}

/* An answer that was right counts, once: whoever gives it again may have overheard it. */
static bool is_first_use(struct turn *t)
{
	if (t->is_counted || t->authorization.scheme != HTTP_AUTH_DIGEST ||
		!t->session->class.counts_nonces)
		return true;
	t->is_counted = true;
	return replay_count(t->server->replays, &t->authorization);
}

static bool matches(struct turn *t, const struct auth_credential *credential)
{
	return auth_matches(t->arena, credential, &t->authorization, t->request->method);
}

static bool finds_shared(struct turn *t, struct auth_credential *out)
{
	const struct session *s = t->session;
	return device_classes_find_shared(t->server->device_classes, &s->device, &t->authorization,
		t->request->method, s->rpc.arena, out);
}

/* Whether a shared credential still is one, this node knows by itself. */
static bool is_right(struct turn *t, const struct auth_credential *remembered)
{
	struct auth_credential ignored;
	return remembered->is_shared ? finds_shared(t, &ignored) : matches(t, remembered);
}

/* What this node remembers of the device spares a question, but it is not to be relied on before the touch
 * has hit: who is refused, sent elsewhere or asked in full is so by what the database says. */
enum turn_next turn_recall(struct turn *t)
{
	struct session *s = t->session;
	const struct config *config = t->server->config;
	const struct auth_credential *credential;
	inform_cache_find(
		t->server->informs, s->rpc.device_id, s->rpc.arena, &s->rpc.known, &credential);
	t->step = turn_welcome;
	if (turn_auth_scheme(t) == AUTH_NONE)
		return TURN_GO;
	t->is_recalled = credential && !*config->cwmp.redirect_url && is_right(t, credential);
	tally_cache(CACHE_CREDENTIAL, t->is_recalled);
	if (!t->is_recalled) {
		t->step = turn_ask_credential;
		return TURN_GO;
	}
	if (!is_first_use(t))
		return turn_challenge(t, AUTH_REPEATED);
	set_credential(s, credential, credential->is_shared ? PROOF_SHARED : PROOF_OWN);
	return TURN_GO;
}

enum turn_next turn_ask_credential(struct turn *t)
{
	t->step = turn_authenticate;
	return turn_wait_for_batch(t, t->loop->credentials, &t->credential_entry);
}

/* By its own pair, by the one that it was given lately, or by what it shares with others as long as it has no own. */
static bool has_proof(struct turn *t, struct auth_stored *stored)
{
	struct session *s = t->session;
	struct auth_credential *shared = ARENA_NEW(s->rpc.arena, struct auth_credential);
	if (matches(t, &stored->own))
		set_credential(s, &stored->own, PROOF_OWN);
	else if (matches(t, &stored->next))
		set_credential(s, &stored->next, PROOF_NEXT);
	else if ((!stored->own.username || stored->is_reopened) && finds_shared(t, shared))
		set_credential(s, shared, PROOF_SHARED);
	else
		return false;
	return true;
}

static const char *why_refused(struct turn *t, const struct auth_stored *stored)
{
	struct auth_credential ignored;
	if (stored->own.username && finds_shared(t, &ignored))
		return "a shared credential, of a device that has its own";
	return "its credentials are wrong";
}

/* Also when what this node remembered was not true any more: the Inform begins anew with what is stored. */
static enum turn_next turn_authenticate(struct turn *t)
{
	struct session *s = t->session;
	struct auth_stored *stored = ARENA_NEW(s->rpc.arena, struct auth_stored);
	auth_answer_read(s->rpc.arena, t->db_answer, t->db_row, stored, &s->rpc);
	if (!has_proof(t, stored)) {
		audit_refused_device(
			t->loop, t->request, "inform", s->rpc.id, why_refused(t, stored));
		return turn_challenge(t, AUTH_REFUSED);
	}
	if (!is_first_use(t))
		return turn_challenge(t, AUTH_REPEATED);
	t->is_recalled = false;
	t->step = turn_welcome;
	return TURN_GO;
}

/* TR-069 3.4.5: another ACS is told to a device that has proved who it is, and to no other. */
static enum turn_next turn_welcome(struct turn *t)
{
	if (*t->server->config->cwmp.redirect_url)
		return turn_redirect(t);
	t->step = turn_begin;
	return TURN_GO;
}

/* An old nonce is no reason to ask again within a session; nor is an answer given before, on a connection that has
 * proved itself: some devices never count. */
static enum auth_result check_credential(struct turn *t)
{
	const struct session *s = t->session;
	const enum config_auth scheme = turn_auth_scheme(t);
	if (scheme == AUTH_NONE)
		return AUTH_ACCEPTED;
	const enum auth_result result = auth_screen(
		t->server, scheme, t->request, t->now, &t->authorization);
	if (result != AUTH_ACCEPTED && result != AUTH_STALE)
		return result;
	if (!(s->credential && matches(t, s->credential)) && !matches(t, &s->rpc.next))
		return AUTH_REFUSED;
	const bool is_first = is_first_use(t);
	return is_first || turn_is_proven(t) ? AUTH_ACCEPTED : AUTH_REPEATED;
}

/* A connection of its own kind, with its own certificate: nobody else's is the device's, whoever has its cookie. */
const char *turn_foreign_connection(const struct turn *t)
{
	const struct session *s = t->session;
	if (s->is_tls && !t->request->is_tls)
		return "the session was begun under TLS";
	if (!certificate_admits(t->server->config, t->request, &s->device))
		return "the client certificate is another device's";
	return NULL;
}

/* Who continues a session over a connection that has proved nothing proves itself now, and what is
 * said to prove it has to be true on any. Whatever comes of it, the session stays as it is. */
enum turn_next turn_verify(struct turn *t)
{
	struct session *s = t->session;
	t->step = turn_check_order;
	const char *why = turn_foreign_connection(t);
	if (why) {
		audit_refused_device(t->loop, t->request, "session", s->rpc.id, why);
		turn_leave_session(t);
		return turn_refuse(t, 403, why);
	}
	if (turn_is_proven(t) && !http_request_header(t->request, "Authorization"))
		return TURN_GO;
	const enum auth_result result = check_credential(t);
	if (result != AUTH_ACCEPTED)
		return turn_challenge(t, result);
	session_prove(s, t->request->connection_id);
	return TURN_GO;
}
