/* turn: one HTTP request and its answer inside a CWMP session.
 * Steps stand in the order in which they run; read the file downwards. */
#include "acs/turn.h"

#include <string.h>

#include "acs/audit.h"
#include "acs/crash.h"
#include "acs/inform_cache.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/tally.h"
#include "acs/turn_internal.h"
#include "acs/worker.h"
#include "base/clock.h"
#include "cwmp/cwmp.h"
#include "db/devices.h"
#include "db/inform_touch.h"

/* Larger envelopes are read, and sorted for the database, by a worker: they would hold the loop up for
 * milliseconds. */
enum { LARGE_BODY = 256 * 1024 };

static enum turn_next turn_identify(struct turn *t);
static enum turn_next turn_decoded(struct turn *t);
static enum turn_next turn_admit(struct turn *t);
static enum turn_next turn_open_session(struct turn *t);
static enum turn_next turn_begun(struct turn *t);
static enum turn_next turn_touch(struct turn *t);
static enum turn_next turn_touched(struct turn *t);
static enum turn_next turn_ask(struct turn *t);
static enum turn_next turn_answer(struct turn *t);
static enum turn_next turn_conclude(struct turn *t, enum rpc_next next);

static void turn_run(struct turn *t)
{
	enum turn_next next;
	while ((next = t->step(t)) == TURN_GO)
		;
	if (next == TURN_REPLY)
		turn_reply(t);
}

static void turn_abandon(struct turn *t)
{
	if (t->session)
		turn_drop_session(t);
	turn_free(t);
}

/* The peer hung up. What was asked may still commit: the device's next Inform settles it. */
static void turn_gone(struct http_request *request)
{
	struct turn *t = request->user;
	t->outcome = "peer gone";
	turn_over(t, 0);
	t->is_gone = true;
	if (!t->is_with_worker)
		turn_abandon(t);
}

/* Back from the worker; the peer may have hung up meanwhile. */
static void turn_back(void *arg)
{
	struct turn *t = arg;
	t->is_with_worker = false;
	if (t->is_gone)
		turn_abandon(t);
	else
		turn_run(t);
}

/* The step that t->step names runs on the loop once the work is done. */
static enum turn_next turn_work(struct turn *t, worker_fn *work)
{
	t->is_with_worker = true;
	worker_run(t->server->workers, t->loop, work, turn_back, t);
	return TURN_WAIT;
}

void turn_on_request(struct http_request *request, void *arg)
{
	struct turn *t = turn_new(arg, request);
	request->user = t;
	request->on_gone = turn_gone;
	t->step = turn_identify;
	turn_run(t);
}

static void turn_count(struct turn *t)
{
	t->session->turns++;
	t->session->bytes_in += t->request->body_length;
}

/* By cookie; for devices that return none, by connection. */
static enum turn_next turn_identify(struct turn *t)
{
	const char *cookie = request_cookie(t->request);
	switch (session_find(
		t->server->sessions, cookie, t->request->connection_id, t->clock, &t->session)) {
	case SESSION_BUSY:
		return turn_refuse(t, 400, "another request of this session is being worked on");
	case SESSION_FOUND:
		turn_count(t);
		t->step = turn_decode;
		return TURN_GO;
	default:
		t->step = turn_screen;
		return TURN_GO;
	}
}

static bool is_blank(const struct http_request *request)
{
	return strspn(request->body, " \t\r\n") == request->body_length;
}

static void decode(struct cwmp_codec *codec, void *arg)
{
	struct turn *t = arg;
	const uint64_t begun_us = clock_us();
	t->decoded = cwmp_decode(codec, t->arena, t->envelope, t->envelope_length, t->charset,
		&t->message, &t->decode_why);
	tally_observe(TALLY_DECODE, clock_us() - begun_us);
}

enum turn_next turn_decode(struct turn *t)
{
	const struct http_request *request = t->request;
	t->step = turn_decoded;
	if (is_blank(request)) {
		t->step = turn_admit;
		return TURN_GO;
	}
	t->envelope = request->body;
	t->envelope_length = request->body_length;
	t->charset = http_charset(t->arena, http_request_header(request, "Content-Type"));
	if (request->body_length <= LARGE_BODY) {
		decode(t->loop->codec, t);
		return TURN_GO;
	}
	if (workers_queued(t->server->workers) >= t->server->config->server.worker_jobs) {
		tally_limit(LIMIT_WORKER_JOBS);
		return turn_unavailable(t, "too many large envelopes wait to be read");
	}
	/* The request may die while the worker reads, hence the copy. */
	t->envelope = arena_memdup(t->arena, request->body, request->body_length);
	return turn_work(t, decode);
}

