/* session: one CWMP session, from Inform to the empty answer that ends it.
 * Steps stand in the order in which they run; read the file downwards. */
#include "cpe/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/cookies.h"
#include "cpe/exchange.h"
#include "cpe/inform.h"
#include "cpe/log.h"
#include "cpe/methods.h"
#include "cpe/schedule.h"
#include "cwmp/cwmp.h"

enum { CONNECT_SECONDS = 30, ANSWER_BYTES = 64 * 1024 * 1024, HEADER_BYTES = 64 * 1024 };
/* 8005 "retry request" in a row before the session is given up. */
enum { RETRY_REQUESTS_MAX = 5 };

enum session_phase {
	SESSION_INFORMING, /* Inform sent */
	SESSION_REPORTING, /* TransferComplete sent */
	SESSION_LISTENING, /* empty POST or an answer sent: the ACS's turn */
	SESSION_CLOSING,   /* the ACS is done; a late empty POST was sent */
};

struct session {
	struct device *device;
	struct http_client *client;
	struct arena *arena; /* as old as the session */
	struct exchange exchange;
	struct cookies cookies;
	enum session_phase phase;
	enum cwmp_namespace ns;
	struct buffer body; /* of the request under way, for repeats; empty for an empty POST */
	const char *id;     /* of our request under way */
	unsigned last_id;
	unsigned retry_requests;    /* 8005 in a row */
	bool has_bootstrap;         /* the Inform carries 0 BOOTSTRAP */
	bool is_held;               /* HoldRequests */
	unsigned requests;          /* of the ACS */
	unsigned informs;           /* sent; more than one is misbehaviour */
	struct buffer late;         /* an answer that --misbehave holds back */
	const char *acs_url;        /* as configured when the session began */
	struct transfer *reporting; /* whose TransferComplete is under way */
};

static void send_body(struct session *session);

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
	http_client_free(session->client);
	buffer_clear(&session->body);
	buffer_clear(&session->late);
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
	buffer_reset(&session->body);
	cwmp_encode(session->device->codec, message, NULL, &session->body);
	misbehave_on_envelope(
		&session->device->options->misbehave, message, &session->body);
	trace_message(session, TRACE_SENT, message, session->body.data, session->body.length);
	exchange_next_request(&session->exchange);
	send_body(session);
}

static void send_empty(struct session *session, enum session_phase phase)
{
	set_phase(session, phase);
	buffer_reset(&session->body);
	exchange_next_request(&session->exchange);
	send_body(session);
}

/* Sends what misbehaviour held back, once. */
static void send_late(struct session *session)
{
	buffer_clear(&session->body);
	session->body = session->late;
	session->late = (struct buffer){ 0 };
	exchange_next_request(&session->exchange);
	send_body(session);
}

static const char *new_id(struct session *session)
{
	return session->id = arena_printf(session->arena, "%u", ++session->last_id);
}

static void send_inform(struct session *session)
{
	struct cwmp_message message;
	inform_build(session->device, session->arena, new_id(session), &message);
	session->ns = message.ns;
	session->has_bootstrap = events_have(&session->device->state.events, "0 BOOTSTRAP");
	session->phase = SESSION_INFORMING;
	session->informs++;
	LOG(session->device->name, "inform", LOG_TEXT("url", session->exchange.url_text),
		LOG_NUMBER("events", message.request.inform.event_count),
		LOG_NUMBER("retry_count", message.request.inform.retry_count));
	send_message(session, &message);
}

static const char *transfer_time(struct session *session, time_t time)
{
	return time ? time_text(session->arena, time) : CWMP_UNKNOWN_TIME;
}

static void send_transfer_complete(struct session *session, struct transfer *transfer)
{
	struct cwmp_message message;
	cwmp_make_request(&message, session->ns, CWMP_TRANSFER_COMPLETE, new_id(session));
	const unsigned code = transfer->fault ? cwmp_fault_code_for(session->ns, transfer->fault)
					      : 0;
	message.request.transfer_complete = (struct cwmp_transfer_complete){
		.command_key = transfer->command_key,
		.fault = { .code = code, .text = code ? cwmp_fault_text(transfer->fault) : "" },
		.start_time = transfer_time(session, transfer->started),
		.complete_time = transfer_time(session, transfer->completed),
	};
	session->reporting = transfer;
	set_phase(session, SESSION_REPORTING);
	send_message(session, &message);
}

