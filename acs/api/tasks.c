/* tasks: queued for a device, waited for, shown, cancelled, retried.
 * GET|POST …/devices/{device}/tasks, GET …/tasks, GET|DELETE …/tasks/{task}, POST …/retry. */
#include "db/tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acs/api/page.h"
#include "acs/connreq.h"
#include "acs/peers.h"
#include "acs/session.h"
#include "acs/tally.h"
#include "acs/waiter.h"
#include "base/clock.h"
#include "db/device_list.h"
#include "db/queue.h"
#include "rpc/secrets.h"
#include "rpc/task.h"

enum { MOST_WAIT_SECONDS = 60 };

/* POST with ?wait=. The id is known only once the task is queued, and a session in progress may
 * have finished it before anybody waits. So: queue, begin to wait, then read the task: what was
 * finished before the waiter began shows in that reading, what is finished later is told. Only then
 * is the device called. */
struct posting {
	int64_t wait; /* seconds, -1: not at all */
	int64_t task_id;
	struct waiter *waiter;
	struct connreq *connreq;
	struct waiter *taker; /* another node's open session, which makes the call needless */
	bool is_over;               /* finished, out of time, or the device cannot be reached */
	const char *error, *detail; /* of the connection request; NULL unless it failed */
};

static void release_posting(struct api_call *call)
{
	struct posting *posting = call->state;
	waiter_cancel(posting->waiter);
	connreq_cancel(posting->connreq);
	waiter_cancel(posting->taker);
}

/* The device has an open session, here or elsewhere, that will ask for the task. False when there is none here that
 * can be relied on; others are told. */
static bool wake_session(struct loop *loop, int64_t device_id)
{
	if (sessions_wake(loop->server->sessions, device_id, clock_seconds()))
		return true;
	peers_tell_queued(loop, device_id);
	return false;
}

static void read_task(struct api_call *call, int64_t task_id,
	void (*answered)(struct api_call *call, const struct db_answer *answer))
{
	struct db_question question = db_question(call->arena);
	tasks_get(&question, task_id);
	api_ask(call, &question, answered);
}

static const char *secret_names(const struct api_call *call)
{
	return call->loop->server->config->secrets.parameters;
}

/* The task in that column, without its secrets. */
static const char *shown_of(struct api_call *call, const struct db_rows *rows, size_t row, size_t column)
{
	return secrets_task(call->arena, db_get_text(rows, row, column), secret_names(call));
}

static const char *shown_in_list(struct api_call *call, const struct db_rows *rows, size_t row)
{
	return shown_of(call, rows, row, 0);
}

static const char *location_of(struct api_call *call, int64_t task_id)
{
	return arena_printf(call->arena, "/api/v1/tasks/%lld", (long long)task_id);
}

static void reply_unfinished(struct api_call *call, const char *json)
{
	const struct posting *posting = call->state;
	const char *location = location_of(call, posting->task_id);
	if (!posting->error) {
		api_reply_created(call, 202, location, json);
		return;
	}
	json_t *task = json_loads(json, 0, NULL);
	json_object_set_new(task, "connection_request",
		json_pack("{s:s, s:s}", "error", posting->error, "detail", posting->detail));
	char *text = json_dumps(task, JSON_COMPACT);
	const char *kept = arena_strdup(call->arena, text);
	free(text);
	json_decref(task);
	api_reply_created(call, 202, location, kept);
}

static void conclude(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0)
		api_problem(call, 404, NULL, "the device was deleted");
	else if (db_get_bool(rows, 0, 2))
		api_reply_json(call, 200, shown_of(call, rows, 0, 0));
	else
		reply_unfinished(call, shown_of(call, rows, 0, 0));
}

static void stop_waiting(struct api_call *call)
{
	struct posting *posting = call->state;
	posting->is_over = true;
	if (!db_is_waiting(&call->wait))
		read_task(call, posting->task_id, conclude);
}

static void on_waited(bool happened, void *arg)
{
	struct api_call *call = arg;
	struct posting *posting = call->state;
	(void)happened;
	posting->waiter = NULL;
	stop_waiting(call);
}

/* A device answers 503 while it is in a session. If that is one of ours, it was woken with the task
 * and may still ask for it. */
static void on_called(const struct connreq_result *result, void *arg)
{
	struct api_call *call = arg;
	struct posting *posting = call->state;
	posting->connreq = NULL;
	if (result->error == CONNREQ_OK)
		return;
	posting->error = result->error_name;
	posting->detail = arena_strdup(call->arena, result->detail);
	const bool may_come = result->error == CONNREQ_BUSY &&
			      sessions_have(call->loop->server->sessions, call->device_id);
	if (!posting->is_over && !may_come)
		stop_waiting(call);
}

