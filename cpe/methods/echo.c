/* echo: X_000000_Echo, a vendor's method as an example: it answers with what it was sent, unless that
 * has prefixes which the request bound outside of it. */
#include "cpe/methods.h"
#include "cwmp/cwmp.h"

static unsigned execute(struct method_call *call)
{
	if (!cwmp_xml_is_content(call->request->request.xml))
		return 9003;
	call->answer->response.xml = call->request->request.xml;
	return 0;
}

const struct rpc_method echo_method = {
	.method = CWMP_UNKNOWN_METHOD,
	.name = "X_000000_Echo",
	.execute = execute,
};
