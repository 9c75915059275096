/* parameter_attributes: which changes a device tells, and who may change a parameter besides the ACS:
 * GetParameterAttributes, SetParameterAttributes (TR-069 A.3.2.4, A.3.2.5). */
#include "rpc/method.h"

#include <string.h>

/* From 3 on they are lightweight notifications, which 1.4 brought. */
enum { NOTIFICATION_MAX = 6, LIGHTWEIGHT_NOTIFICATION = 3, ENTITY_MAX = 64 };

static bool check_get(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "names", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_names(arena, arguments, why);
}

static bool request_get(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	const json_t *names = json_object_get(task->arguments, "names");
	turn->out.request.attribute_names = json_strings(turn->arena, names);
	return true;
}

static json_t *attribute_json(const struct cwmp_attribute *attribute)
{
	json_t *access_list = json_array();
	for (size_t i = 0; i < attribute->access_list.count; i++)
		json_array_append_new(access_list, json_string(attribute->access_list.items[i]));
	return json_pack("{s:s, s:I, s:o}", "name", attribute->name, "notification",
		(json_int_t)attribute->notification, "access_list", access_list);
}

static void respond_get(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	const struct cwmp_attributes *told = &turn->in->response.attributes;
	json_t *list = json_array();
	for (size_t i = 0; i < told->count; i++)
		json_array_append_new(list, attribute_json(&told->items[i]));
	store_attributes(turn, told);
	end->result = json_pack("{s:o}", "parameters", list);
}

static bool check_access_list(struct arena *arena, const json_t *change, const char **why)
{
	const json_t *list = json_object_get(change, "access_list");
	size_t i;
	json_t *entity;
	if (list && !json_is_array(list)) {
		*why = "access_list: must be a list of texts";
		return false;
	}
	json_array_foreach (list, i, entity) {
		const char *text = json_string_value(entity);
		if (text && *text && strlen(text) <= ENTITY_MAX && cwmp_text_is_sendable(text))
			continue;
		*why = arena_printf(
			arena, "access_list[%zu]: must be a text of 1 to %d bytes", i, ENTITY_MAX);
		return false;
	}
	return true;
}

static bool check_change(struct arena *arena, const json_t *change, const char **why)
{
	static const char *const fields[] = { "name", "notification", "access_list", NULL };
	if (!arguments_known(arena, change, fields, why) ||
		!argument_text(arena, change, "name", CWMP_NAME_MAX, true, why) ||
		!argument_number(arena, change, "notification", NOTIFICATION_MAX, why))
		return false;
	if (!cwmp_path_is_valid(argument(change, "name"))) {
		*why = "name: is no parameter path";
		return false;
	}
	if (!json_object_get(change, "notification") && !json_object_get(change, "access_list")) {
		*why = "notification: give notification, access_list or both";
		return false;
	}
	return check_access_list(arena, change, why);
}

static bool check_set(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "parameters", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_list(arena, arguments, "parameters", SIZE_MAX, why) &&
	       argument_items(arena, arguments, "parameters", check_change, why);
}

static struct cwmp_attribute_change read_change(struct arena *arena, const json_t *change)
{
	const json_t *access_list = json_object_get(change, "access_list");
	return (struct cwmp_attribute_change){
		.name = argument(change, "name"),
		.notification_change = json_object_get(change, "notification") != NULL,
		.notification = (unsigned)number_of(change, "notification"),
		.access_list_change = access_list != NULL,
		.access_list = json_strings(arena, access_list),
	};
}

static bool request_set(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const json_t *parameters = json_object_get(task->arguments, "parameters");
	struct cwmp_attribute_changes *sent = ARENA_NEW(task->arena, struct cwmp_attribute_changes);
	sent->count = json_array_size(parameters);
	sent->items = arena_array(task->arena, sent->count, sizeof(*sent->items));
	for (size_t i = 0; i < sent->count; i++) {
		struct cwmp_attribute_change *change = &sent->items[i];
		*change = read_change(task->arena, json_array_get(parameters, i));
		if (change->notification < LIGHTWEIGHT_NOTIFICATION ||
			turn->session->version >= CWMP_1_4)
			continue;
		*why = arena_printf(task->arena,
			"parameters[%zu].notification: %u needs CWMP 1.4, the device speaks %s", i,
			change->notification, cwmp_version_name(turn->session->version));
		return false;
	}
	turn->out.request.attribute_changes = *sent;
	task->progress = sent;
	return true;
}

static void respond_set(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct cwmp_attribute_changes *sent = task->progress;
	struct parameter_notification *changed = arena_array(
		turn->arena, sent->count, sizeof(*changed));
	size_t count = 0;
	for (size_t i = 0; i < sent->count; i++)
		if (sent->items[i].notification_change)
			changed[count++] = (struct parameter_notification){
				.name = sent->items[i].name,
				.notification = sent->items[i].notification,
			};
	parameters_store_notifications(
		&turn->question, turn->session->device_id, changed, count, true);
	end->result = json_object();
}

const struct rpc_task_method get_parameter_attributes_task = {
	.name = "GetParameterAttributes",
	.method = CWMP_GET_PARAMETER_ATTRIBUTES,
	.check = check_get,
	.request = request_get,
	.respond = respond_get,
};

const struct rpc_task_method set_parameter_attributes_task = {
	.name = "SetParameterAttributes",
	.method = CWMP_SET_PARAMETER_ATTRIBUTES,
	.check = check_set,
	.request = request_set,
	.respond = respond_set,
};
