/* turn_end: the ways a turn can end, and what each means for its session. */
#include <stdio.h>
#include <string.h>

#include "acs/audit.h"
#include "acs/auth.h"
#include "acs/background.h"
#include "acs/crash.h"
#include "acs/log.h"
#include "acs/metrics.h"
#include "acs/server.h"
#include "acs/session_recorder.h"
#include "acs/tally.h"
#include "acs/turn.h"
#include "acs/turn_internal.h"
#include "acs/waiter.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "cwmp/cwmp.h"
#include "db/devices.h"

static void add_header(struct turn *t, const char *name, const char *value)
{
	t->headers[t->response.header_count++] = (struct http_header){ name, value };
}

/* A device that compresses can inflate; small answers are not worth its time. */
static void answer_in_kind(struct turn *t)
{
	const enum http_coding coding = t->request->body_coding;
	if (coding == HTTP_IDENTITY ||
		t->body.length < t->server->config->cwmp.compression_min_bytes)
		return;
	struct buffer compressed = { 0 };
	http_deflate(coding, t->body.data, t->body.length, &compressed);
	buffer_clear(&t->body);
	t->body = compressed;
	add_header(t, "Content-Encoding", http_coding_name(coding));
}

/* What the Inform came in counts for the whole session. */
static void set_namespace(const struct session *s, struct cwmp_message *out)
{
	if (s && s->rpc.id) {
		out->ns = s->rpc.ns;
		out->ns_uri = s->rpc.ns_uri;
	}
}

static void set_envelope(struct turn *t, struct cwmp_message *out)
{
	const enum quirk_declaration declaration = t->session ? t->session->rpc.quirks.declaration
							      : DECLARATION_AS_CONFIGURED;
	const struct cwmp_encode_options options = {
		.without_declaration = declaration == DECLARATION_AS_CONFIGURED
					       ? !t->server->config->cwmp.xml_declaration
					       : declaration == DECLARATION_LEFT_OUT,
	};
	set_namespace(t->session, out);
	const uint64_t begun_us = clock_us();
	cwmp_encode(t->loop->codec, out, &options, &t->body);
	tally_observe(TALLY_ENCODE, clock_us() - begun_us);
	t->response.status = 200;
	t->response.header_count = 0;
	add_header(t, "Content-Type", "text/xml; charset=utf-8");
	answer_in_kind(t);
}

/* One on each line, as the log of sessions keeps them. */
static const char *event_codes(struct arena *arena, const struct cwmp_inform *inform)
{
	enum { CODE_MAX = 64 };
	const size_t count = inform->event_count < CWMP_EVENTS_MAX ? inform->event_count
								   : CWMP_EVENTS_MAX;
	char *codes = arena_alloc(arena, count * (CODE_MAX + 1) + 1), *end = codes;
	*codes = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *code = inform->events[i].code;
		const bool fits = db_text_is_storable(code, strlen(code), CODE_MAX);
		end = stpcpy(end, i ? "\n" : "");
		end = stpcpy(end, fits ? code : "unknown");
	}
	return codes;
}

/* The Inform is committed: now the session can be found, and the device's older one is over. */
static void begin_session(struct turn *t)
{
	struct session *s = t->session;
	session_set_phase(s, SESSION_CPE_TURN);
	s->was_held = s->rpc.is_held;
	s->events = event_codes(s->rpc.arena, &t->in->request.inform);
	if (s->rpc.ns_uri)
		LOG_WARNING("unknown-namespace", LOG_TEXT("device", s->rpc.id),
			LOG_TEXT("session", s->name), LOG_TEXT("uri", s->rpc.ns_uri));
	struct session *older = session_list(s);
	if (older)
		turn_session_lost(t->loop, older, TALLY_SESSION_SUPERSEDED);
	waiters_session_begun(t->server->waiters, s->rpc.device_id);
	overload_served(&t->loop->overload);
	pace_note(t->server->paces, s->rpc.device_id, t->begun_us,
		inform_is_boot(&t->in->request.inform));
	tally_session_begun();
	add_header(t, "Set-Cookie",
		arena_printf(t->arena, SESSION_COOKIE_NAME "=%s; Path=/; HttpOnly%s", s->cookie,
			s->is_tls ? "; Secure" : ""));
}

