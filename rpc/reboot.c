/* reboot: Reboot and FactoryReset (TR-069 A.3.2.9, A.4.1.6).
 * The device acts once the session is over, so nothing more is sent in it. */
#include "rpc/method.h"

static bool reboot_request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	turn->out.request.command_key = task->command_key;
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)turn, (void)task;
	end->result = json_object();
}

const struct rpc_task_method reboot_task = {
	.name = "Reboot",
	.method = CWMP_REBOOT,
	.ends_requests = true,
	.check = check_no_arguments,
	.request = reboot_request,
	.respond = respond,
};

const struct rpc_task_method factory_reset_task = {
	.name = "FactoryReset",
	.method = CWMP_FACTORY_RESET,
	.ends_requests = true,
	.check = check_no_arguments,
	.request = request_nothing,
	.respond = respond,
};
