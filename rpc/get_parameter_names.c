/* get_parameter_names: which objects and parameters a device has (TR-069 A.3.2.3). */
#include "rpc/method.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "path", "next_level", NULL };
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_text(arena, arguments, "path", CWMP_NAME_MAX, false, why))
		return false;
	const json_t *next_level = json_object_get(arguments, "next_level");
	if (next_level && !json_is_boolean(next_level)) {
		*why = "next_level: must be true or false";
		return false;
	}
	if (*argument(arguments, "path") && !cwmp_path_is_valid(argument(arguments, "path"))) {
		*why = "path: is no parameter path";
		return false;
	}
	return true;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const char *path = argument(task->arguments, "path");
	const bool next_level = json_is_true(json_object_get(task->arguments, "next_level"));
	/* An empty path is not understood by some devices, so the root is named; its next level is then
	 * that of the root object. */
	if (!*path)
		path = task->root;
	if (!path) {
		*why = "path: the device's root object is not known, name it";
		return false;
	}
	turn->out.request.get_parameter_names = (struct cwmp_get_parameter_names){ .path = path,
		.next_level = next_level };
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct cwmp_names *names = &turn->in->response.names;
	const char *path = argument(task->arguments, "path");
	json_t *list = json_array();
	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:b}", "name", names->items[i].name,
						    "writable", names->items[i].writable));
	store_names(turn, path, names, UNLISTED_STAY);
	end->result = json_pack("{s:o}", "parameters", list);
}

const struct rpc_task_method get_parameter_names_task = {
	.name = "GetParameterNames",
	.method = CWMP_GET_PARAMETER_NAMES,
	.check = check,
	.request = request,
	.respond = respond,
};