static void end_session(struct turn *t)
{
	struct session *s = t->session;
	if (s->phase == SESSION_ENDED)
		return;
	session_set_phase(s, SESSION_ENDED);
	session_recorder_add(t->loop->recorder, s, tally_session_word(TALLY_SESSION_ENDED));
	tally_session_over(TALLY_SESSION_ENDED);
	if (s->rpc.requests >= t->server->config->tasks.per_session)
		tally_limit(LIMIT_TASKS_OF_SESSION);
	LOG_INFO("session-ended", LOG_TEXT("device", s->rpc.id), LOG_TEXT("session", s->name),
		LOG_NUMBER("turns", s->turns), LOG_NUMBER("requests", s->rpc.requests),
		LOG_NUMBER("bytes_in", s->bytes_in), LOG_NUMBER("bytes_out", s->bytes_out),
		LOG_NUMBER("seconds", t->clock - s->opened));
}

/* A quirk: the device sends nothing more after this answer. */
static bool is_last_answer(const struct turn *t)
{
	return t->session->rpc.quirks.close_after_transfer_complete &&
	       t->rpc.out.kind == CWMP_RESPONSE && t->rpc.out.method == CWMP_TRANSFER_COMPLETE;
}

/* Tasks that came meanwhile wait for the next session. */
static void close_after_answer(struct turn *t)
{
	t->response.close = true;
	while (!session_close(t->session))
		session_take_wake(t->session);
	end_session(t);
}

static void await_answer(struct turn *t)
{
	const enum cwmp_method method = t->rpc.out.method;
	session_set_phase(t->session, SESSION_AWAITING);
	if (method == CWMP_REBOOT || method == CWMP_FACTORY_RESET)
		pace_expect(t->server->paces, t->session->rpc.device_id, clock_us());
}

enum turn_next turn_send(struct turn *t)
{
	struct session *s = t->session;
	set_envelope(t, &t->rpc.out);
	if (s->phase == SESSION_OPENING && t->rpc.out.kind == CWMP_RESPONSE)
		begin_session(t);
	else if (t->rpc.out.kind == CWMP_REQUEST)
		await_answer(t);
	else if (is_last_answer(t))
		close_after_answer(t);
	return TURN_REPLY;
}

enum turn_next turn_end(struct turn *t, const char *outcome)
{
	t->outcome = outcome;
	t->response.status = 204;
	end_session(t);
	return TURN_REPLY;
}

static void set_text(struct turn *t, unsigned status, const char *text)
{
	t->response.status = status;
	t->response.header_count = 0;
	add_header(t, "Content-Type", "text/plain; charset=utf-8");
	buffer_reset(&t->body);
	buffer_printf(&t->body, "%s\n", text);
}

static void end_without_answer(struct turn *t, enum tally_session how)
{
	if (t->session->phase == SESSION_OPENING || t->session->phase == SESSION_ENDED)
		session_free(t->session);
	else
		turn_session_lost(t->loop, t->session, how);
	t->session = NULL;
}

void turn_drop_session(struct turn *t)
{
	end_without_answer(t, TALLY_SESSION_BROKEN_OFF);
}

enum turn_next turn_refuse(struct turn *t, unsigned status, const char *why)
{
	t->outcome = "refused";
	t->why = why;
	set_text(t, status, why);
	t->response.close = true;
	if (t->session)
		turn_drop_session(t);
	return TURN_REPLY;
}

/* TR-069 3.4.5; the only two statuses that CPEs must follow are 302 and 307. */
enum turn_next turn_redirect(struct turn *t)
{
	t->outcome = "redirected";
	set_text(t, 307, "this device is served elsewhere");
	add_header(t, "Location", t->server->config->cwmp.redirect_url);
	return TURN_REPLY;
}

enum turn_next turn_fault(struct turn *t, unsigned code, const char *why)
{
	struct cwmp_message fault;
	t->outcome = arena_printf(t->arena, "fault %u", code);
	t->why = why;
	tally_fault(code);
	if (t->session)
		t->session->faults++;
	cwmp_make_fault(&fault, t->in, code, NULL);
	set_envelope(t, &fault);
	return TURN_REPLY;
}