static void on_taken(bool is_taken, void *arg)
{
	struct api_call *call = arg;
	struct posting *posting = call->state;
	posting->taker = NULL;
	if (!is_taken)
		return;
	connreq_cancel(posting->connreq);
	posting->connreq = NULL;
}

static void on_first_read(struct api_call *call, const struct db_answer *answer)
{
	struct posting *posting = call->state;
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0 || db_get_bool(rows, 0, 2)) {
		conclude(call, answer);
		return;
	}
	if (!wake_session(call->loop, call->device_id)) {
		posting->taker = waiter_for_taker(call->loop, call->device_id,
			(unsigned)posting->wait, on_taken, call);
		posting->connreq = connreq_begin(call->loop, call->device_id, on_called, call);
	}
	if (posting->is_over)
		read_task(call, posting->task_id, conclude);
}

static void wait_for_task(struct api_call *call)
{
	struct posting *posting = call->state;
	call->release = release_posting;
	posting->waiter = waiter_for_task(
		call->loop, posting->task_id, (unsigned)posting->wait, on_waited, call);
	read_task(call, posting->task_id, on_first_read);
}

static const struct refusal {
	const char *outcome;
	unsigned status;
	const char *field, *detail;
} refusals[] = {
	{ "no-device", 404, NULL, "no such device" },
	{ "no-file", 400, "file", "no such file" },
	{ "no-transfer", 400, "task", "is no Download, Upload or ScheduleDownload of this device" },
	{ "name-taken", 409, "file_name", "is the name of a file that this device did not upload" },
	{ "queue-full", 429, NULL, "too many tasks wait for this device" },
};

static void on_added(struct api_call *call, const struct db_answer *answer)
{
	struct posting *posting = call->state;
	const struct db_rows *rows = answer->results[0];
	const char *outcome = db_get_text(rows, 0, 0);
	for (size_t i = 0; i < LENGTH_OF(refusals); i++) {
		if (strcmp(outcome, refusals[i].outcome) == 0) {
			if (refusals[i].status == 429)
				tally_limit(LIMIT_TASKS_OF_DEVICE);
			api_problem(call, refusals[i].status, refusals[i].field, "%s",
				refusals[i].detail);
			return;
		}
	}
	posting->task_id = db_get_int(rows, 0, 2);
	if (posting->wait >= 0) {
		wait_for_task(call);
		return;
	}
	wake_session(call->loop, call->device_id);
	api_reply_created(call, 202, location_of(call, posting->task_id), shown_of(call, rows, 0, 1));
}

/* expires_in that the operator left out comes from the settings, where 0 means for ever. */
static int64_t life_of(const struct api_call *call, int64_t expires_in)
{
	const unsigned seconds = call->loop->server->config->tasks.expires_seconds;
	if (expires_in >= 0)
		return expires_in;
	return seconds ? (int64_t)seconds : -1;
}

/* What is secret in the arguments is stored sealed, all of them together, beside what may be seen of them. An older
 * server would send what may be seen, so as long as there may be one they are stored as they are. */
static void seal_secrets(struct api_call *call, struct task_new *task)
{
	struct keyring *secrets = call->loop->server->secrets;
	json_t *arguments = json_loads(task->arguments, 0, NULL);
	if (!keyring_seals_in_old_form(secrets) &&
		secrets_hide_arguments(arguments, secret_names(call))) {
		task->sealed = keyring_seal(secrets, call->arena,
			queue_place(call->arena, task->device_id, task->method), task->arguments,
			strlen(task->arguments), &task->sealed_length);
		char *shown = json_dumps(arguments, JSON_COMPACT);
		task->arguments = arena_strdup(call->arena, shown);
		free(shown);
	}
	json_decref(arguments);
}

void tasks_post(struct api_call *call)
{
	struct task_order order;
	const char *why = "";
	struct posting *posting = ARENA_NEW(call->arena, struct posting);
	if (!api_query_number(call, "wait", 0, MOST_WAIT_SECONDS, -1, &posting->wait))
		return;
	if (!task_order_read(call->arena, call->body, &order, &why)) {
		api_problem_why(call, why);
		return;
	}
	call->state = posting;
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(call->arena);
	struct task_new task = {
		.device_id = call->device_id,
		.method = order.method,
		.arguments = order.arguments,
		.note = &note,
		.expires_in = life_of(call, order.expires_in),
		.not_before = order.not_before,
		.file = order.file,
		.may_take_files_of_others = !call->scope.tags,
		.needs_version = order.needs_version,
		.queue_limit = call->loop->server->config->tasks.queue,
		.awaited_by = call->loop->server->node,
		.awaited_seconds = posting->wait > 0 ? posting->wait : 0,
	};
	seal_secrets(call, &task);
	tasks_add(&question, &task);
	api_ask(call, &question, on_added);
}

