/* connection_request: calls a device by hand.
 * POST /devices/{device}/connection-request; ?session=SECONDS waits for its Inform, too. */
#include "acs/connreq.h"

#include "acs/api/call.h"
#include "acs/audit.h"
#include "acs/peers.h"
#include "acs/waiter.h"
#include "db/device_list.h"

enum { MOST_SESSION_SECONDS = 60 };

struct ringing {
	int64_t session; /* seconds, -1: the answer is enough */
	struct waiter *waiter;
	struct connreq *connreq;
	bool has_answered, has_session;
	unsigned elapsed_ms;
};

static void release_ringing(struct api_call *call)
{
	struct ringing *ringing = call->state;
	waiter_cancel(ringing->waiter);
	connreq_cancel(ringing->connreq);
}

static void reply_when_done(struct api_call *call)
{
	const struct ringing *ringing = call->state;
	if (!ringing->has_answered || (!ringing->has_session && ringing->session >= 0))
		return;
	const struct audit_note note = api_note(call, call->device);
	audit_done(call->loop, &note);
	api_reply_document(call, 200,
		json_pack("{s:s, s:i}", "path", "http", "elapsed_ms", (int)ringing->elapsed_ms));
}

static void on_session(bool happened, void *arg)
{
	struct api_call *call = arg;
	struct ringing *ringing = call->state;
	ringing->waiter = NULL;
	ringing->has_session = happened;
	if (happened)
		reply_when_done(call);
	else
		api_problem_error(call, 504, "timeout",
			ringing->has_answered ? "the device answered, but opened no session in time"
					      : "the device did not answer in time");
}

static void on_called(const struct connreq_result *result, void *arg)
{
	struct api_call *call = arg;
	struct ringing *ringing = call->state;
	ringing->connreq = NULL;
	if (result->error != CONNREQ_OK) {
		api_problem_error(call, 504, result->error_name, result->detail);
		return;
	}
	ringing->has_answered = true;
	ringing->elapsed_ms = result->elapsed_ms;
	reply_when_done(call);
}

/* The session is waited for before the device is called: it may come at once. */
static void on_device(struct api_call *call, const struct db_answer *answer)
{
	struct ringing *ringing = call->state;
	if (db_row_count(answer->results[0]) == 0) {
		api_problem(call, 404, NULL, "no such device");
		return;
	}
	call->release = release_ringing;
	if (ringing->session >= 0) {
		ringing->waiter = waiter_for_session(
			call->loop, call->device_id, (unsigned)ringing->session, on_session, call);
		peers_watch_session(call->loop, call->device_id, (unsigned)ringing->session);
	}
	ringing->connreq = connreq_begin(call->loop, call->device_id, on_called, call);
}

void connection_request_post(struct api_call *call)
{
	struct ringing *ringing = ARENA_NEW(call->arena, struct ringing);
	if (!api_query_number(call, "session", 0, MOST_SESSION_SECONDS, -1, &ringing->session))
		return;
	call->state = ringing;
	struct db_question question = db_question(call->arena);
	devices_exists(&question, call->device_id);
	api_ask(call, &question, on_device);
}