/* Begins the session anew, without its cookies, as misbehaviour has it. */
static void inform_again(struct session *session, bool on_same_connection)
{
	session->cookies.count = 0;
	if (!on_same_connection)
		http_client_disconnect(session->client);
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

/* Our turn: what we have to report, then the empty POST. */
static void take_turn(struct session *session)
{
	struct transfer *transfer = transfers_announced(&session->device->state.transfers);
	if (transfer && !session->is_held)
		send_transfer_complete(session, transfer);
	else
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
	exchange_next_request(&session->exchange);
	send_body(session);
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
				list, json_pack("{s:s,s:s}", "code",
					      pending_event_code(&events->items[i]), "command_key",
					      events->items[i].command_key));
	device_witness(device, "acknowledged",
		json_pack("{s:s,s:s,s:o,s:i}", "method", "Inform", "id", session->id, "events",
			list, "retry_count", (int)device->state.retry_count));
}

static void on_inform_answer(struct session *session, const struct cwmp_message *message)
{
	if (retry_request(session, message))
		return;
	if (!is_answer(session, message, CWMP_INFORM)) {
		finish(session, message->kind == CWMP_FAULT ? "the ACS faulted the Inform"
							    : "no InformResponse");
		return;
	}
	if (is_led_astray(session, CWMP_INFORM))
		return;
	struct device *device = session->device;
	witness_inform(session);
	session->retry_requests = 0;
	session->ns = message->ns;
	if (session->has_bootstrap)
		state_set_text(&device->state.bootstrapped_url, session->acs_url);
	events_on_inform_response(&device->state.events);
	device_save(device);
	take_turn(session);
}