/* Lists. */

static bool read_state(struct api_call *call, const char **state)
{
	static const char *const states[] = { "queued", "sent", "done", "failed", "expired",
		"cancelled" };
	*state = api_query(call, "state");
	if (!*state)
		return true;
	for (size_t i = 0; i < LENGTH_OF(states); i++)
		if (strcmp(*state, states[i]) == 0)
			return true;
	api_problem(call, 400, "state", "must be queued, sent, done, failed, expired or cancelled");
	return false;
}

void tasks_get_list(struct api_call *call)
{
	const char *state;
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page) || !read_state(call, &state))
		return;
	page->shown = shown_in_list;
	struct db_question question = db_question(call->arena);
	tasks_list(&question, &call->scope, call->device_id, state,
		api_page_number(page, INT64_MAX), page->limit);
	api_page_ask(call, &question, page, "tasks");
}

static void on_list_of_device(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such device");
	else
		api_page_reply(call, call->state, "tasks", answer->results[1]);
}

void tasks_get_of_device(struct api_call *call)
{
	const char *state;
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page) || !read_state(call, &state))
		return;
	page->shown = shown_in_list;
	struct db_question question = db_question(call->arena);
	devices_exists(&question, call->device_id);
	tasks_list(&question, &call->scope, call->device_id, state,
		api_page_number(page, INT64_MAX), page->limit);
	call->state = page;
	api_ask(call, &question, on_list_of_device);
}

/* One task. */

/* The {task} of the path. False: answered with 404, since ids are opaque and this is none. */
static bool read_task_id(struct api_call *call, int64_t *task_id)
{
	const char *text = call->segments[0];
	char *end;
	errno = 0;
	*task_id = strtoll(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno)
		return true;
	api_problem(call, 404, NULL, "no such task");
	return false;
}

static void on_task(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0)
		api_problem(call, 404, NULL, "no such task");
	else
		api_reply_json(call, 200, shown_of(call, rows, 0, 0));
}

void tasks_get_one(struct api_call *call)
{
	int64_t task_id;
	if (read_task_id(call, &task_id))
		read_task(call, task_id, on_task);
}

/* True when the statement changed the task. False: answered. */
static bool has_changed(struct api_call *call, const struct db_rows *rows, const char *needed)
{
	if (db_row_count(rows) == 0) {
		api_problem(call, 404, NULL, "no such task");
		return false;
	}
	if (!db_get_bool(rows, 0, 0)) {
		api_problem(call, 409, "state", "only a task that is %s can do that", needed);
		return false;
	}
	return true;
}

static void on_cancelled(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	const int64_t *task_id = call->state;
	if (!has_changed(call, rows, "queued"))
		return;
	waiters_task_finished(call->loop->server->waiters, *task_id);
	if (!db_is_null(rows, 0, 3))
		peers_tell_finished(call->loop, db_get_int(rows, 0, 3), *task_id);
	api_reply_json(call, 200, shown_of(call, rows, 0, 1));
}

void tasks_remove(struct api_call *call)
{
	int64_t *task_id = ARENA_NEW(call->arena, int64_t);
	if (!read_task_id(call, task_id))
		return;
	const struct audit_note note = api_note(call, call->segments[0]);
	struct db_question question = db_question(call->arena);
	tasks_cancel(&question, &note, *task_id);
	call->state = task_id;
	api_ask(call, &question, on_cancelled);
}

static void on_retried(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (!has_changed(call, rows, "failed, expired or cancelled"))
		return;
	wake_session(call->loop, db_get_int(rows, 0, 2));
	api_reply_json(call, 200, shown_of(call, rows, 0, 1));
}

void tasks_post_retry(struct api_call *call)
{
	int64_t task_id;
	if (!read_task_id(call, &task_id))
		return;
	const struct audit_note note = api_note(call, call->segments[0]);
	struct db_question question = db_question(call->arena);
	tasks_retry(&question, &note, task_id, life_of(call, -1));
	api_ask(call, &question, on_retried);
}
