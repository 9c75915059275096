/* options: GetOptions and SetVouchers, TR-069 A.4.1.4 and A.4.1.3. */
#include "cpe/methods.h"
#include "cpe/vouchers.h"

static unsigned get(struct method_call *call)
{
	struct cwmp_options *out = &call->answer->response.options;
	vouchers_options(
		call->device->state.options, call->arena, call->request->request.option_name, out);
	json_object_set_new(call->journal, "count", json_integer((json_int_t)out->count));
	return 0;
}

static unsigned set(struct method_call *call)
{
	const struct cwmp_strings *vouchers = &call->request->request.vouchers;
	json_object_set_new(call->journal, "vouchers", json_integer((json_int_t)vouchers->count));
	const unsigned fault = vouchers_set(call->device->state.options, call->arena, vouchers);
	if (!fault)
		device_save(call->device);
	return fault;
}

const struct rpc_method get_options_method = { .method = CWMP_GET_OPTIONS, .execute = get };
const struct rpc_method set_vouchers_method = { .method = CWMP_SET_VOUCHERS, .execute = set };
