/* echo: X_000000_Echo, a vendor's method as an example: it answers with what it was sent. */
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	call->answer->response.xml = call->request->request.xml;
	return 0;
}

const struct rpc_method echo_method = {
	.method = CWMP_UNKNOWN_METHOD,
	.name = "X_000000_Echo",
	.execute = execute,
};
