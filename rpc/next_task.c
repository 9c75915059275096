/* next_task: the ACS's turn: settle the task that was answered, and send the next one that is due.
 * Both travel in one question: what the answer taught, the task's end, and the claim of its successor. */
#include "rpc/method.h"

#include <string.h>

#include "db/task_progress.h"
#include "rpc/secrets.h"
#include "rpc/task.h"

enum { METHOD_NOT_SUPPORTED = 9000 };

struct exchange {
	struct task_end end; /* of the task that was answered; no result left in it */
	bool is_answered;
	bool has_claim;
	size_t claim; /* result of the claim */
};

bool fault_may_pass(unsigned code)
{
	static const unsigned passing[] = { 9001, 9002, 9004, 9010, 9011, 9014, 9015, 9017 };
	for (size_t i = 0; i < LENGTH_OF(passing); i++)
		if (passing[i] == code)
			return true;
	return false;
}

const char *rpc_task_name(const struct rpc_task *task)
{
	return task ? task->name : NULL;
}

const char *rpc_task_request_id(const struct rpc_task *task)
{
	return task->request_id;
}

bool rpc_task_lost(struct rpc_session *session, struct db_question *question)
{
	struct rpc_task *task = session->task;
	return task && task->method && task->method->on_lost &&
	       task->method->on_lost(session, task, question);
}

void rpc_task_free(struct rpc_task *task)
{
	if (!task)
		return;
	json_decref(task->arguments);
	json_decref(task->types);
	json_decref(task->file);
	json_decref(task->saved);
	arena_free(task->arena);
}

static json_t *json_or_null(const char *text)
{
	return text ? json_loads(text, 0, NULL) : NULL;
}

static struct db_bytes arena_bytes(struct arena *arena, struct db_bytes bytes)
{
	if (bytes.bytes)
		bytes.bytes = arena_memdup(arena, bytes.bytes, bytes.length);
	return bytes;
}

/* As they were queued: what is sealed of them is in the clear nowhere else. NULL: no key of ours opens it. */
static json_t *read_arguments(const struct rpc_turn *turn, const struct queue_task *claimed)
{
	size_t length;
	if (!claimed->sealed)
		return json_loads(claimed->arguments, 0, NULL);
	const char *place = claimed->is_onboarding
				    ? onboarding_place(turn->arena, claimed->method)
				    : queue_place(turn->arena, turn->session->device_id, claimed->method);
	const char *text = keyring_unseal(turn->settings->secrets, turn->arena, place,
		claimed->sealed, claimed->sealed_length, &length);
	return text ? json_loadb(text, length, 0, NULL) : NULL;
}

static struct rpc_task *task_new(const struct rpc_turn *turn, const struct queue_task *claimed)
{
	struct arena *arena = arena_new();
	struct rpc_task *task = ARENA_NEW(arena, struct rpc_task);
	*task = (struct rpc_task){
		.arena = arena,
		.name = arena_strdup(arena, claimed->method),
		.method = rpc_task_method(claimed->method),
		.task_id = claimed->task_id,
		.arguments = read_arguments(turn, claimed),
		.is_sealed = claimed->sealed,
		.command_key = arena_strdup(arena, claimed->command_key),
		.attempts = claimed->attempts,
		.types = json_or_null(claimed->types),
		.file = json_or_null(claimed->file),
		.root = arena_strdup(arena, claimed->root),
		.refresh_batch = claimed->refresh_batch,
		.is_onboarding = claimed->is_onboarding,
		.is_repeat = claimed->is_repeat,
		.refusal = arena_strdup(arena, claimed->refusal),
		.cancelled_key = arena_strdup(arena, claimed->cancelled_key),
		.saved = json_or_null(claimed->progress),
		.next_username = arena_strdup(arena, claimed->next_username),
		.next_password = arena_bytes(arena, claimed->next_password),
	};
	return task;
}

static void end_task(struct rpc_session *session)
{
	rpc_task_free(session->task);
	session->task = NULL;
}

/* Does the device bear another request in this session? */
static bool bears_more(const struct rpc_session *session)
{
	const unsigned most = session->quirks.requests_per_session;
	return !most || session->requests < most;
}

static void add_claim(struct rpc_turn *turn, struct exchange *x)
{
	struct rpc_session *session = turn->session;
	if (!session->has_tasks || session->is_closing || !bears_more(session) ||
		session->requests >= turn->settings->requests_per_session)
		return;
	x->has_claim = true;
	x->claim = turn->question.count;
	queue_claim(&turn->question, session->device_id, session->epoch,
		turn->settings->transfer_seconds);
}

static enum rpc_next exchanged(struct rpc_turn *turn, const struct db_answer *answer);

