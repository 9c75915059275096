/* get_parameter_values: GetParameterValues, TR-069 A.3.2.2. */
#include "cpe/methods.h"

static json_t *names_to_json(const struct cwmp_strings *names)
{
	json_t *array = json_array();
	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(array, json_string(names->items[i]));
	return array;
}

static unsigned execute(struct method_call *call)
{
	const struct cwmp_strings *names = &call->request->request.parameter_names;
	struct cwmp_values *values = &call->answer->response.values;
	json_object_set_new(call->journal, "names", names_to_json(names));
	const unsigned fault = parameters_values(call->device->model, call->arena, names, values);
	json_object_set_new(
		call->journal, "count", json_integer(fault ? 0 : (json_int_t)values->count));
	return fault;
}

const struct rpc_method get_parameter_values_method = {
	.method = CWMP_GET_PARAMETER_VALUES,
	.execute = execute,
};
