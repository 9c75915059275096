/* get_rpc_methods: which methods the other side knows, asked by either side (TR-069 A.3.1.1). */
#include "rpc/method.h"

static enum rpc_next cpe_asks(struct rpc_turn *turn)
{
	size_t count;
	const struct rpc_cpe_method *const *methods = rpc_cpe_methods(&count);
	const char **names = arena_array(turn->arena, count, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = cwmp_method_name(methods[i]->method);
	cwmp_make_response(&turn->out, turn->in);
	turn->out.response.methods = (struct cwmp_strings){ .items = names, .count = count };
	turn->outcome = "answered";
	return RPC_REPLY;
}

const struct rpc_cpe_method cpe_get_rpc_methods_method = {
	.method = CWMP_GET_RPC_METHODS,
	.ask = cpe_asks,
};

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	const struct cwmp_strings *methods = &turn->in->response.methods;
	json_t *list = json_array();
	for (size_t i = 0; i < methods->count; i++)
		json_array_append_new(list, json_string(methods->items[i]));
	devices_set_methods(
		&turn->question, turn->session->device_id, methods->items, methods->count);
	end->result = json_pack("{s:o}", "methods", list);
}

const struct rpc_task_method get_rpc_methods_task = {
	.name = "GetRPCMethods",
	.method = CWMP_GET_RPC_METHODS,
	.check = check_no_arguments,
	.request = request_nothing,
	.respond = respond,
};
