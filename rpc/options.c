/* options: what a device was licensed to do: GetOptions, SetVouchers (TR-069 A.4.1.2, A.4.1.3).
 * Both are deprecated; old devices have nothing else. */
#include "rpc/method.h"

static bool check_get(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "option_name", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_text(arena, arguments, "option_name", 64, false, why);
}

static bool request_get(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	turn->out.request.option_name = argument(task->arguments, "option_name");
	return true;
}

static json_t *option_json(const struct cwmp_option *option)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:b}", "option_name", option->name,
		"voucher_sn", (json_int_t)option->voucher_sn, "state", (json_int_t)option->state,
		"mode", (json_int_t)option->mode, "start_date", option->start_date,
		"expiration_date", option->expiration_date, "is_transferable",
		option->is_transferable);
}

static void respond_get(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	const struct cwmp_options *told = &turn->in->response.options;
	json_t *list = json_array();
	for (size_t i = 0; i < told->count; i++)
		json_array_append_new(list, option_json(&told->items[i]));
	end->result = json_pack("{s:o}", "options", list);
}

static bool check_set(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "vouchers", NULL };
	const json_t *vouchers = json_object_get(arguments, "vouchers");
	size_t i;
	json_t *voucher;
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_list(arena, arguments, "vouchers", SIZE_MAX, why))
		return false;
	json_array_foreach (vouchers, i, voucher) {
		const char *text = json_string_value(voucher);
		if (text && *text && cwmp_type_accepts("xsd:base64Binary", text))
			continue;
		*why = arena_printf(arena, "vouchers[%zu]: must be base64", i);
		return false;
	}
	return true;
}

static bool request_set(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	const json_t *vouchers = json_object_get(task->arguments, "vouchers");
	turn->out.request.vouchers = json_strings(turn->arena, vouchers);
	return true;
}

static void respond_set(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)turn, (void)task;
	end->result = json_object();
}

const struct rpc_task_method get_options_task = {
	.name = "GetOptions",
	.method = CWMP_GET_OPTIONS,
	.check = check_get,
	.request = request_get,
	.respond = respond_get,
};

const struct rpc_task_method set_vouchers_task = {
	.name = "SetVouchers",
	.method = CWMP_SET_VOUCHERS,
	.check = check_set,
	.request = request_set,
	.respond = respond_set,
};