/* Statements of a question that asks for nothing yet. */
enum { EPOCH_ALONE = 1 };

static void begin_question(struct rpc_turn *turn)
{
	turn->question = db_question(turn->arena);
	turn->settling_count = 0;
	turn->answer = exchanged;
	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
}

/* The session bears no more requests: the task goes on in the next one. */
static void pause_task(struct rpc_turn *turn, struct rpc_task *task)
{
	json_t *progress = task->method->save(turn, task);
	task_progress_pause(&turn->question, task->task_id, turn->session->epoch,
		json_text(turn->arena, progress));
	json_decref(progress);
	turn->outcome = "paused";
}

/* Adds the task's end to the question. */
static void add_end(struct rpc_turn *turn, struct rpc_task *task, const struct task_end *end)
{
	struct db_question *q = &turn->question;
	const int64_t epoch = turn->session->epoch;
	json_t *fault = NULL;
	if (end->outcome == TASK_MORE || !task->task_id)
		return;
	if (end->outcome == TASK_FAILED) {
		fault = fault_json(end->fault_code, end->fault_text, end->fault);
		const char *text = json_text(turn->arena, fault);
		queue_record_fault(q, turn->session->device_id, task->task_id, task->name,
			end->fault_code, end->fault_text, text);
		if (task->method == &factory_reset_task) /* there was none: its claim opened too much */
			credentials_close(q, turn->session->device_id);
		if (fault_may_pass(end->fault_code))
			queue_retry(q, task->task_id, epoch, text, turn->settings->retry_seconds,
				turn->settings->attempts);
		else
			queue_finish(q, task->task_id, epoch, false, NULL, text);
		note_settling(turn);
	} else if (end->outcome == TASK_PAUSED) {
		pause_task(turn, task);
	} else if (end->outcome == TASK_AWAITS_TRANSFER) {
		queue_await_transfer(q, task->task_id, epoch);
	} else {
		queue_finish(
			q, task->task_id, epoch, true, json_text(turn->arena, end->result), NULL);
		note_settling(turn);
	}
	json_decref(fault);
}

/* The request cannot be built: the task fails, and the next one is claimed in the same question. */
static enum rpc_next give_up(struct rpc_turn *turn, struct exchange *x, const char *why)
{
	const struct task_end end = { .outcome = TASK_FAILED, .fault_text = why };
	*x = (struct exchange){ .end = end, .is_answered = true };
	begin_question(turn);
	add_end(turn, turn->session->task, &end);
	add_claim(turn, x);
	return RPC_ASK;
}

/* Why the task is not worth sending to this device; NULL when it is. Nothing newer than the device's version
 * is sent to it. */
static const char *unsendable(struct rpc_turn *turn, const struct rpc_task *task)
{
	const enum cwmp_version version = turn->session->version;
	if (task->is_sealed && !task->arguments)
		return "its arguments were sealed with another secrets.key";
	if (!task->method || !task->arguments)
		return "its method or arguments are not known to this server";
	const enum cwmp_version since = cwmp_method_since(task->method->method);
	if (since > version)
		return arena_printf(turn->arena, "%s needs CWMP %s, the device speaks %s",
			task->name, cwmp_version_name(since), cwmp_version_name(version));
	return task->refusal;
}

static enum rpc_next send_request(struct rpc_turn *turn, struct exchange *x)
{
	struct rpc_session *session = turn->session;
	struct rpc_task *task = session->task;
	const char *why = unsendable(turn, task);
	if (why)
		return give_up(turn, x, why);
	task->request_id = arena_printf(
		task->arena, "%s-%u", task->command_key, session->requests + 1);
	cwmp_make_request(&turn->out, session->ns, task->method->method, task->request_id);
	turn->out.ns_uri = session->ns_uri;
	if (!task->method->request(turn, task, &why))
		return give_up(turn, x, why);
	if (quirks_lack_method(&session->quirks, turn->out.method))
		return give_up(turn, x,
			arena_printf(turn->arena, "the device's quirks tell that it has no %s",
				cwmp_method_name(turn->out.method)));
	if (task->method->ends_requests)
		hold_end(turn);
	task->asked = turn->out.method;
	task->asked_name = task->asked == CWMP_UNKNOWN_METHOD ? turn->out.method_name
							      : cwmp_method_name(task->asked);
	turn->outcome = "sent";
	session->requests++;
	return RPC_REPLY;
}

static enum rpc_next begin_claimed(
	struct rpc_turn *turn, struct exchange *x, const struct queue_task *claimed)
{
	struct rpc_task *task = task_new(turn, claimed);
	const struct onboarding_words words = { .root = task->root,
		.device_id = turn->session->device_id };
	turn->session->task = task;
	if (task->is_onboarding && !onboarding_expand(task->arena, &words, task->arguments))
		return give_up(turn, x, "{root}: the device's root object is not known");
	return send_request(turn, x);
}

