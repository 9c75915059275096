/* set_parameter_values: SetParameterValues, TR-069 A.3.2.1. All values or none. */
#include <string.h>

#include "cpe/methods.h"

static json_t *values_to_json(const struct datamodel *model, const struct cwmp_values *values)
{
	json_t *object = json_object();
	for (size_t i = 0; i < values->count; i++) {
		const struct cwmp_value *value = &values->items[i];
		const struct node *node = datamodel_find(model, value->name);
		json_object_set_new(object, value->name,
			json_string(node && node_is_hidden(node) ? "" : value->value));
	}
	return object;
}

/* Another URL of the ACS counts from the next session on. */
static bool changes_acs(const struct device *device, const struct cwmp_values *values)
{
	const struct node *url = datamodel_at(device->model, "ManagementServer.URL");
	for (size_t i = 0; url && i < values->count; i++)
		if (datamodel_find(device->model, values->items[i].name) == url)
			return strcmp(values->items[i].value, url->value) != 0;
	return false;
}

static unsigned execute(struct method_call *call)
{
	const struct cwmp_set_parameter_values *request =
		&call->request->request.set_parameter_values;
	struct device *device = call->device;
	json_object_set_new(
		call->journal, "parameters", values_to_json(device->model, &request->parameters));
	if (!methods_is_key(request->parameter_key))
		return 9003;
	const unsigned status = changes_acs(device, &request->parameters) ? 1 : 0;
	const unsigned fault = parameters_set(
		device->model, call->arena, &request->parameters, &call->faults);
	if (fault)
		return fault;
	methods_set_parameter_key(call, request->parameter_key);
	device_reconfigure(device);
	device_save(device);
	call->answer->response.status = status;
	return 0;
}

const struct rpc_method set_parameter_values_method = {
	.method = CWMP_SET_PARAMETER_VALUES,
	.execute = execute,
};