/* SOAP 1.1 section 4.2.3: a header that must be understood and is not. It has no detail of CWMP. */
enum turn_next turn_fault_must_understand(struct turn *t, const char *why)
{
	struct cwmp_message fault;
	t->outcome = "fault MustUnderstand";
	t->why = why;
	cwmp_make_fault(&fault, t->in, 8003, why);
	fault.fault.fault_code = "MustUnderstand";
	fault.fault.has_detail = false;
	set_envelope(t, &fault);
	return TURN_REPLY;
}

static void add_challenges(struct turn *t, enum config_auth scheme, bool is_stale)
{
	struct http_header challenges[2];
	const size_t count =
		auth_challenges(t->arena, t->server, scheme, is_stale, t->now, challenges);
	for (size_t i = 0; i < count; i++)
		add_header(t, challenges[i].name, challenges[i].value);
}

enum turn_next turn_challenge(struct turn *t, enum auth_result result)
{
	static const char *const outcomes[] = { [AUTH_CHALLENGE] = "challenged",
		[AUTH_STALE] = "stale nonce",
		[AUTH_REPEATED] = "repeated answer",
		[AUTH_REFUSED] = "bad credentials" };
	const unsigned schemes = t->session ? 1u << turn_auth_scheme(t)
					    : request_auth_schemes(t->server, t->request);
	set_text(t, 401, "authentication is required");
	t->outcome = outcomes[result];
	if (schemes >> AUTH_DIGEST & 1)
		add_challenges(t, AUTH_DIGEST, result == AUTH_STALE || result == AUTH_REPEATED);
	if (schemes >> AUTH_BASIC & 1)
		add_challenges(t, AUTH_BASIC, false);
	return TURN_REPLY;
}

enum turn_next turn_unavailable(struct turn *t, const char *why)
{
	set_text(t, 503, why);
	add_header(t, "Retry-After", arena_printf(t->arena, "%u", loop_retry_after(t->loop)));
	t->outcome = "unavailable";
	t->why = why;
	return TURN_REPLY;
}

enum turn_next turn_slow_down(struct turn *t, const struct pace_verdict *verdict)
{
	const char *seconds = arena_printf(t->arena, "%u", verdict->seconds);
	set_text(t, 503, "this device comes too often");
	add_header(t, "Retry-After", seconds);
	t->outcome = "slowed";
	t->is_quiet = true;
	t->response.close = true;
	tally_limit(verdict->limit);
	if (verdict->is_news)
		LOG_WARNING("device-slowed", LOG_TEXT("device", t->session->rpc.id),
			LOG_TEXT("limit", tally_limit_word(verdict->limit)),
			LOG_TEXT("retry_after", seconds));
	return TURN_REPLY;
}

/* Trouble that passes: time-out, deadlock, resources, a server that shuts down. */
static bool may_pass(const struct db_answer *answer)
{
	static const char *const classes[] = { "40", "53", "57", "55", "08" };
	if (answer->outcome == DB_UNAVAILABLE)
		return true;
	for (size_t i = 0; i < LENGTH_OF(classes); i++)
		if (strncmp(answer->sqlstate, classes[i], 2) == 0)
			return true;
	return false;
}

static enum turn_next refuse_superseded(struct turn *t)
{
	end_without_answer(t, TALLY_SESSION_SUPERSEDED);
	return turn_refuse(t, 400, "a newer session of this device has begun");
}

static enum turn_next refuse_device(struct turn *t)
{
	static const char why[] = "the device is not admitted";
	audit_refused_device(t->loop, t->request, "inform", t->session->rpc.id, why);
	return turn_refuse(t, 403, why);
}

/* What is wrong inside is for the log: whoever asks has proved nothing yet. */
static enum turn_next database_unavailable(struct turn *t, const char *why)
{
	const enum turn_next next = turn_unavailable(t, "try again later");
	t->why = why;
	return next;
}

/* Law: without the database an Inform gets 503, other requests 8005; never a 200 that says it went well. */
enum turn_next turn_database_failed(struct turn *t, const struct db_answer *answer)
{
	const char *why = arena_strdup(t->arena, answer->text);
	const bool passes = may_pass(answer), is_request = t->in && t->in->kind == CWMP_REQUEST;
	const bool is_inform = is_request && t->in->method == CWMP_INFORM;
	if (strcmp(answer->sqlstate, DEVICES_SUPERSEDED) == 0)
		return refuse_superseded(t);
	if (is_inform && passes)
		return database_unavailable(t, why);
	if (is_inform && strcmp(answer->sqlstate, DEVICES_NOT_ADMITTED) == 0)
		return refuse_device(t);
	if (is_inform && strcmp(answer->sqlstate, DEVICES_COLLISION) == 0)
		return turn_fault(t, 8001, "its device id collides with another device's");
	if (is_request)
		return turn_fault(t, passes ? 8005 : 8002, why);
	turn_drop_session(t);
	return database_unavailable(t, why);
}

