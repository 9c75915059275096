/* reboot: Reboot, TR-069 A.3.2.9. Carried out when the session has ended. */
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	const char *command_key = call->request->request.command_key;
	json_object_set_new(call->journal, "command_key", json_string(command_key));
	if (!methods_is_key(command_key))
		return 9003;
	device_reboot(call->device, REBOOT_BY_ACS, command_key);
	device_save(call->device);
	return 0;
}

const struct rpc_method reboot_method = { .method = CWMP_REBOOT, .execute = execute };
