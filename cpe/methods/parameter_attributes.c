/* parameter_attributes: SetParameterAttributes and GetParameterAttributes, TR-069 A.3.2.4 and
 * A.3.2.5. */
#include "cpe/model/attributes.h"
#include "cpe/methods.h"

static json_t *changes_to_json(const struct cwmp_attribute_changes *changes)
{
	json_t *object = json_object();
	for (size_t i = 0; i < changes->count; i++)
		json_object_set_new(object, changes->items[i].name,
			changes->items[i].notification_change
				? json_integer(changes->items[i].notification)
				: json_null());
	return object;
}

static unsigned set(struct method_call *call)
{
	const struct cwmp_attribute_changes *changes = &call->request->request.attribute_changes;
	struct device *device = call->device;
	json_object_set_new(call->journal, "notifications", changes_to_json(changes));
	const unsigned fault = attributes_set(device->model, changes, device->version->version);
	if (!fault)
		device_save(device);
	return fault;
}

static unsigned get(struct method_call *call)
{
	struct cwmp_attributes *out = &call->answer->response.attributes;
	const unsigned fault = attributes_get(
		call->device->model, call->arena, &call->request->request.attribute_names, out);
	json_object_set_new(call->journal, "count", json_integer(fault ? 0 : (int)out->count));
	return fault;
}

const struct rpc_method set_parameter_attributes_method = {
	.method = CWMP_SET_PARAMETER_ATTRIBUTES,
	.execute = set,
};
const struct rpc_method get_parameter_attributes_method = {
	.method = CWMP_GET_PARAMETER_ATTRIBUTES,
	.execute = get,
};