static enum rpc_next exchanged(struct rpc_turn *turn, const struct db_answer *answer)
{
	struct exchange *x = turn->state;
	struct queue_task claimed;
	struct rpc_task *task = turn->session->task;
	if (x->is_answered && x->end.outcome == TASK_MORE) {
		if (task->method->learn)
			task->method->learn(turn, task, answer);
		return send_request(turn, x);
	}
	if (x->is_answered)
		end_task(turn->session);
	if (x->has_claim && queue_task_read(turn->arena, answer->results[x->claim], &claimed))
		return begin_claimed(turn, x, &claimed);
	turn->session->has_tasks = false;
	if (!turn->outcome)
		turn->outcome = "nothing due";
	return hold_lift(turn);
}

enum rpc_next next_task_ask(struct rpc_turn *turn)
{
	struct exchange *x = ARENA_NEW(turn->arena, struct exchange);
	turn->state = x;
	begin_question(turn);
	add_claim(turn, x);
	if (x->has_claim)
		return RPC_ASK;
	turn->outcome = "nothing waits";
	return hold_lift(turn);
}

enum { LOOKS_MAX = 100000 }; /* of texts for secrets; a device may tell as many faults as it likes */

/* Devices quote the value that they refuse. */
static struct cwmp_fault *unquoted(const struct rpc_turn *turn, const struct rpc_task *task)
{
	struct cwmp_fault *fault = arena_memdup(
		turn->arena, &turn->in->fault, sizeof(*fault));
	json_t *secrets = secrets_of(task->arguments, turn->settings->secret_names);
	const bool is_too_much = fault->parameter_count * json_array_size(secrets) > LOOKS_MAX;
	struct cwmp_parameter_fault *parameters = arena_array(
		turn->arena, fault->parameter_count, sizeof(*parameters));
	for (size_t i = 0; i < fault->parameter_count; i++) {
		parameters[i] = fault->parameters[i];
		parameters[i].text = is_too_much ? SECRET_SHOWN
						 : secrets_unquoted(turn->arena,
							   parameters[i].text, secrets);
	}
	fault->parameters = parameters;
	fault->text = secrets_unquoted(turn->arena, fault->text, secrets);
	fault->fault_string = secrets_unquoted(turn->arena, fault->fault_string, secrets);
	json_decref(secrets);
	return fault;
}

static void read_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct cwmp_fault *fault = unquoted(turn, task);
	end->outcome = TASK_FAILED;
	end->fault = fault;
	end->fault_code = fault->code;
	end->fault_text = *fault->text ? fault->text : fault->fault_string;
	turn->outcome = arena_printf(turn->arena, "fault %u", fault->code);
	if (fault->code == METHOD_NOT_SUPPORTED)
		devices_refuse_method(&turn->question, turn->session->device_id, task->asked_name);
	if (task->method->on_fault)
		task->method->on_fault(turn, task, end);
}

static bool answers(const struct rpc_turn *turn, const struct rpc_task *task)
{
	if (turn->in->kind == CWMP_FAULT)
		return true;
	return turn->in->method == task->asked &&
	       (task->asked != CWMP_UNKNOWN_METHOD ||
		       strcmp(turn->in->method_name, task->asked_name) == 0);
}

enum rpc_next task_response_ask(struct rpc_turn *turn)
{
	struct rpc_task *task = turn->session->task;
	struct exchange *x = ARENA_NEW(turn->arena, struct exchange);
	if (!answers(turn, task)) {
		turn->why = arena_printf(turn->arena, "a %sResponse answers our %s",
			turn->in->method_name, task->asked_name);
		return RPC_REFUSED;
	}
	turn->state = x;
	x->is_answered = true;
	begin_question(turn);
	if (turn->in->kind == CWMP_FAULT) {
		read_fault(turn, task, &x->end);
	} else {
		turn->outcome = "done";
		task->method->respond(turn, task, &x->end);
	}
	if (x->end.outcome == TASK_MORE && task->method->save && !bears_more(turn->session))
		x->end.outcome = TASK_PAUSED;
	if (x->end.outcome == TASK_MORE && turn->question.count == EPOCH_ALONE)
		return send_request(turn, x); /* nothing to write, nothing to read */
	add_end(turn, task, &x->end);
	json_decref(x->end.result);
	x->end.result = NULL;
	if (task->method->ends_requests && x->end.outcome == TASK_DONE)
		turn->session->is_closing = true;
	if (x->end.outcome != TASK_MORE)
		add_claim(turn, x);
	return RPC_ASK;
}
