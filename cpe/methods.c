/* methods: the RPCs that the ACS may call, one file each, all of one shape, in one table.
 * What was executed is in the journal before its answer leaves. */
#include "cpe/methods.h"

#include <string.h>

#include "base/compiler.h"
#include "cpe/log.h"
#include "cwmp/cwmp.h"

static const struct rpc_method *const methods[] = {
	&get_rpc_methods_method,
	&get_parameter_names_method,
	&get_parameter_values_method,
	&set_parameter_values_method,
	&get_parameter_attributes_method,
	&set_parameter_attributes_method,
	&add_object_method,
	&delete_object_method,
	&download_method,
	&upload_method,
	&reboot_method,
	&factory_reset_method,
	&schedule_inform_method,
	&schedule_download_method,
	&cancel_transfer_method,
	&get_queued_transfers_method,
	&get_all_queued_transfers_method,
	&change_du_state_method,
	&get_options_method,
	&set_vouchers_method,
	&echo_method,
};

static const char *name_of(const struct rpc_method *method)
{
	return method->name ? method->name : cwmp_method_name(method->method);
}

static bool is_in(const struct rpc_method *method, enum cwmp_version version)
{
	return method->name || cwmp_method_since(method->method) <= version;
}

struct cwmp_strings methods_names(struct arena *arena, enum cwmp_version version)
{
	struct cwmp_strings names = {
		.items = arena_array(arena, LENGTH_OF(methods), sizeof(*names.items)),
	};
	for (size_t i = 0; i < LENGTH_OF(methods); i++)
		if (is_in(methods[i], version))
			names.items[names.count++] = name_of(methods[i]);
	return names;
}

static const struct rpc_method *find_method(const char *name, enum cwmp_version version)
{
	for (size_t i = 0; i < LENGTH_OF(methods); i++)
		if (strcmp(name_of(methods[i]), name) == 0)
			return is_in(methods[i], version) ? methods[i] : NULL;
	return NULL;
}

bool methods_is_key(const char *key)
{
	return strlen(key) <= CWMP_COMMAND_KEY_MAX;
}

void methods_set_parameter_key(struct method_call *call, const char *parameter_key)
{
	struct node *node = datamodel_at(call->device->model, "ManagementServer.ParameterKey");
	if (node)
		node_set(node, parameter_key);
	json_object_set_new(call->journal, "parameter_key", json_string(parameter_key));
}

void methods_queue_transfer(struct method_call *call, const struct transfer_request *transfer)
{
	transfers_add(&call->device->state.transfers, transfer);
	device_save(call->device);
	call->answer->response.transfer = (struct cwmp_transfer_response){
		.status = 1,
		.start_time = CWMP_UNKNOWN_TIME,
		.complete_time = CWMP_UNKNOWN_TIME,
	};
}

static void answer_with_fault(struct method_call *call, unsigned code)
{
	cwmp_make_fault(
		call->answer, call->request, cwmp_fault_code_for(call->request->ns, code), NULL);
	call->answer->fault.parameters = call->faults.items;
	call->answer->fault.parameter_count = call->faults.count;
}

void methods_execute(struct device *device, struct misbehave_turn *turn)
{
	const struct cwmp_message *request = &turn->request;
	struct method_call call = {
		.device = device,
		.arena = turn->arena,
		.request = request,
		.answer = &turn->answer,
	};
	call.journal = json_pack("{s:s,s:s?}", "method", request->method_name, "id", request->id);
	const struct rpc_method *method = find_method(
		request->method_name, device->version->version);
	cwmp_make_response(call.answer, request);
	if (!turn->fault)
		turn->fault = method ? method->execute(&call) : 9000;
	misbehave_on_answer(&device->options->misbehave, turn);
	if (turn->fault)
		answer_with_fault(&call, turn->fault);
	json_object_set_new(call.journal, "fault", json_integer(turn->fault));
	device_witness(device, "executed", call.journal);
	LOG(device->name, "executed", LOG_TEXT("method", request->method_name),
		LOG_NUMBER("fault", turn->fault));
}
