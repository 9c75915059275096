/* get_rpc_methods: GetRPCMethods, TR-069 A.3.1.1. */
#include "cpe/methods.h"
#include "cwmp/cwmp.h"

static unsigned execute(struct method_call *call)
{
	size_t count;
	const struct rpc_method *const *all = methods_all(&count);
	struct cwmp_strings *names = &call->answer->response.methods;
	names->items = arena_array(call->arena, count, sizeof(*names->items));
	for (names->count = 0; names->count < count; names->count++)
		names->items[names->count] = cwmp_method_name(all[names->count]->method);
	return 0;
}

const struct rpc_method get_rpc_methods_method = {
	.method = CWMP_GET_RPC_METHODS,
	.execute = execute,
};
