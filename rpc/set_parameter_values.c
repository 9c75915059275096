/* set_parameter_values: changes parameters, all or none (TR-069 A.3.2.1).
 * What the device accepted is stored at once; credentials for connection requests go to where they are kept sealed. */
#include "rpc/method.h"

#include <string.h>

#include "db/credentials.h"
#include "db/parameter_key.h"

/* What is wrong with the parameter, beginning with the field's name; NULL when nothing is. text is its value's. */
static const char *fault_in(struct arena *arena, const json_t *parameter, const char *text)
{
	static const char *const fields[] = { "name", "value", "type", NULL };
	const char *name = argument(parameter, "name"), *why;
	const char *given = argument(parameter, "type"), *type = cwmp_type_normalise(given);
	if (!arguments_known(arena, parameter, fields, &why))
		return why;
	if (!*name || !cwmp_path_is_valid(name) || cwmp_path_is_partial(name))
		return "name: must be a parameter's complete path";
	if (!text)
		return "value: must be a text, a number, true or false";
	if (!cwmp_text_is_sendable(text))
		return "value: holds a character that XML cannot carry";
	if (json_object_get(parameter, "type") && !type)
		return "type: is no XML Schema type such as xsd:string";
	if (type && !cwmp_type_accepts(type, text))
		return arena_printf(arena, "value: is no %s", type);
	return NULL;
}

static bool check_parameter(struct arena *arena, json_t *parameter, size_t i, const char **why)
{
	const json_t *value = json_object_get(parameter, "value");
	const char *text = value ? json_value_text(arena, value) : NULL;
	if (!json_is_object(parameter)) {
		*why = arena_printf(
			arena, "parameters[%zu]: must be an object with name and value", i);
		return false;
	}
	const char *fault = fault_in(arena, parameter, text);
	if (fault) {
		*why = arena_printf(arena, "parameters[%zu].%s", i, fault);
		return false;
	}
	const char *type = cwmp_type_normalise(argument(parameter, "type"));
	json_object_set_new(parameter, "value", json_string(text));
	if (type)
		json_object_set_new(parameter, "type", json_string(type));
	return true;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "parameters", "parameter_key", NULL };
	const json_t *parameters = json_object_get(arguments, "parameters");
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_text(arena, arguments, "parameter_key", CWMP_COMMAND_KEY_MAX, false,
			why) ||
		!argument_list(arena, arguments, "parameters", SIZE_MAX, why))
		return false;
	for (size_t i = 0; i < json_array_size(parameters); i++)
		if (!check_parameter(arena, json_array_get(parameters, i), i, why))
			return false;
	return true;
}

/* As the order says, else as the device told, else a string. */
static const char *type_of(const struct rpc_task *task, const json_t *parameter)
{
	/* Orders are checked; the types of an onboarding document are as the operator spelled them. */
	const char *given = cwmp_type_normalise(argument(parameter, "type"));
	const char *learned = argument(task->types, argument(parameter, "name"));
	return given ? given : *learned ? learned : "xsd:string";
}

/* False when a value is not what its type allows: the schema lets no such envelope leave. */
static bool fill_value(
	struct rpc_task *task, const json_t *parameter, struct cwmp_value *out, const char **why)
{
	*out = (struct cwmp_value){
		.name = argument(parameter, "name"),
		.value = json_value_text(task->arena, json_object_get(parameter, "value")),
		.type = type_of(task, parameter),
	};
	if (cwmp_type_accepts(out->type, out->value))
		return true;
	*why = arena_printf(task->arena, "the value of %s is no %s", out->name, out->type);
	return false;
}

static const char *boolean_text(enum quirk_booleans spelling, const char *value)
{
	const bool is_true = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
	if (spelling == BOOLEANS_AS_GIVEN)
		return value;
	if (spelling == BOOLEANS_AS_WORDS)
		return is_true ? "true" : "false";
	return is_true ? "1" : "0";
}

/* xsd:boolean has two spellings, and devices that know only one of them are not rare. */
static struct cwmp_values spelled_for_device(
	struct rpc_turn *turn, const struct cwmp_values *values)
{
	const size_t size = values->count * sizeof(*values->items);
	struct cwmp_values out = *values;
	out.items = arena_memdup(turn->arena, values->items, size);
	for (size_t i = 0; i < out.count; i++)
		if (strcmp(out.items[i].type, "xsd:boolean") == 0)
			out.items[i].value = boolean_text(
				turn->session->quirks.booleans, out.items[i].value);
	return out;
}

/* The operator's, or ours: "<task id>.<attempt>". */
static const char *parameter_key(const struct rpc_task *task)
{
	const json_t *key = json_object_get(task->arguments, "parameter_key");
	return key ? json_string_value(key) : task->command_key;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const json_t *parameters = json_object_get(task->arguments, "parameters");
	struct cwmp_values *sent = ARENA_NEW(task->arena, struct cwmp_values);
	sent->count = json_array_size(parameters);
	sent->items = arena_array(task->arena, sent->count, sizeof(*sent->items));
	for (size_t i = 0; i < sent->count; i++)
		if (!fill_value(task, json_array_get(parameters, i), &sent->items[i], why))
			return false;
	turn->out.request.set_parameter_values = (struct cwmp_set_parameter_values){
		.parameters = spelled_for_device(turn, sent),
		.parameter_key = parameter_key(task),
	};
	task->progress = sent;
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void keep_connection_request(struct rpc_turn *turn, const struct cwmp_values *sent)
{
	const char *username = NULL;
	const void *sealed = NULL;
	size_t sealed_length = 0;
	for (size_t i = 0; i < sent->count; i++) {
		const struct cwmp_value *v = &sent->items[i];
		if (ends_with(v->name, ".ManagementServer.ConnectionRequestUsername"))
			username = v->value;
		else if (ends_with(v->name, ".ManagementServer.ConnectionRequestPassword"))
			sealed = keyring_seal(turn->settings->secrets, turn->arena,
				credential_place(turn->arena, turn->session->device_id), v->value,
				strlen(v->value), &sealed_length);
	}
	if (username || sealed)
		devices_set_connection_request(
			&turn->question, turn->session->device_id, username, sealed, sealed_length);
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct cwmp_values *sent = task->progress;
	store_values(turn, sent, TELLER_ANSWER);
	keep_connection_request(turn, sent);
	parameter_key_expect(&turn->question, turn->session->device_id, parameter_key(task));
	if (task->is_onboarding)
		onboarding_values_set(turn, task, end);
	else
		end->result = json_pack("{s:i}", "status", (int)turn->in->response.status);
}

static void on_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	if (task->is_onboarding)
		onboarding_values_refused(turn, task, end);
}

const struct rpc_task_method set_parameter_values_task = {
	.name = "SetParameterValues",
	.method = CWMP_SET_PARAMETER_VALUES,
	.check = check,
	.request = request,
	.respond = respond,
	.on_fault = on_fault,
};