static enum log_level level_of(const struct turn *t, unsigned status)
{
	if (t->is_quiet)
		return LOG_LEVEL_DEBUG;
	return status == 400 || status == 503 || t->why ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
}

static void log_turn(const struct turn *t, unsigned status)
{
	const struct session *s = t->session;
	const enum log_level level = level_of(t, status);
	LOG_AT(level, "turn", LOG_TEXT("device", s ? s->rpc.id : ""),
		LOG_TEXT("session", s ? s->name : ""), LOG_TEXT("method", turn_method(t)),
		LOG_TEXT("task", s ? rpc_task_name(s->rpc.task) : ""), LOG_NUMBER("status", status),
		LOG_TEXT("outcome", t->outcome), LOG_NUMBER("bytes_in", t->request->body_length),
		LOG_NUMBER("bytes_out", t->body.length), LOG_NUMBER("us", clock_us() - t->begun_us),
		LOG_TEXT("repairs", cwmp_repairs_text(t->arena, t->message.repairs)),
		LOG_NUMBER("dropped", t->rpc.dropped), LOG_TEXT("why", t->why));
}

static void count_repairs(unsigned repairs)
{
	for (unsigned i = 0; i < CWMP_REPAIR_COUNT; i++) {
		if (repairs & 1u << i)
			metrics_add(METRIC_REPAIRS, cwmp_repair_name((enum cwmp_repair)i), NULL, 1);
	}
}

static void count_turn(const struct turn *t, unsigned status)
{
	tally_turn(t->in ? t->in->method : CWMP_METHOD_COUNT, status);
	tally_observe(TALLY_TURN, clock_us() - t->begun_us);
	count_repairs(t->message.repairs);
}

void turn_over(const struct turn *t, unsigned status)
{
	log_turn(t, status);
	count_turn(t, status);
}

/* While it is in a session, a device that has proved who it is does not make room for newcomers. */
static bool is_in_session(const struct turn *t)
{
	const struct session *s = t->session;
	return s && t->response.status == 200 &&
	       (s->phase == SESSION_CPE_TURN || s->phase == SESSION_AWAITING);
}

/* The session goes back before the bytes leave: the device's next request may be faster than we are. */
void turn_reply(struct turn *t)
{
	t->response.headers = t->headers;
	t->response.body = t->body.data;
	t->response.body_length = t->body.length;
	turn_over(t, t->response.status);
	crash_point("reply", turn_method(t));
	http_request_keep(t->request, is_in_session(t));
	if (t->session) {
		t->session->bytes_out += t->body.length;
		turn_leave_session(t);
	}
	http_reply(t->request, &t->response);
	turn_free(t);
}

void turn_session_lost(struct loop *loop, struct session *session, enum tally_session how)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	tally_session_over(how);
	LOG_WARNING("session-lost", LOG_TEXT("device", session->rpc.id),
		LOG_TEXT("session", session->name), LOG_TEXT("why", tally_session_word(how)),
		LOG_TEXT("phase", session_phase_name(session->phase)),
		LOG_TEXT("task", rpc_task_name(session->rpc.task)),
		LOG_NUMBER("turns", session->turns));
	session_recorder_add(loop->recorder, session, tally_session_word(how));
	if (rpc_task_lost(&session->rpc, &question))
		background_ask(loop, arena, &question, "session-lost", NULL);
	else
		arena_free(arena);
	session_free(session);
}

void turn_leave_session(struct turn *t)
{
	if (!session_check_in(t->session, t->clock))
		turn_session_lost(t->loop, t->session, TALLY_SESSION_SUPERSEDED);
	t->session = NULL;
}

void turn_expire_sessions(struct loop *loop)
{
	struct session *session;
	while ((session = sessions_next_expired(loop->server->sessions, clock_seconds(),
			loop->server->config->cwmp.session_seconds)) != NULL)
		turn_session_lost(loop, session, TALLY_SESSION_TIMEOUT);
}
