/* call: one RPC that the ACS calls on a device of a fleet, for those who execute it.
 * The device's own tree is in place while it is executed. */
#ifndef CPE_FLEET_CALL_H
#define CPE_FLEET_CALL_H

#include <jansson.h>

#include "cpe/fleet/device.h"
#include "cpe/fleet/overlay.h"
#include "cpe/model/parameters.h"
#include "cwmp/message.h"

struct call {
	struct fleet *fleet;
	struct fleet_device *device;
	struct datamodel *tree;  /* as the device sees it */
	struct overlay *overlay; /* which is on */
	struct arena *arena;
	const struct cwmp_message *request;
	struct cwmp_message *answer;
	json_t *journal;
	struct parameter_faults faults;
};

/* 0, or the code of the fault to answer with; then nothing has changed. */
typedef unsigned call_fn(struct call *call);

/* Keys and values for the journal, as json_pack() takes them. */
#define NOTE(call, ...) json_object_update_new((call)->journal, json_pack(__VA_ARGS__))

/* What follows later: order_methods.c. */
call_fn call_schedule_inform, call_download, call_schedule_download, call_upload,
	call_cancel_transfer, call_get_queued, call_change_du_state, call_get_options,
	call_set_vouchers, call_reboot, call_factory_reset;

#endif
