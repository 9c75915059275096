/* session: one CWMP session, from Inform to the empty answer that ends it.
 * Steps stand in the order in which they run; read the file downwards. */
#include "cpe/session/session.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/session/inform.h"
#include "cpe/log.h"
#include "cpe/methods.h"
#include "cpe/session/post.h"
#include "cpe/session/reports.h"
#include "http/http.h"
#include "cwmp/cwmp.h"

/* 8005 "retry request" in a row before the session is given up. */
enum { RETRY_REQUESTS_MAX = 5 };

enum session_phase {
	SESSION_INFORMING, /* Inform sent */
	SESSION_REPORTING, /* a request of our own sent, such as TransferComplete */
	SESSION_LISTENING, /* empty POST or an answer sent: the ACS's turn */
	SESSION_CLOSING,   /* the ACS is done; a late empty POST was sent */
};

struct session {
	struct device *device;
	struct post *post;
	struct arena *arena; /* as old as the session */
	enum session_phase phase;
	enum cwmp_namespace ns;
	const char *id; /* of our request under way */
	unsigned last_id;
	unsigned retry_requests;  /* 8005 in a row */
	bool has_bootstrap;       /* the Inform carries 0 BOOTSTRAP */
	bool is_held;             /* HoldRequests */
	bool has_yielded;         /* the empty POST said that we have no more requests */
	unsigned requests;        /* of the ACS */
	unsigned informs;         /* sent; more than one is misbehaviour */
	struct buffer late;       /* an answer that --misbehave holds back … */
	struct event *late_timer; /* … until then, or NULL */
	const char *acs_url;      /* as configured when the session began */
	json_t *report;           /* that is under way; borrowed from the state */
};

static void set_phase(struct session *session, enum session_phase phase)
{
	static const char *const names[] = { "informing", "reporting", "listening", "closing" };
	if (session->phase != phase)
		LOG(session->device->name, "phase", LOG_TEXT("from", names[session->phase]),
			LOG_TEXT("to", names[phase]));
	session->phase = phase;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	post_free(session->post);
	buffer_clear(&session->late);
	if (session->late_timer)
		event_free(session->late_timer);
	arena_free(session->arena);
	free(session);
}

/* reason NULL: the session succeeded. It must not live in the session's memory. */
static void finish(struct session *session, const char *reason)
{
	struct device *device = session->device;
	device_witness(device, "session",
		json_pack("{s:s,s:s,s:i,s:i}", "outcome", reason ? "failed" : "ok", "reason",
			reason ? reason : "", "requests", (int)session->requests, "retry_count",
			(int)device->state.retry_count));
	device->session = NULL;
	session_free(session);
	device_on_session_ended(device, reason);
}

/* Sending */

static void trace_message(struct session *session, enum trace_direction direction,
	const struct cwmp_message *message, const void *bytes, size_t length)
{
	const char *name = message->method_name ? message->method_name
						: cwmp_method_name(message->method);
	char *text = message->kind == CWMP_FAULT
			     ? arena_strdup(session->arena, "Fault")
			     : arena_printf(session->arena, "%s%s", name,
				       message->kind == CWMP_RESPONSE ? "Response" : "");
	trace_envelope(session->device->trace, direction, text, bytes, length);
}

static void send_message(struct session *session, const struct cwmp_message *message)
{
	struct buffer *body = post_body(session->post);
	buffer_reset(body);
	cwmp_encode(session->device->codec, message, NULL, body);
	misbehave_on_envelope(&session->device->options->misbehave, message, body);
	trace_message(session, TRACE_SENT, message, body->data, body->length);
	post_send(session->post);
}

static void send_empty(struct session *session, enum session_phase phase)
{
	set_phase(session, phase);
	buffer_reset(post_body(session->post));
	post_send(session->post);
}

/* Sends what misbehaviour held back, once. */
static void send_late(struct session *session)
{
	struct buffer *body = post_body(session->post);
	buffer_clear(body);
	*body = session->late;
	session->late = (struct buffer){ 0 };
	post_send(session->post);
}

static void on_late_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	send_late(arg);
}

static void send_late_in(struct session *session, unsigned seconds)
{
	const struct timeval wait = { .tv_sec = (time_t)seconds };
	if (!session->late_timer)
		session->late_timer = evtimer_new(session->device->base, on_late_timer, session);
	event_add(session->late_timer, &wait);
}

static const char *new_id(struct session *session)
{
	const bool is_empty = session->device->options->misbehave.empty_id;
	session->last_id++;
	return session->id = is_empty ? "" : arena_printf(session->arena, "%u", session->last_id);
}

static void send_inform(struct session *session)
{
	struct cwmp_message message;
	inform_build(session->device, session->arena, new_id(session), &message);
	session->ns = message.ns;
	session->has_bootstrap = events_have(&session->device->state.events, "0 BOOTSTRAP");
	session->phase = SESSION_INFORMING;
	session->informs++;
	LOG(session->device->name, "inform", LOG_TEXT("url", post_url(session->post)),
		LOG_NUMBER("events", message.request.inform.event_count),
		LOG_NUMBER("retry_count", message.request.inform.retry_count));
	send_message(session, &message);
}

