/* get_parameter_values: reads parameters, or all below a partial path (TR-069 A.3.2.2). */
#include "rpc/method.h"

static bool check_names(struct arena *arena, const json_t *names, const char **why)
{
	size_t i;
	json_t *name;
	json_array_foreach (names, i, name) {
		const char *text = json_string_value(name);
		if (!text || !*text || !cwmp_path_is_valid(text)) {
			*why = arena_printf(arena, "names[%zu]: is no parameter path", i);
			return false;
		}
	}
	return true;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "names", NULL };
	const json_t *names = json_object_get(arguments, "names");
	if (!arguments_known(arena, arguments, fields, why))
		return false;
	if (!json_is_array(names) || json_array_size(names) == 0) {
		*why = "names: must be a list of at least one path";
		return false;
	}
	return check_names(arena, names, why);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	const json_t *names = json_object_get(task->arguments, "names");
	struct cwmp_strings *asked = &turn->out.request.parameter_names;
	asked->count = json_array_size(names);
	asked->items = arena_array(turn->arena, asked->count, sizeof(*asked->items));
	for (size_t i = 0; i < asked->count; i++)
		asked->items[i] = json_string_value(json_array_get(names, i));
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