/* A fault other than 8005 is an answer too: the ACS will not want it better another time. */
static void on_report_answer(struct session *session, const struct cwmp_message *message)
{
	if (retry_request(session, message))
		return;
	const bool is_fault = message->kind == CWMP_FAULT && message->fault.code != 8005;
	if (!is_fault && !is_answer(session, message, CWMP_TRANSFER_COMPLETE)) {
		finish(session, "no TransferCompleteResponse");
		return;
	}
	struct device *device = session->device;
	struct transfer *transfer = session->reporting;
	device_witness(device, "acknowledged",
		json_pack("{s:s,s:s,s:s,s:i,s:i}", "method", "TransferComplete", "id", session->id,
			"command_key", transfer->command_key, "fault", (int)transfer->fault,
			"acs_fault", (int)message->fault.code));
	session->retry_requests = 0;
	session->reporting = NULL;
	events_on_transfer_response(&device->state.events, transfer->command_key);
	transfers_remove(&device->state.transfers, transfer);
	device_save(device);
	if (!is_led_astray(session, CWMP_TRANSFER_COMPLETE))
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

static void on_invalid(struct session *session, const struct cwmp_message *message)
{
	if (session->phase != SESSION_LISTENING || message->kind != CWMP_REQUEST) {
		finish(session, "an answer that breaks the schema");
		return;
	}
	struct cwmp_message answer;
	session->requests++;
	cwmp_make_fault(&answer, message, 9003, NULL);
	send_message(session, &answer);
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
static void decode(
	struct session *session, struct arena *arena, const struct http_client_response *response)
{
	struct cwmp_message message;
	const char *why;
	if (!misbehave_can_read(&session->device->options->misbehave, response->body)) {
		finish(session, "an answer it cannot read");
		return;
	}
	const char *content_type = http_header(
		response->headers, response->header_count, "Content-Type");
	const enum cwmp_decode_result result = cwmp_decode(session->device->codec, arena,
		response->body, response->body_length, http_charset(arena, content_type), &message,
		&why);
	if (result == CWMP_MALFORMED || result == CWMP_NOT_UNDERSTOOD) {
		LOG(session->device->name, "bad-envelope", LOG_TEXT("why", why));
		finish(session, "not a SOAP message");
		return;
	}
	trace_message(session, TRACE_RECEIVED, &message, response->body, response->body_length);
	if (message.hold_requests >= 0)
		session->is_held = message.hold_requests == 1;
	if (result == CWMP_INVALID_ARGUMENTS)
		on_invalid(session, &message);
	else
		on_message(session, arena, &message);
}

static void on_envelope(struct session *session, const struct http_client_response *response)
{
	struct arena *arena = arena_new();
	decode(session, arena, response);
	arena_free(arena);
}

/* The ACS has no more requests, TR-069 3.7.1.4. What it held back is sent now. */
static void on_empty(struct session *session)
{
	if (session->phase == SESSION_INFORMING || session->phase == SESSION_REPORTING) {
		finish(session, "an empty answer to a request");
		return;
	}
	if (session->is_held && transfers_announced(&session->device->state.transfers)) {
		session->is_held = false;
		take_turn(session);
		return;
	}
	if (session->late.length) {
		send_late(session);
		return;
	}
	if (session->device->options->misbehave.late_empty && session->phase == SESSION_LISTENING)
		send_empty(session, SESSION_CLOSING);
	else
		finish(session, NULL);
}

/* HTTP */

static void on_answer(struct session *session, const struct http_client_response *response)
{
	if (response->status != 200 && response->status != 204) {
		LOG(session->device->name, "http-status", LOG_NUMBER("status", response->status));
		finish(session, http_reason(response->status));
	} else if (response->body_length == 0) {
		on_empty(session);
	} else {
		on_envelope(session, response);
	}
}

static void on_response(const struct http_client_response *response, void *arg)
{
	struct session *session = arg;
	if (response->error != HTTP_OK) {
		LOG(session->device->name, "http-error", LOG_TEXT("why", response->error_text));
		finish(session, "connection failed");
		return;
	}
	if (!session->device->options->misbehave.no_cookie)
		cookies_store(&session->cookies, session->arena, session->exchange.url.authority,
			response->headers, response->header_count);
	switch (exchange_judge(&session->exchange, response)) {
	case EXCHANGE_REPEAT:
		if (session->device->options->misbehave.fresh_after_401)
			http_client_disconnect(session->client);
		send_body(session);
		break;
	case EXCHANGE_REFUSED:
		finish(session, "authentication failed");
		break;
	case EXCHANGE_LOST:
		finish(session, "redirected too often or to nowhere");
		break;
	case EXCHANGE_ANSWERED:
		on_answer(session, response);
		break;
	}
}

/* TR-069 3.4.1: no Content-Type and SOAPAction when the body is empty. */
static size_t fill_headers(struct session *session, struct http_header *headers)
{
	struct exchange *exchange = &session->exchange;
	size_t count = 0;
	if (session->body.length) {
		headers[count++] = (struct http_header){ "Content-Type",
			"text/xml; charset=utf-8" };
		headers[count++] = (struct http_header){ "SOAPAction", "" };
	}
	const char *cookie = cookies_text(
		&session->cookies, session->arena, exchange->url.authority);
	if (cookie)
		headers[count++] = (struct http_header){ "Cookie", cookie };
	const char *authorization = exchange_authorization(exchange, "POST");
	if (authorization)
		headers[count++] = (struct http_header){ "Authorization", authorization };
	return count;
}

/* Posts what is in session->body. */
static void send_body(struct session *session)
{
	const struct misbehaviour *misbehave = &session->device->options->misbehave;
	struct misbehave_post post = {
		.arena = session->arena,
		.username = session->exchange.username,
		.password = session->exchange.password,
		.request = {
			.method = "POST",
			.url = session->exchange.url_text,
			.headers = post.headers,
			.body = session->body.data,
			.body_length = session->body.length,
			.close = misbehave->close_each,
		},
	};
	post.request.header_count = fill_headers(session, post.headers);
	misbehave_on_post(misbehave, &post);
	http_client_send(session->client, &post.request, on_response, session);
}

static void prepare_exchange(struct session *session)
{
	const struct datamodel *model = session->device->model;
	const char *username = datamodel_text(model, "ManagementServer.Username");
	const char *password = datamodel_text(model, "ManagementServer.Password");
	session->exchange = (struct exchange){
		.username = arena_strdup(session->arena, username),
		.password = arena_strdup(session->arena, password),
		.may_use_basic = session->device->options->basic_over_http,
	};
	/* A URL that does not parse fails in the client, as one that cannot be reached. */
	if (!exchange_begin(&session->exchange, session->arena, session->acs_url))
		session->exchange.url.authority = "";
}

struct session *session_start(struct device *device)
{
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->device = device;
	session->arena = arena_new();
	session->acs_url = arena_strdup(session->arena, device_acs_url(device));
	prepare_exchange(session);
	const struct http_client_options options = {
		.tls = device->tls,
		.connect_seconds = CONNECT_SECONDS,
		.response_seconds = device->options->response_seconds,
		.header_bytes = HEADER_BYTES,
		.body_bytes = ANSWER_BYTES,
	};
	session->client = http_client_new(device->base, device->dns, &options);
	transfers_announce(&device->state.transfers);
	send_inform(session);
	return session;
}
