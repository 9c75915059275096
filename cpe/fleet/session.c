/* session: one connection of a fleet and the CWMP session that a device has on it.
 * Inform, then what the ACS asks, then 204: read the file downwards from fleet_session_begin(). Every
 * answer is checked; one that is not as it must be ends the session as a failure of a named kind. */
#include "cpe/fleet/session.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/journal.h"
#include "cpe/fleet/methods.h"
#include "cpe/fleet/post.h"
#include "cpe/log.h"
#include "cwmp/cwmp.h"

enum { FAILURES_LOGGED = 20 };
enum { RETRY_REQUEST = 8005 }; /* the fault by which an ACS asks for the same again */

enum phase {
	PHASE_INFORMING, /* Inform sent */
	PHASE_HOLDING,   /* --hold: nothing is under way */
	PHASE_REPORTING, /* TransferComplete or DUStateChangeComplete sent */
	PHASE_LISTENING, /* empty POST or an answer sent: the ACS's turn */
};

struct fleet_session {
	struct fleet *fleet;
	struct fleet_post post;
	struct event *hold_timer;

	/* Of the session under way. */
	struct fleet_device *device;
	struct arena *arena;
	enum phase phase;
	char id[INFORM_ID_BYTES];
	bool is_held;        /* HoldRequests: the ACS takes no request of ours */
	bool has_yielded;    /* an empty POST told that we have none */
	bool is_admitted;    /* by its InformResponse */
	struct order *order; /* whose end is being told */
	unsigned acs_requests, reports;
	const char *report_id;
	enum cwmp_method report_method;
	uint64_t due_us, begun_us;
};

/* The end */

/* kind NULL: it succeeded. */
static void end(struct fleet_session *session, const char *kind)
{
	struct fleet_device *device = session->device;
	struct arena *arena = session->arena;
	const bool has_succeeded = !kind;
	fleet_witness_session(session->fleet, device, kind, session->acs_requests);
	if (device->extra && device->extra->has_new_credentials) {
		device->extra->has_new_credentials = false;
		credentials_changed(device);
	}
	const unsigned retry_seconds = session->post.retry_seconds;
	session->device = NULL;
	session->arena = NULL;
	fleet_post_end(&session->post, has_succeeded);
	arena_free(arena);
	dispatch_on_session_ended(
		session->fleet->dispatch, session, device, has_succeeded, retry_seconds);
}

static void succeed(struct fleet_session *session)
{
	struct statistics *statistics = &session->fleet->statistics;
	statistics->sessions_ok++;
	const uint64_t now = clock_us();
	histogram_add(&statistics->session, now - session->due_us);
	histogram_add(&statistics->admitted, now - session->begun_us);
	end(session, NULL);
}

/* why may live in the session's memory. */
static void fail(struct fleet_session *session, const char *kind, const char *why)
{
	struct statistics *statistics = &session->fleet->statistics;
	char id[DEVICE_ID_BYTES];
	device_id(session->fleet, session->device, id);
	statistics->failed_after_inform += session->is_admitted;
	if (statistics->sessions_failed++ < FAILURES_LOGGED)
		LOG(id, "session-failed", LOG_TEXT("kind", kind), LOG_TEXT("why", why));
	count_one(statistics->failures, FAILURE_KINDS_MAX, kind);
	end(session, kind);
}

/* Sending */

static void post_empty(struct fleet_session *session)
{
	session->phase = PHASE_LISTENING;
	buffer_reset(&session->post.body);
	fleet_post_send(&session->post);
}

static void post_message(
	struct fleet_session *session, enum phase phase, const struct cwmp_message *message)
{
	session->phase = phase;
	buffer_reset(&session->post.body);
	cwmp_encode(session->fleet->codec, message, NULL, &session->post.body);
	fleet_post_send(&session->post);
}

/* Our turn */

/* What we have to report, then the empty POST. While requests are held back, that does not give up our
 * right to them. */
static void take_turn(struct fleet_session *session)
{
	struct order *order = orders_to_tell(session->device);
	struct cwmp_message message;
	session->has_yielded = !order;
	if (!order || session->is_held) {
		post_empty(session);
		return;
	}
	session->order = order;
	session->report_id = arena_printf(session->arena, "%s.%u", session->id, ++session->reports);
	orders_tell(
		order, session->arena, session->fleet->version->ns, session->report_id, &message);
	session->report_method = message.method;
	post_message(session, PHASE_REPORTING, &message);
}

