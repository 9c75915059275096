/* change_du_state: ChangeDUState, TR-069 A.4.1.10. Queued; DUStateChangeComplete tells the rest. */
#include "cpe/transfer/du_changes.h"
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_change_du_state *request = &call->request->request.change_du_state;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:i}", "command_key", request->command_key,
				       "operations", (int)request->count));
	const unsigned fault = du_changes_add(call->device, request);
	if (!fault)
		device_save(call->device);
	return fault;
}

const struct rpc_method change_du_state_method = {
	.method = CWMP_CHANGE_DU_STATE,
	.execute = execute,
};
