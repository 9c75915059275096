/* turn_authenticate: the steps of a turn in which a device proves who it is.
 * An Inform proves it once for the session; what comes over another connection proves it anew. */
#include <string.h>

#include "acs/audit.h"
#include "acs/auth.h"
#include "acs/certificate.h"
#include "acs/inform_cache.h"
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
	const enum auth_result result = auth_screen(t->server,
		request_auth_scheme(t->server->config, t->request), t->request, t->now,
		&t->authorization);
	t->step = turn_decode;
	return result == AUTH_ACCEPTED ? TURN_GO : turn_challenge(t, result);
}

bool turn_is_proven(const struct turn *t)
{
	return t->session->proven_connection_id == t->request->connection_id ||
	       request_auth_scheme(t->server->config, t->request) == AUTH_NONE;
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

static void set_credential(struct session *s, const struct auth_credential *credential)
{
	s->credential = credential;
	s->rpc.credential = credential->ha1_md5;
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
	if (request_auth_scheme(config, t->request) == AUTH_NONE)
		return TURN_GO;
	t->is_recalled = credential && !*config->cwmp.redirect_url &&
			 auth_matches(t->arena, credential, &t->authorization, t->request->method);
	tally_cache(CACHE_CREDENTIAL, t->is_recalled);
	if (t->is_recalled)
		set_credential(s, credential);
	else
		t->step = turn_ask_credential;
	return TURN_GO;
}

enum turn_next turn_ask_credential(struct turn *t)
{
	t->step = turn_authenticate;
	return turn_wait_for_batch(t, t->loop->credentials, &t->credential_entry);
}

/* Also when what this node remembered was not true any more: the Inform begins anew with what is stored. */
static enum turn_next turn_authenticate(struct turn *t)
{
	struct session *s = t->session;
	struct auth_credential *credential = ARENA_NEW(s->rpc.arena, struct auth_credential);
	if (!auth_answer_read(s->rpc.arena, t->db_answer, t->db_row, credential, &s->rpc) ||
		!auth_matches(t->arena, credential, &t->authorization, t->request->method))
		return turn_challenge(t, AUTH_REFUSED);
	set_credential(s, credential);
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

/* An old nonce is no reason to ask again within a session. */
static enum auth_result check_credential(struct turn *t)
{
	const struct session *s = t->session;
	const enum config_auth scheme = request_auth_scheme(t->server->config, t->request);
	if (scheme == AUTH_NONE)
		return AUTH_ACCEPTED;
	const enum auth_result result = auth_screen(
		t->server, scheme, t->request, t->now, &t->authorization);
	if (result != AUTH_ACCEPTED && result != AUTH_STALE)
		return result;
	const bool matches = s->credential && auth_matches(t->arena, s->credential,
						      &t->authorization, t->request->method);
	return matches ? AUTH_ACCEPTED : AUTH_REFUSED;
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
