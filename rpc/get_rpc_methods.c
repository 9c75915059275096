/* get_rpc_methods: which methods the other side knows, asked by either side (TR-069 A.3.1.1). */
#include "rpc/method.h"

static const char *our_methods[] = { "Inform", "GetRPCMethods", "TransferComplete" };

static enum rpc_next cpe_asks(struct rpc_turn *turn)
{
	cwmp_make_response(&turn->out, turn->in);
	turn->out.response.methods = (struct cwmp_strings){ .items = our_methods,
		.count = LENGTH_OF(our_methods) };
	turn->outcome = "answered";
	return RPC_REPLY;
}

const struct rpc_cpe_method cpe_get_rpc_methods_method = {
	.method = CWMP_GET_RPC_METHODS,
	.ask = cpe_asks,
};

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	return arguments_known(arena, arguments, (const char *const[]){ NULL }, why);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)turn, (void)task, (void)why;
	return true;
}

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
	.check = check,
	.request = request,
	.respond = respond,
};
