/* onboarding_values: how a SetParameterValues of the onboarding document goes on when a device refuses it.
 * The document asks of every device what only most of them have: one parameter must not keep the others out. */
#include "rpc/method.h"

#include <string.h>

/* A list among the task's arguments, where it lives as long as the task; the database never sees it. */
static json_t *list(const struct rpc_task *task, const char *name)
{
	if (!json_object_get(task->arguments, name))
		json_object_set_new(task->arguments, name, json_array());
	return json_object_get(task->arguments, name);
}

/* Faults that are about the parameters; of the others, some may pass. */
static bool is_about_parameters(unsigned code)
{
	return code == 9003 || (code >= 9005 && code <= 9008);
}

static void skip(const struct rpc_task *task, json_t *parameters, size_t i)
{
	json_array_append(
		list(task, "skipped"), json_object_get(json_array_get(parameters, i), "name"));
	json_array_remove(parameters, i);
}

/* False when the fault names none of them. */
static bool skip_named(
	const struct rpc_task *task, json_t *parameters, const struct cwmp_fault *fault)
{
	const size_t before = json_array_size(parameters);
	for (size_t i = before; i-- > 0;)
		for (size_t f = 0; f < fault->parameter_count; f++)
			if (strcmp(argument(json_array_get(parameters, i), "name"),
				    fault->parameters[f].name) == 0) {
				skip(task, parameters, i);
				break;
			}
	return json_array_size(parameters) < before;
}

/* Where no name is told, only trying tells: the second half waits while the first is sent alone. */
static void halve(const struct rpc_task *task, json_t *parameters)
{
	json_t *rest = list(task, "rest");
	const size_t half = json_array_size(parameters) / 2;
	for (size_t i = json_array_size(parameters); i-- > half;) {
		json_array_insert(rest, 0, json_array_get(parameters, i));
		json_array_remove(parameters, i);
	}
}

static bool take_rest(const struct rpc_task *task)
{
	json_t *rest = list(task, "rest");
	if (json_array_size(rest) == 0)
		return false;
	json_object_set(task->arguments, "parameters", rest);
	json_object_del(task->arguments, "rest");
	return true;
}

static void finish(const struct rpc_task *task, struct task_end *end)
{
	end->outcome = TASK_DONE;
	end->result = json_pack("{s:O, s:O}", "status", json_object_get(task->arguments, "status"),
		"skipped", list(task, "skipped"));
}

void onboarding_values_refused(
	struct rpc_turn *turn, const struct rpc_task *task, struct task_end *end)
{
	json_t *parameters = json_object_get(task->arguments, "parameters");
	if (!is_about_parameters(turn->in->fault.code))
		return;
	if (!skip_named(task, parameters, &turn->in->fault)) {
		if (json_array_size(parameters) > 1)
			halve(task, parameters);
		else
			skip(task, parameters, 0);
	}
	if (json_array_size(parameters) > 0 || take_rest(task))
		end->outcome = TASK_MORE;
	else if (json_object_get(task->arguments, "status"))
		finish(task, end);
}

void onboarding_values_set(
	const struct rpc_turn *turn, const struct rpc_task *task, struct task_end *end)
{
	json_object_set_new(
		task->arguments, "status", json_integer((json_int_t)turn->in->response.status));
	if (take_rest(task))
		end->outcome = TASK_MORE;
	else
		finish(task, end);
}
