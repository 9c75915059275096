/* factory_reset: FactoryReset, TR-069 A.4.1.6. Carried out when the session has ended. */
#include "cpe/methods.h"

static unsigned execute(struct method_call *call)
{
	device_reboot(call->device, REBOOT_FACTORY_RESET, NULL);
	device_save(call->device);
	return 0;
}

const struct rpc_method factory_reset_method = {
	.method = CWMP_FACTORY_RESET,
	.execute = execute,
};
