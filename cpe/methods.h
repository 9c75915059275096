/* methods: the RPCs that the ACS may call, one file each, all of one shape, in one table.
 * A method works on the device, fills the answer and says what the journal should know. */
#ifndef CPE_METHODS_H
#define CPE_METHODS_H

#include <jansson.h>

#include "cpe/device.h"
#include "cpe/model/parameters.h"
#include "cwmp/message.h"

struct method_call {
	struct device *device;
	struct arena *arena; /* of request and answer */
	const struct cwmp_message *request;
	struct cwmp_message *answer;    /* a response frame, to be filled */
	json_t *journal;                /* arguments worth checking are added */
	struct parameter_faults faults; /* of SetParameterValues */
};

/* 0, or the code of the fault to answer with; then nothing has changed. Changes have been saved
 * when it returns. */
typedef unsigned method_fn(struct method_call *call);

struct rpc_method {
	enum cwmp_method method;
	const char *name; /* of a vendor's method, which has no number; else NULL */
	method_fn *execute;
};

extern const struct rpc_method get_rpc_methods_method, get_parameter_names_method,
	get_parameter_values_method, set_parameter_values_method, get_parameter_attributes_method,
	set_parameter_attributes_method, add_object_method, delete_object_method, download_method,
	upload_method, reboot_method, factory_reset_method, schedule_inform_method,
	schedule_download_method, cancel_transfer_method, get_queued_transfers_method,
	get_all_queued_transfers_method, change_du_state_method, get_options_method,
	set_vouchers_method, echo_method;

/* The names of all that the version agreed with the ACS has, for GetRPCMethods. */
struct cwmp_strings methods_names(struct arena *arena, enum cwmp_version version);

/* Executes turn->request unless a fault refuses it, writes the journal and fills turn->answer, a
 * response or a fault. */
void methods_execute(struct device *device, struct misbehave_turn *turn);
/* Is it short enough for a CommandKey or a ParameterKey? */
bool methods_is_key(const char *key);
/* ParameterKey changes with every successful SetParameterValues, AddObject and DeleteObject. */
void methods_set_parameter_key(struct method_call *call, const char *parameter_key);
/* Queues a transfer that transfers_admit() has admitted, and answers that it will follow. */
void methods_queue_transfer(struct method_call *call, const struct transfer_request *transfer);

#endif
