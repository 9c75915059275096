/* add_object: AddObject, TR-069 A.3.2.6. */
#include "cpe/methods.h"
#include "cpe/model/objects.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_object *request = &call->request->request.object;
	struct cwmp_add_object_response *response = &call->answer->response.add_object;
	json_object_set_new(call->journal, "object", json_string(request->name));
	if (!methods_is_key(request->parameter_key))
		return 9003;
	const unsigned fault = objects_add(
		call->device->model, request->name, &response->instance_number);
	if (fault)
		return fault;
	json_object_set_new(call->journal, "instance", json_integer(response->instance_number));
	methods_set_parameter_key(call, request->parameter_key);
	device_save(call->device);
	return 0;
}

const struct rpc_method add_object_method = { .method = CWMP_ADD_OBJECT, .execute = execute };
