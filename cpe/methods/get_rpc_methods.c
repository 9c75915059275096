/* get_rpc_methods: GetRPCMethods, TR-069 A.3.1.1. */
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	call->answer->response.methods = methods_names(call->arena, call->device->version->version);
	return 0;
}

const struct rpc_method get_rpc_methods_method = {
	.method = CWMP_GET_RPC_METHODS,
	.execute = execute,
};
