/* methods: the RPCs that the ACS may call on a device of a fleet, in one table; those on its tree.
 * A method returns 0 or the code of the fault to answer with; then nothing has changed. */
#include "cpe/fleet/methods.h"

#include "cpe/fleet/call.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/journal.h"
#include "cpe/methods.h"
#include "cpe/model/attributes.h"
#include "cpe/model/parameters.h"
#include "cwmp/cwmp.h"

/* The tree */

static unsigned get_names(struct call *call)
{
	const struct cwmp_get_parameter_names *request =
		&call->request->request.get_parameter_names;
	struct cwmp_names *names = &call->answer->response.names;
	const unsigned fault = parameters_names(call->tree, call->arena, request, names);
	NOTE(call, "{s:s,s:b,s:I}", "path", request->path, "next_level", request->next_level,
		"count", (json_int_t)(fault ? 0 : names->count));
	return fault;
}

static unsigned get_values(struct call *call)
{
	const struct cwmp_strings *names = &call->request->request.parameter_names;
	struct cwmp_values *values = &call->answer->response.values;
	const unsigned fault = parameters_values(call->tree, call->arena, names, values);
	json_t *list = json_array();
	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(list, json_string(names->items[i]));
	NOTE(call, "{s:o,s:I}", "names", list, "count", (json_int_t)(fault ? 0 : values->count));
	return fault;
}

static void set_parameter_key(struct call *call, const char *key)
{
	struct node *node = datamodel_at(call->tree, "ManagementServer.ParameterKey");
	NOTE(call, "{s:s}", "parameter_key", key);
	if (!node)
		return;
	overlay_own_value(call->overlay, node);
	node_show(node, key);
}

static json_t *values_to_json(const struct call *call, const struct cwmp_values *values)
{
	json_t *object = json_object();
	for (size_t i = 0; i < values->count; i++) {
		const struct node *node = datamodel_find(call->tree, values->items[i].name);
		const bool is_secret = node && node_is_hidden(node);
		json_object_set_new(object, values->items[i].name,
			json_string(is_secret ? "" : values->items[i].value));
	}
	return object;
}

static unsigned set_values(struct call *call)
{
	const struct cwmp_set_parameter_values *request =
		&call->request->request.set_parameter_values;
	const struct cwmp_values *values = &request->parameters;
	NOTE(call, "{s:o}", "parameters", values_to_json(call, values));
	if (!methods_is_key(request->parameter_key))
		return 9003;
	for (size_t i = 0; i < values->count; i++) {
		struct node *node = datamodel_find(call->tree, values->items[i].name);
		if (node && !node->is_object)
			extra_own_value(call->fleet, call->device, node);
	}
	const unsigned fault = parameters_set(call->tree, call->arena, values, &call->faults);
	if (fault)
		return fault;
	set_parameter_key(call, request->parameter_key);
	call->answer->response.status = 0;
	return 0;
}

static unsigned get_attributes(struct call *call)
{
	struct cwmp_attributes *out = &call->answer->response.attributes;
	const unsigned fault = attributes_get(
		call->tree, call->arena, &call->request->request.attribute_names, out);
	NOTE(call, "{s:I}", "count", (json_int_t)(fault ? 0 : out->count));
	return fault;
}

static unsigned set_attributes(struct call *call)
{
	const struct cwmp_attribute_changes *changes = &call->request->request.attribute_changes;
	json_t *notifications = json_object();
	for (size_t i = 0; i < changes->count; i++) {
		const struct cwmp_attribute_change *change = &changes->items[i];
		struct node *node = datamodel_find(call->tree, change->name);
		if (node)
			overlay_own_attributes(call->overlay, node);
		json_object_set_new(notifications, change->name,
			change->notification_change ? json_integer(change->notification)
						    : json_null());
	}
	NOTE(call, "{s:o}", "notifications", notifications);
	return attributes_set(call->tree, changes, call->fleet->version->version);
}

