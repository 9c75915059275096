/* delete_object: DeleteObject, TR-069 A.3.2.7. */
#include "cpe/methods.h"
#include "cpe/model/objects.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_object *request = &call->request->request.object;
	json_object_set_new(call->journal, "object", json_string(request->name));
	if (!methods_is_key(request->parameter_key))
		return 9003;
	const unsigned fault = objects_delete(call->device->model, request->name);
	if (fault)
		return fault;
	methods_set_parameter_key(call, request->parameter_key);
	device_save(call->device);
	return 0;
}

const struct rpc_method delete_object_method = { .method = CWMP_DELETE_OBJECT, .execute = execute };
