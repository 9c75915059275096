/* objects: AddObject and DeleteObject (TR-069 A.3.2.6, A.3.2.7).
 * AddObject must not happen twice, so it carries the command key as ParameterKey: the next Inform
 * shows whether it was executed even if its answer was lost. */
#include "rpc/method.h"

#include <string.h>

#include "db/parameter_key.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "object", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_object(arena, arguments, why);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	turn->out.request.object = (struct cwmp_object){
		.name = argument(task->arguments, "object"),
		.parameter_key = task->command_key,
	};
	return true;
}

static void expect_key(struct rpc_turn *turn, const struct rpc_task *task)
{
	parameter_key_expect(&turn->question, turn->session->device_id, task->command_key);
}

static void added(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct cwmp_add_object_response *told = &turn->in->response.add_object;
	struct parameter row = {
		.name = arena_printf(turn->arena, "%s%u.", argument(task->arguments, "object"),
			told->instance_number),
		.writable = true,
	};
	parameters_store_names(&turn->question, turn->session->device_id, "", &row, 1, UNLISTED_STAY,
		&turn->settings->limits);
	expect_key(turn, task);
	end->result = json_pack("{s:I, s:i}", "instance_number", (json_int_t)told->instance_number,
		"status", (int)told->status);
}

static void forget(struct rpc_turn *turn, const struct rpc_task *task)
{
	parameters_forget(
		&turn->question, turn->session->device_id, argument(task->arguments, "object"));
}

static void deleted(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	forget(turn, task);
	expect_key(turn, task);
	end->result = json_pack("{s:i}", "status", (int)turn->in->response.status);
}

/* The object that an earlier attempt deleted is not there any more: that attempt's answer was lost. */
static void delete_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	if (turn->in->fault.code != 9005 || !task->is_repeat)
		return;
	forget(turn, task);
	end->outcome = TASK_DONE;
	end->result = json_pack("{s:i}", "status", 0);
}

const struct rpc_task_method add_object_task = {
	.name = "AddObject",
	.method = CWMP_ADD_OBJECT,
	.check = check,
	.request = request,
	.respond = added,
};

const struct rpc_task_method delete_object_task = {
	.name = "DeleteObject",
	.method = CWMP_DELETE_OBJECT,
	.check = check,
	.request = request,
	.respond = deleted,
	.on_fault = delete_fault,
};