static void send_report(struct session *session, json_t *report)
{
	struct cwmp_message message;
	reports_build(session->arena, session->ns, new_id(session), report, &message);
	session->report = report;
	set_phase(session, SESSION_REPORTING);
	send_message(session, &message);
}

/* Begins the session anew, without its cookies, as misbehaviour has it. */
static void inform_again(struct session *session, bool on_same_connection)
{
	post_begin_anew(session->post, on_same_connection);
	send_inform(session);
}

/* Does misbehaviour take over, now that the ACS has answered our message of that method? */
static bool is_led_astray(struct session *session, enum cwmp_method method)
{
	const struct misbehaviour *misbehave = &session->device->options->misbehave;
	switch (misbehave_after(misbehave, method, session->informs)) {
	case MISBEHAVE_GO_ON:
		return false;
	case MISBEHAVE_HANG:
		finish(session, "hung up on purpose");
		return true;
	case MISBEHAVE_LEAVE:
		finish(session, NULL);
		return true;
	case MISBEHAVE_INFORM_AGAIN:
		inform_again(session, true);
		return true;
	case MISBEHAVE_INFORM_ANEW:
		inform_again(session, false);
		return true;
	}
	return false;
}

/* Our turn: what we have to report, then the empty POST. While requests are held back, the empty
 * POST does not give up our right to them. */
static void take_turn(struct session *session)
{
	json_t *report = reports_next(&session->device->state);
	if (report && !session->is_held) {
		send_report(session, report);
		return;
	}
	session->has_yielded = !report;
	send_empty(session, SESSION_LISTENING);
}

/* Receiving, by phase */

static bool is_answer(
	const struct session *session, const struct cwmp_message *message, enum cwmp_method method)
{
	return message->kind == CWMP_RESPONSE && message->method == method &&
	       (!message->id || strcmp(message->id, session->id) == 0);
}

/* True when the request was sent once more. */
static bool retry_request(struct session *session, const struct cwmp_message *message)
{
	if (message->kind != CWMP_FAULT || message->fault.code != 8005 ||
		++session->retry_requests > RETRY_REQUESTS_MAX)
		return false;
	post_send(session->post);
	return true;
}

static void witness_inform(struct session *session)
{
	struct device *device = session->device;
	const struct events *events = &device->state.events;
	json_t *list = json_array();
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].is_sent)
			json_array_append_new(
				list, json_pack("{s:s,s:s}", "code", events->items[i].code,
					      "command_key", events->items[i].command_key));
	device_witness(device, "acknowledged",
		json_pack("{s:s,s:s,s:o,s:i}", "method", "Inform", "id", session->id, "events",
			list, "retry_count", (int)device->state.retry_count));
}

static void on_inform_refused(struct session *session, const struct cwmp_message *message)
{
	struct device *device = session->device;
	if (message->kind != CWMP_FAULT) {
		finish(session, "no InformResponse");
		return;
	}
	if (message->fault.code == 8006)
		device->offered = version_before(device->offered, device->options);
	finish(session, "the ACS faulted the Inform");
}

static void on_inform_answer(struct session *session, const struct cwmp_message *message)
{
	if (retry_request(session, message))
		return;
	if (!is_answer(session, message, CWMP_INFORM)) {
		on_inform_refused(session, message);
		return;
	}
	if (is_led_astray(session, CWMP_INFORM))
		return;
	struct device *device = session->device;
	witness_inform(session);
	session->retry_requests = 0;
	session->ns = message->ns;
	device->version = version_agreed(device->offered, message);
	if (session->has_bootstrap)
		state_set_text(&device->state.bootstrapped_url, session->acs_url);
	events_on_inform_response(&device->state.events);
	reports_forget_newer(device, device->version->version);
	device_save(device);
	take_turn(session);
}

/* A fault other than 8005 is an answer too: the ACS will not want it better another time. */
static void on_report_answer(struct session *session, const struct cwmp_message *message)
{
	if (retry_request(session, message))
		return;
	const enum cwmp_method method = report_method(session->report);
	const bool is_fault = message->kind == CWMP_FAULT && message->fault.code != 8005;
	if (!is_fault && !is_answer(session, message, method)) {
		finish(session, "no answer to a request");
		return;
	}
	session->retry_requests = 0;
	reports_on_answer(session->device, session->report, session->id, message);
	session->report = NULL;
	if (!is_led_astray(session, method))
		take_turn(session);
}

static void send_answer(struct session *session, const struct misbehave_turn *turn)
{
	switch (turn->act) {
	case MISBEHAVE_SEND:
		send_message(session, &turn->answer);
		break;
	case MISBEHAVE_EMPTY:
		send_empty(session, SESSION_LISTENING);
		break;
	case MISBEHAVE_LATE:
		cwmp_encode(session->device->codec, &turn->answer, NULL, &session->late);
		send_empty(session, SESSION_LISTENING);
		break;
	case MISBEHAVE_SLOW:
		cwmp_encode(session->device->codec, &turn->answer, NULL, &session->late);
		send_late_in(session, turn->seconds);
		break;
	case MISBEHAVE_INFORM:
		events_add(&session->device->state.events, "2 PERIODIC", "");
		inform_again(session, false);
		break;
	case MISBEHAVE_DROP:
		finish(session, "dropped on purpose");
		break;
	}
}