/* The ACS has no more requests, TR-069 3.7.1.4. What it held back before is sent now. */
static void on_no_more(struct fleet_session *session)
{
	if (session->has_yielded)
		succeed(session);
	else if (session->is_held)
		fail(session, "bad-envelope", "requests were on hold to the end");
	else
		take_turn(session);
}

/* The ACS's turn */

static void on_request(struct fleet_session *session, const struct cwmp_message *request)
{
	struct cwmp_message answer;
	session->acs_requests++;
	count_one(session->fleet->statistics.rpcs, RPC_KINDS_MAX, request->method_name);
	fleet_execute(session->fleet, session->device, session->arena, request, &answer);
	post_message(session, PHASE_LISTENING, &answer);
}

/* False when the session has failed. A request that breaks its schema is answered, so it is for the
 * caller to look at; an answer that does is not. */
static bool decode(struct fleet_session *session, const struct http_client_response *response,
	struct cwmp_message *message, bool *is_valid)
{
	const char *why;
	const char *type = http_header(response->headers, response->header_count, "Content-Type");
	const enum cwmp_decode_result result = cwmp_decode(session->fleet->codec, session->arena,
		response->body, response->body_length, http_charset(session->arena, type), message,
		&why);
	*is_valid = result == CWMP_DECODED;
	if (*is_valid)
		session->is_held = message->hold_requests >= 0 ? message->hold_requests == 1
							       : session->is_held;
	if (*is_valid || (result != CWMP_MALFORMED && message->kind == CWMP_REQUEST))
		return true;
	fail(session, "bad-envelope", why);
	return false;
}

static void refuse(struct fleet_session *session, const struct cwmp_message *request)
{
	struct cwmp_message answer;
	session->acs_requests++;
	cwmp_make_fault(&answer, request, 9003, NULL);
	post_message(session, PHASE_LISTENING, &answer);
}

static void on_acs_turn(struct fleet_session *session, const struct http_client_response *response)
{
	struct cwmp_message message;
	bool is_valid;
	if (response->status == 204) {
		on_no_more(session);
		return;
	}
	if (!decode(session, response, &message, &is_valid))
		return;
	if (message.kind != CWMP_REQUEST)
		fail(session, "bad-envelope", "an answer without a question");
	else if (is_valid)
		on_request(session, &message);
	else
		refuse(session, &message);
}

/* The answer to the Inform */

static void on_hold_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	take_turn(arg);
}

static void go_on(struct fleet_session *session)
{
	const double hold = session->fleet->options->fleet.hold;
	const struct timeval length = { (time_t)hold,
		(suseconds_t)((hold - (double)(time_t)hold) * 1e6) };
	if (hold <= 0) {
		take_turn(session);
		return;
	}
	session->phase = PHASE_HOLDING;
	event_add(session->hold_timer, &length);
}

/* The codec takes any number for the 1 that it must be. */
static bool says_one_envelope(const char *body)
{
	const char *element = strstr(body, "MaxEnvelopes");
	const char *number = element ? strchr(element, '>') : NULL;
	return number && strtoul(number + 1, NULL, 10) == 1;
}

/* The kind of failure, NULL when the answer is as it must be. */
static const char *judge_inform_answer(
	const struct fleet_session *session, const struct cwmp_message *message, const char *body)
{
	if (message->kind == CWMP_FAULT)
		return arena_printf(session->arena, "fault-%u", message->fault.code);
	if (message->kind != CWMP_RESPONSE || message->method != CWMP_INFORM ||
		!says_one_envelope(body))
		return "bad-envelope";
	return message->id && strcmp(message->id, session->id) == 0 ? NULL : "wrong-id";
}

/* The codec reads the first InformResponse; those that are the same byte for byte, but for the ID, mean
 * the same. Whatever else comes is for the codec to read. */
static bool check_inform_answer(
	struct fleet_session *session, const struct http_client_response *response)
{
	struct informs *informs = session->fleet->informs;
	struct cwmp_message message;
	bool is_valid;
	if (inform_answer_is_known(informs, response->body, response->body_length, session->id))
		return true;
	if (response->body_length == 0) {
		fail(session, "bad-envelope", "an empty answer to the Inform");
		return false;
	}
	if (!decode(session, response, &message, &is_valid))
		return false;
	const char *kind = judge_inform_answer(session, &message, response->body);
	if (kind) {
		fail(session, kind, "no InformResponse to this Inform");
		return false;
	}
	if (!session->is_held)
		inform_answer_learn(informs, response->body, response->body_length, session->id);
	return true;
}

