/* cancel_transfer: CancelTransfer, TR-069 A.4.1.9. A transfer that runs or has ended stays. */
#include "cpe/methods.h"
#include "cpe/session/reports.h"

static unsigned execute(struct method_call *call)
{
	const char *command_key = call->request->request.command_key;
	struct transfers *transfers = &call->device->state.transfers;
	json_object_set_new(call->journal, "command_key", json_string(command_key));
	struct transfer *transfer = transfers_find(transfers, command_key);
	if (!transfer)
		return reports_have_key(&call->device->state, command_key) ? 9021 : 0;
	if (transfer->phase != TRANSFER_QUEUED)
		return 9021;
	transfers_remove(transfers, transfer);
	device_save(call->device);
	return 0;
}

const struct rpc_method cancel_transfer_method = {
	.method = CWMP_CANCEL_TRANSFER,
	.execute = execute,
};