static void on_request(
	struct session *session, struct arena *arena, const struct cwmp_message *request)
{
	struct device *device = session->device;
	struct misbehave_turn turn = {
		.arena = arena,
		.model = device->model,
		.request = *request,
		.number = ++device->acs_requests,
		.number_in_session = ++session->requests,
	};
	misbehave_on_request(&device->options->misbehave, &turn);
	if (turn.act != MISBEHAVE_DROP)
		methods_execute(device, &turn);
	send_answer(session, &turn);
}

static void on_acs_turn(
	struct session *session, struct arena *arena, const struct cwmp_message *message)
{
	if (message->kind == CWMP_REQUEST)
		on_request(session, arena, message);
	else
		finish(session, "an answer without a question");
}

/* A request that breaks its method's schema. */
static void refuse(struct session *session, const struct cwmp_message *request)
{
	struct cwmp_message answer;
	session->requests++;
	cwmp_make_fault(&answer, request, 9003, NULL);
	send_message(session, &answer);
}

/* SOAP 1.1 section 4.2.3: a fault without a detail of CWMP. */
static void refuse_header(
	struct session *session, const struct cwmp_message *request, const char *why)
{
	struct cwmp_message answer;
	session->requests++;
	cwmp_make_fault(&answer, request, 9003, why);
	answer.fault.fault_code = "MustUnderstand";
	answer.fault.has_detail = false;
	send_message(session, &answer);
}

/* A request that breaks its schema, or demands that an unknown header be understood, is answered;
 * an answer that does so ends the session. */
static void on_invalid(struct session *session, const struct cwmp_message *message,
	enum cwmp_decode_result result, const char *why)
{
	if (session->phase != SESSION_LISTENING || message->kind != CWMP_REQUEST)
		finish(session, "an answer that breaks the schema");
	else if (result == CWMP_NOT_UNDERSTOOD)
		refuse_header(session, message, why);
	else
		refuse(session, message);
}

static void on_message(
	struct session *session, struct arena *arena, const struct cwmp_message *message)
{
	switch (session->phase) {
	case SESSION_INFORMING:
		on_inform_answer(session, message);
		break;
	case SESSION_REPORTING:
		on_report_answer(session, message);
		break;
	case SESSION_LISTENING:
		on_acs_turn(session, arena, message);
		break;
	case SESSION_CLOSING:
		finish(session, "a request after the end");
		break;
	}
}

/* arena lives as long as this exchange. */
static void decode(struct session *session, struct arena *arena, const struct post_answer *answer)
{
	struct cwmp_message message;
	const char *why;
	if (!misbehave_can_read(&session->device->options->misbehave, answer->envelope)) {
		finish(session, "an answer it cannot read");
		return;
	}
	const enum cwmp_decode_result result = cwmp_decode(session->device->codec, arena,
		answer->envelope, answer->length, http_charset(arena, answer->content_type),
		&message, &why);
	if (result == CWMP_MALFORMED) {
		LOG(session->device->name, "bad-envelope", LOG_TEXT("why", why));
		finish(session, "not a SOAP message");
		return;
	}
	trace_message(session, TRACE_RECEIVED, &message, answer->envelope, answer->length);
	if (message.hold_requests >= 0)
		session->is_held = message.hold_requests == 1;
	if (result == CWMP_DECODED)
		on_message(session, arena, &message);
	else
		on_invalid(session, &message, result, why);
}

static void on_envelope(struct session *session, const struct post_answer *answer)
{
	struct arena *arena = arena_new();
	decode(session, arena, answer);
	arena_free(arena);
}

/* The ACS has no more requests, TR-069 3.7.1.4. What it held back before is sent now. */
static void on_empty(struct session *session)
{
	if (session->phase == SESSION_INFORMING || session->phase == SESSION_REPORTING)
		finish(session, "an empty answer to a request");
	else if (!session->has_yielded && session->is_held)
		finish(session, "requests were on hold to the end");
	else if (!session->has_yielded)
		take_turn(session);
	else if (session->late.length)
		send_late(session);
	else if (session->device->options->misbehave.late_empty &&
		 session->phase == SESSION_LISTENING)
		send_empty(session, SESSION_CLOSING);
	else
		finish(session, NULL);
}

static void on_answered(const struct post_answer *answer, void *arg)
{
	struct session *session = arg;
	if (answer->failure)
		finish(session, answer->failure);
	else if (answer->length == 0)
		on_empty(session);
	else
		on_envelope(session, answer);
}

struct session *session_start(struct device *device)
{
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->device = device;
	session->arena = arena_new();
	session->acs_url = arena_strdup(session->arena, device_acs_url(device));
	session->post = post_new(device, on_answered, session);
	reports_forget_newer(device, device->offered->version);
	reports_announce(&device->state);
	send_inform(session);
	return session;
}
