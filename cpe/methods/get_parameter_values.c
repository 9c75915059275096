/* get_parameter_values: GetParameterValues, TR-069 A.3.2.2, and the ways in which it goes wrong in
 * the field (--misbehave gpv-limit and bad-name). */
#include <string.h>

#include "cpe/methods.h"

static bool is_bad(const struct misbehaviour *misbehave, const char *name)
{
	for (size_t i = 0; i < misbehave->bad_name_count; i++)
		if (strcmp(misbehave->bad_names[i], name) == 0)
			return true;
	return false;
}

static bool asks_for_bad_name(
	const struct misbehaviour *misbehave, const struct cwmp_strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (is_bad(misbehave, names->items[i]))
			return true;
	return false;
}

/* A partial path passes a bad name over in silence. */
static void leave_out_bad_names(const struct misbehaviour *misbehave, struct cwmp_values *values)
{
	size_t kept = 0;
	for (size_t i = 0; i < values->count; i++)
		if (!is_bad(misbehave, values->items[i].name))
			values->items[kept++] = values->items[i];
	values->count = kept;
}

static json_t *names_to_json(const struct cwmp_strings *names)
{
	json_t *array = json_array();
	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(array, json_string(names->items[i]));
	return array;
}

static unsigned execute(struct method_call *call)
{
	const struct misbehaviour *misbehave = &call->device->options->misbehave;
	const struct cwmp_strings *names = &call->request->request.parameter_names;
	struct cwmp_values *values = &call->answer->response.values;
	json_object_set_new(call->journal, "names", names_to_json(names));
	if (asks_for_bad_name(misbehave, names))
		return 9005;
	const unsigned fault = parameters_values(call->device->model, call->arena, names, values);
	if (fault)
		return fault;
	leave_out_bad_names(misbehave, values);
	json_object_set_new(call->journal, "count", json_integer((json_int_t)values->count));
	return misbehave->gpv_limit && values->count > misbehave->gpv_limit ? 9004 : 0;
}

const struct rpc_method get_parameter_values_method = {
	.method = CWMP_GET_PARAMETER_VALUES,
	.execute = execute,
};
