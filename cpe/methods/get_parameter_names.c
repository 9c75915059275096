/* get_parameter_names: GetParameterNames, TR-069 A.3.2.3. */
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_get_parameter_names *request =
		&call->request->request.get_parameter_names;
	struct cwmp_names *names = &call->answer->response.names;
	const unsigned fault = parameters_names(call->device->model, call->arena, request, names);
	json_object_set_new(call->journal, "path", json_string(request->path));
	json_object_set_new(call->journal, "next_level", json_boolean(request->next_level));
	json_object_set_new(call->journal, "count", json_integer(fault ? 0 : (int)names->count));
	return fault;
}

const struct rpc_method get_parameter_names_method = {
	.method = CWMP_GET_PARAMETER_NAMES,
	.execute = execute,
};