static void count_limit(enum cwmp_limit limit)
{
	static const enum tally_limit limits[] = {
		[CWMP_LIMIT_DEPTH] = LIMIT_XML_DEPTH,
		[CWMP_LIMIT_TEXT] = LIMIT_XML_TEXT,
		[CWMP_LIMIT_ITEMS] = LIMIT_XML_ITEMS,
		[CWMP_LIMIT_CPU] = LIMIT_PARSE,
	};
	if (limit != CWMP_WITHIN_LIMITS)
		tally_limit(limits[limit]);
}

static enum turn_next turn_decoded(struct turn *t)
{
	t->step = turn_admit;
	count_limit(t->message.limit);
	/* Nonsense of somebody who has proved nothing does not cost the device its session. */
	if (t->decoded != CWMP_DECODED && t->session && !turn_is_proven(t))
		turn_leave_session(t);
	t->in = t->decoded == CWMP_MALFORMED ? NULL : &t->message;
	switch (t->decoded) {
	case CWMP_DECODED:
		return TURN_GO;
	case CWMP_INVALID_ARGUMENTS:
		if (t->message.kind == CWMP_REQUEST)
			return turn_fault(
				t, rpc_takes(t->message.method) ? 8003 : 8000, t->decode_why);
		return turn_refuse(t, 400, t->decode_why);
	case CWMP_NOT_UNDERSTOOD:
		return turn_fault_must_understand(t, t->decode_why);
	default:
		return turn_refuse(t, 400, t->decode_why);
	}
}

static bool is_inform(const struct turn *t)
{
	return t->in && t->in->kind == CWMP_REQUEST && t->in->method == CWMP_INFORM;
}

static bool answers_ours(const struct turn *t)
{
	const struct rpc_session *s = &t->session->rpc;
	if (!t->in || t->in->kind == CWMP_REQUEST)
		return false;
	/* Some devices leave the ID out or empty; a wrong one is another matter. */
	return !t->in->id || !*t->in->id || s->quirks.response_id == RESPONSE_ID_IGNORED ||
	       strcmp(t->in->id, rpc_task_request_id(s->task)) == 0;
}

/* A device that returns no cookie and closes its connections is known by address and user name; its
 * digest is checked before anything comes of it. */
static bool find_by_client(struct turn *t)
{
	const char *username = t->authorization.username;
	if (!username || request_cookie(t->request))
		return false;
	const char *address = http_peer_address(t->arena, t->request);
	if (session_find_by_client(t->server->sessions, address, username, t->clock, &t->session) !=
		SESSION_FOUND)
		return false;
	turn_count(t);
	return true;
}

/* After the last 204 a device may have requests left that HoldRequests kept back. */
static bool may_still_ask(const struct turn *t)
{
	return t->session->was_held && t->in && t->in->kind == CWMP_REQUEST;
}

/* Which session does this message belong to, if it does not begin one? */
static enum turn_next turn_admit(struct turn *t)
{
	if (is_inform(t)) {
		t->step = turn_open_session;
		return TURN_GO;
	}
	if (!t->session && !find_by_client(t))
		return turn_refuse(t, 400, "a session begins with an Inform");
	struct session *s = t->session;
	t->step = turn_verify;
	if (s->phase == SESSION_ENDED && !may_still_ask(t))
		return t->in ? turn_refuse(t, 400, "the session has ended") : turn_end(t, "late");
	return TURN_GO;
}

/* What we asked the device for, or sent it, brings it back at once. */
static struct pace_verdict check_pace(const struct turn *t)
{
	const struct cwmp_inform *inform = &t->in->request.inform;
	if (inform_is_ours(inform))
		return (struct pace_verdict){ 0 };
	return pace_check(
		t->server->paces, t->session->rpc.device_id, t->begun_us, inform_is_boot(inform));
}

static enum turn_next turn_open_session(struct turn *t)
{
	const char *why;
	enum turn_next next;
	if (!turn_passes_screen(t, &next))
		return next;
	if (t->server->is_stopping)
		return turn_unavailable(t, "the server is stopping");
	if (sessions_are_full(t->server->sessions)) {
		tally_limit(LIMIT_SESSIONS);
		return turn_unavailable(t, "too many sessions are open");
	}
	if (!turn_make_session(t, &why))
		return turn_fault(t, 8003, why);
	why = turn_foreign_connection(t);
	if (why) {
		audit_refused_device(t->loop, t->request, "inform", t->session->rpc.id, why);
		return turn_refuse(t, 403, why);
	}
	if (!turn_passes_own_screen(t, &next))
		return next;
	const struct pace_verdict verdict = check_pace(t);
	if (verdict.seconds)
		return turn_slow_down(t, &verdict);
	t->step = turn_recall;
	return TURN_GO;
}

static void turn_waits(struct turn *t)
{
	t->asked_us = clock_us();
	t->is_waiting = true;
	overload_asked(&t->loop->overload);
}

static void turn_waited(struct turn *t)
{
	const uint64_t now_us = clock_us(), waited_us = now_us - t->asked_us;
	t->is_waiting = false;
	overload_answered(&t->loop->overload, now_us, waited_us);
	tally_observe(TALLY_DATABASE, waited_us);
}

