/* task: what may be queued for a device, method by method. */
#include "rpc/task.h"

#include <string.h>

#include "base/rfc3339.h"
#include "rpc/method.h"

static const struct rpc_task_method *const task_methods[] = {
	&get_rpc_methods_task,
	&get_parameter_names_task,
	&get_parameter_values_task,
	&set_parameter_values_task,
	&get_parameter_attributes_task,
	&set_parameter_attributes_task,
	&add_object_task,
	&delete_object_task,
	&download_task,
	&upload_task,
	&schedule_download_task,
	&cancel_transfer_task,
	&get_queued_transfers_task,
	&get_all_queued_transfers_task,
	&change_du_state_task,
	&reboot_task,
	&factory_reset_task,
	&schedule_inform_task,
	&get_options_task,
	&set_vouchers_task,
	&refresh_task,
	&replace_credentials_task,
};

const struct rpc_task_method *rpc_task_method(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(task_methods); i++)
		if (strcmp(task_methods[i]->name, name) == 0)
			return task_methods[i];
	return vendor_name_is_valid(name) ? &vendor_task : NULL;
}

static bool check_method(struct arena *arena, const json_t *body,
	const struct rpc_task_method **method, const char **why)
{
	if (!json_is_object(body)) {
		*why = "method: the body must be an object with a method";
		return false;
	}
	if (!argument_text(arena, body, "method", 64, true, why))
		return false;
	*method = rpc_task_method(argument(body, "method"));
	if (!*method)
		*why = arena_printf(arena, "method: %s is not known", argument(body, "method"));
	return *method != NULL;
}

static bool check_times(struct arena *arena, const json_t *body, const char **why)
{
	if (!argument_number(arena, body, "expires_in", INT64_C(3650) * 86400, why) ||
		!argument_text(arena, body, "not_before", 40, false, why))
		return false;
	const char *not_before = argument(body, "not_before");
	if (!*not_before || rfc3339_is_good(not_before))
		return true;
	*why = "not_before: must be an RFC 3339 time such as 2026-01-31T12:00:00Z";
	return false;
}

bool task_order_read(
	struct arena *arena, const json_t *body, struct task_order *out, const char **why)
{
	const struct rpc_task_method *method;
	if (!check_method(arena, body, &method, why) || !check_times(arena, body, why))
		return false;
	json_t *arguments = json_deep_copy(body);
	json_object_del(arguments, "method");
	json_object_del(arguments, "expires_in");
	json_object_del(arguments, "not_before");
	const bool ok = method->check(arena, arguments, why);
	if (ok) {
		const json_t *expires_in = json_object_get(body, "expires_in");
		const char *not_before = argument(body, "not_before");
		const char *file = argument(arguments, "file");
		*out = (struct task_order){
			.method = arena_strdup(arena, argument(body, "method")),
			.needs_version = cwmp_version_name(cwmp_method_since(method->method)),
			.arguments = json_text(arena, arguments),
			.expires_in = expires_in ? json_integer_value(expires_in) : -1,
			.not_before = *not_before ? arena_strdup(arena, not_before) : NULL,
			.file = *file ? arena_strdup(arena, file) : NULL,
		};
	}
	json_decref(arguments);
	return ok;
}
