/* schedule_inform: has the device inform after a time (TR-069 A.4.1.4).
 * Sent once: a second one would make it inform twice. M ScheduleInform shows that it was heard. */
#include "rpc/method.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "delay_seconds", NULL };
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_number(arena, arguments, "delay_seconds", UINT32_MAX, why))
		return false;
	if (number_of(arguments, "delay_seconds") > 0)
		return true;
	*why = "delay_seconds: must be 1 at least";
	return false;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	turn->out.request.schedule_inform = (struct cwmp_schedule_inform){
		.delay_seconds = (unsigned)number_of(task->arguments, "delay_seconds"),
		.command_key = task->command_key,
	};
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)turn, (void)task;
	end->result = json_object();
}

const struct rpc_task_method schedule_inform_task = {
	.name = "ScheduleInform",
	.method = CWMP_SCHEDULE_INFORM,
	.check = check,
	.request = request,
	.respond = respond,
};