/* Database answers continue the turn where it waits; what they could not do ends it. */
static void turn_answered(const struct db_answer *answer, void *arg)
{
	struct turn *t = arg;
	turn_waited(t);
	if (answer->outcome == DB_OK) {
		t->db_answer = answer;
		turn_run(t);
		return;
	}
	t->step = NULL;
	turn_database_failed(t, answer);
	turn_reply(t);
}

static enum turn_next turn_wait_for(struct turn *t, const struct db_question *question)
{
	turn_waits(t);
	db_ask(t->loop->db, question, &t->wait, turn_answered, t);
	return TURN_WAIT;
}

static void turn_batch_answered(const struct db_answer *answer, int row, void *arg)
{
	struct turn *t = arg;
	t->db_row = row;
	turn_answered(answer, t);
}

enum turn_next turn_wait_for_batch(struct turn *t, struct batch *batch, struct batch_entry *entry)
{
	turn_waits(t);
	batch_add(batch, entry, t->session->rpc.device_id, turn_batch_answered, t);
	if (inform_is_called(&t->in->request.inform))
		batch_hurry(batch); /* somebody waits for it */
	return TURN_WAIT;
}

/* Does this message belong here, in this phase? (TR-069 3.7.1.3 to 3.7.2.4) */
enum turn_next turn_check_order(struct turn *t)
{
	const struct session *s = t->session;
	t->step = turn_begin;
	if (s->phase == SESSION_AWAITING && !answers_ours(t))
		return turn_refuse(t, 400, "the answer to our request was expected");
	if (s->phase == SESSION_CPE_TURN && t->in && t->in->kind != CWMP_REQUEST)
		return turn_refuse(t, 400, "an answer came to nothing that was asked");
	return TURN_GO;
}

static void begin(struct cwmp_codec *codec, void *arg)
{
	struct turn *t = arg;
	(void)codec;
	t->next = rpc_begin(&t->rpc);
}

/* From here on the method decides: rpc_begin() has its question asked, rpc_continue() reads the answer. */
enum turn_next turn_begin(struct turn *t)
{
	session_take_wake(t->session);
	t->session->faults += t->in && t->in->kind == CWMP_FAULT;
	t->rpc = (struct rpc_turn){
		.arena = t->arena,
		.session = &t->session->rpc,
		.settings = &t->server->rpc,
		.now = t->now,
		.in = t->in,
	};
	t->step = turn_begun;
	if (t->in && t->envelope_length > LARGE_BODY)
		return turn_work(t, begin); /* sorting what it tells takes as long as reading it */
	begin(t->loop->codec, t);
	return TURN_GO;
}

static enum turn_next turn_begun(struct turn *t)
{
	return turn_conclude(t, t->next);
}

static enum turn_next turn_touch(struct turn *t)
{
	t->step = turn_touched;
	crash_point("asking", turn_method(t));
	return turn_wait_for_batch(t, t->loop->touches, &t->rpc.touch->entry);
}

/* A hit proves what the node remembered, the credential too. */
static enum turn_next turn_touched(struct turn *t)
{
	struct device_session session;
	const bool has_hit = inform_touch_read(t->db_answer, t->db_row, &session);
	crash_point("committed", turn_method(t));
	tally_cache(CACHE_INFORM, has_hit);
	if (has_hit)
		t->is_recalled = false;
	return turn_conclude(t, rpc_touched(&t->rpc, has_hit ? &session : NULL));
}

static enum turn_next turn_ask(struct turn *t)
{
	t->step = turn_answer;
	crash_point("asking", turn_method(t));
	return turn_wait_for(t, &t->rpc.question);
}

static enum turn_next turn_answer(struct turn *t)
{
	crash_point("committed", turn_method(t));
	rpc_each_settled(&t->rpc, t->db_answer, server_task_settled, t->loop);
	return turn_conclude(t, rpc_continue(&t->rpc, t->db_answer));
}

static void remember(const struct turn *t)
{
	const struct session *s = t->session;
	if (t->rpc.learned)
		inform_cache_put(
			t->server->informs, s->rpc.device_id, t->rpc.learned, s->credential);
}

static enum turn_next turn_conclude(struct turn *t, enum rpc_next next)
{
	t->outcome = t->rpc.outcome;
	switch (next) {
	case RPC_TOUCH:
		t->step = turn_touch;
		return TURN_GO;
	case RPC_ASK:
		t->step = t->is_recalled ? turn_ask_credential : turn_ask;
		return TURN_GO;
	case RPC_REPLY:
		remember(t);
		return turn_send(t);
	case RPC_END:
		if (session_close(t->session))
			return turn_end(t, t->rpc.outcome);
		/* A task came while this turn was looking for one: look again. */
		t->in = NULL;
		t->step = turn_begin;
		return TURN_GO;
	default:
		return turn_refuse(t, 400, t->rpc.why);
	}
}
