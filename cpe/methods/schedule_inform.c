/* schedule_inform: ScheduleInform, TR-069 A.4.1.2. */
#include "cpe/methods.h"
#include "cpe/timetable.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_schedule_inform *request = &call->request->request.schedule_inform;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:I}", "command_key", request->command_key,
				       "delay_seconds", (json_int_t)request->delay_seconds));
	const unsigned fault = timetable_schedule(
		call->device, request->delay_seconds, request->command_key);
	if (!fault)
		device_save(call->device);
	return fault;
}

const struct rpc_method schedule_inform_method = {
	.method = CWMP_SCHEDULE_INFORM,
	.execute = execute,
};