static unsigned add_object(struct call *call)
{
	const struct cwmp_object *request = &call->request->request.object;
	struct cwmp_add_object_response *response = &call->answer->response.add_object;
	NOTE(call, "{s:s}", "object", request->name);
	if (!methods_is_key(request->parameter_key))
		return 9003;
	const unsigned fault = overlay_add_row(
		call->overlay, call->tree, request->name, &response->instance_number);
	if (fault)
		return fault;
	call->device->extra->has_own_inform = true; /* a count of rows may be in it */
	NOTE(call, "{s:I}", "instance", (json_int_t)response->instance_number);
	set_parameter_key(call, request->parameter_key);
	return 0;
}

static unsigned delete_object(struct call *call)
{
	const struct cwmp_object *request = &call->request->request.object;
	NOTE(call, "{s:s}", "object", request->name);
	if (!methods_is_key(request->parameter_key))
		return 9003;
	const unsigned fault = overlay_delete_row(call->overlay, call->tree, request->name);
	if (fault)
		return fault;
	call->device->extra->has_own_inform = true;
	set_parameter_key(call, request->parameter_key);
	return 0;
}

/* The table */

static call_fn get_rpc_methods;

static const struct {
	enum cwmp_method method;
	call_fn *execute;
} methods[] = {
	{ CWMP_GET_RPC_METHODS, get_rpc_methods },
	{ CWMP_GET_PARAMETER_NAMES, get_names },
	{ CWMP_GET_PARAMETER_VALUES, get_values },
	{ CWMP_SET_PARAMETER_VALUES, set_values },
	{ CWMP_GET_PARAMETER_ATTRIBUTES, get_attributes },
	{ CWMP_SET_PARAMETER_ATTRIBUTES, set_attributes },
	{ CWMP_ADD_OBJECT, add_object },
	{ CWMP_DELETE_OBJECT, delete_object },
	{ CWMP_DOWNLOAD, call_download },
	{ CWMP_UPLOAD, call_upload },
	{ CWMP_REBOOT, call_reboot },
	{ CWMP_FACTORY_RESET, call_factory_reset },
	{ CWMP_SCHEDULE_INFORM, call_schedule_inform },
	{ CWMP_SCHEDULE_DOWNLOAD, call_schedule_download },
	{ CWMP_CANCEL_TRANSFER, call_cancel_transfer },
	{ CWMP_GET_QUEUED_TRANSFERS, call_get_queued },
	{ CWMP_GET_ALL_QUEUED_TRANSFERS, call_get_queued },
	{ CWMP_CHANGE_DU_STATE, call_change_du_state },
	{ CWMP_GET_OPTIONS, call_get_options },
	{ CWMP_SET_VOUCHERS, call_set_vouchers },
};

static bool is_spoken(const struct call *call, size_t i)
{
	return cwmp_method_since(methods[i].method) <= call->fleet->version->version;
}

static unsigned get_rpc_methods(struct call *call)
{
	struct cwmp_strings *names = &call->answer->response.methods;
	names->items = arena_array(call->arena, LENGTH_OF(methods), sizeof(*names->items));
	for (size_t i = 0; i < LENGTH_OF(methods); i++)
		if (is_spoken(call, i))
			names->items[names->count++] = cwmp_method_name(methods[i].method);
	return 0;
}

static unsigned execute(struct call *call)
{
	for (size_t i = 0; i < LENGTH_OF(methods); i++)
		if (methods[i].method == call->request->method && is_spoken(call, i))
			return methods[i].execute(call);
	return 9000;
}

void fleet_execute(struct fleet *fleet, struct fleet_device *device, struct arena *arena,
	const struct cwmp_message *request, struct cwmp_message *answer)
{
	struct call call = {
		.fleet = fleet,
		.device = device,
		.tree = fleet->model->tree,
		.overlay = &extra_of(device)->overlay,
		.arena = arena,
		.request = request,
		.answer = answer,
		.journal = json_pack(
			"{s:s,s:s?}", "method", request->method_name, "id", request->id),
	};
	cwmp_make_response(answer, request);
	extra_put_on(fleet, device);
	const unsigned fault = execute(&call);
	extra_take_off(device);
	if (fault) {
		cwmp_make_fault(answer, request, cwmp_fault_code_for(request->ns, fault), NULL);
		answer->fault.parameters = call.faults.items;
		answer->fault.parameter_count = call.faults.count;
	}
	json_object_set_new(call.journal, "fault", json_integer(fault));
	fleet_witness(fleet, device, "executed", call.journal);
}