static void on_inform_answer(
	struct fleet_session *session, const struct http_client_response *response)
{
	struct fleet_device *device = session->device;
	if (!check_inform_answer(session, response))
		return;
	histogram_add(&session->fleet->statistics.inform, clock_us() - session->begun_us);
	session->is_admitted = true;
	fleet_witness_inform(session->fleet, device, session->id);
	if (device->extra)
		events_on_inform_response(&device->extra->events);
	device->reason = REASON_PENDING;
	go_on(session);
}

/* What the ACS has acknowledged, for the journal. */
static json_t *report_to_journal(
	const struct fleet_session *session, const struct cwmp_message *answer)
{
	const struct order *order = session->order;
	json_t *entry = json_pack("{s:s,s:s,s:s,s:i}", "method",
		cwmp_method_name(session->report_method), "id", session->report_id, "command_key",
		order->command_key, "acs_fault",
		answer->kind == CWMP_FAULT ? (int)answer->fault.code : 0);
	if (order->change)
		json_object_set(entry, "results", json_object_get(order->change, "results"));
	else
		json_object_set_new(entry, "fault", json_integer(order->fault));
	return entry;
}

/* The answer to a report. A fault is one, too: the ACS will not want it better another time, unless it
 * says so. */
static void on_report_answer(
	struct fleet_session *session, const struct http_client_response *response)
{
	struct cwmp_message message;
	bool is_valid;
	if (response->body_length == 0) {
		fail(session, "bad-envelope", "an empty answer to a request");
		return;
	}
	if (!decode(session, response, &message, &is_valid))
		return;
	const bool is_answer = message.kind == CWMP_FAULT ||
			       (message.kind == CWMP_RESPONSE &&
				       message.method == session->report_method);
	if (!is_answer || !message.id || strcmp(message.id, session->report_id) != 0) {
		fail(session, is_answer ? "wrong-id" : "bad-envelope", "no answer to a request");
		return;
	}
	if (message.kind == CWMP_FAULT && message.fault.code == RETRY_REQUEST) {
		fail(session, "retry-request", "the ACS wants the report later");
		return;
	}
	fleet_witness(session->fleet, session->device, "acknowledged",
		report_to_journal(session, &message));
	orders_told(session->device, session->order);
	take_turn(session);
}

/* Receiving */

static void on_answer(const struct http_client_response *response, void *arg)
{
	struct fleet_session *session = arg;
	if (session->phase == PHASE_INFORMING)
		on_inform_answer(session, response);
	else if (session->phase == PHASE_REPORTING)
		on_report_answer(session, response);
	else
		on_acs_turn(session, response);
}

static void on_failure(const char *kind, const char *why, void *arg)
{
	fail(arg, kind, why);
}

/* The beginning */

static bool changes_counters(const struct fleet_session *session)
{
	return session->fleet->options->fleet.change > 0 ||
	       session->device->reason == REASON_VALUE_CHANGE;
}

void fleet_session_begin(
	struct fleet_session *session, struct fleet_device *device, uint64_t due_us)
{
	struct fleet *fleet = session->fleet;
	session->device = device;
	session->arena = arena_new();
	fleet_post_begin(&session->post, device, session->arena);
	session->acs_requests = session->reports = 0;
	session->is_held = session->has_yielded = session->is_admitted = false;
	session->due_us = due_us;
	session->phase = PHASE_INFORMING;
	device->sessions++;
	device->changes += changes_counters(session);
	if (device->extra)
		orders_announce(device);
	inform_id(fleet, device, session->id);
	buffer_reset(&session->post.body);
	inform_render(fleet, device, session->id, &session->post.body);
	session->begun_us = clock_us();
	histogram_add(&fleet->statistics.late, session->begun_us - due_us);
	fleet_post_send(&session->post);
}

/* Life */

struct fleet_session *fleet_session_new(struct fleet *fleet, uint32_t number)
{
	struct fleet_session *session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->fleet = fleet;
	session->hold_timer = evtimer_new(fleet->base, on_hold_over, session);
	fleet_post_init(&session->post, fleet, number, on_answer, on_failure, session);
	return session;
}

void fleet_session_free(struct fleet_session *session)
{
	if (!session)
		return;
	fleet_post_clear(&session->post);
	event_free(session->hold_timer);
	arena_free(session->arena);
	free(session);
}
