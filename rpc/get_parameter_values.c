/* get_parameter_values: reads parameters, or all below a partial path (TR-069 A.3.2.2). */
#include "rpc/method.h"

#include "rpc/secrets.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "names", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_names(arena, arguments, why);
}

/* In parts, where a device's quirks tell how many names it bears in one request. */
struct reading {
	size_t first, count; /* of the names, in the request under way */
	json_t *told;        /* freed with the task's arguments, which it becomes a part of */
};

static struct reading *begin(struct rpc_task *task)
{
	struct reading *r = ARENA_NEW(task->arena, struct reading);
	json_object_set_new(task->arguments, "told", json_array());
	r->told = json_object_get(task->arguments, "told");
	return r;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	if (!task->progress)
		task->progress = begin(task);
	struct reading *r = task->progress;
	const struct cwmp_strings names = json_strings(
		turn->arena, json_object_get(task->arguments, "names"));
	const size_t most = turn->session->quirks.names_per_request;
	r->count = names.count - r->first;
	if (most && r->count > most)
		r->count = most;
	turn->out.request.parameter_names = (struct cwmp_strings){ .items = names.items + r->first,
		.count = r->count };
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	struct reading *r = task->progress;
	json_t *values = json_values(&turn->in->response.values);
	secrets_hide(values, turn->settings->secret_names, NULL);
	store_values(turn, &turn->in->response.values, TELLER_ANSWER);
	json_array_extend(r->told, values);
	json_decref(values);
	r->first += r->count;
	if (r->first < json_array_size(json_object_get(task->arguments, "names")))
		end->outcome = TASK_MORE;
	else
		end->result = json_pack("{s:O}", "parameters", r->told);
}

const struct rpc_task_method get_parameter_values_task = {
	.name = "GetParameterValues",
	.method = CWMP_GET_PARAMETER_VALUES,
	.check = check,
	.request = request,
	.respond = respond,
};
