/* get_parameter_values: reads parameters, or all below a partial path (TR-069 A.3.2.2). */
#include "rpc/method.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "names", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_names(arena, arguments, why);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	const json_t *names = json_object_get(task->arguments, "names");
	turn->out.request.parameter_names = json_strings(turn->arena, names);
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	store_values(turn, &turn->in->response.values);
	end->result = json_pack("{s:o}", "parameters", json_values(&turn->in->response.values));
}

const struct rpc_task_method get_parameter_values_task = {
	.name = "GetParameterValues",
	.method = CWMP_GET_PARAMETER_VALUES,
	.check = check,
	.request = request,
	.respond = respond,
};
