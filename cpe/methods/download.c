/* download: Download, TR-069 A.3.2.8. Queued and answered with Status 1; what ends it is told by
 * TransferComplete. */
#include "cpe/file_transfer.h"
#include "cpe/install.h"
#include "cpe/methods.h"
#include "cpe/transfers.h"
#include "cpe/wall_clock.h"
#include "cwmp/cwmp.h"

/* TR-069 asks CPEs to refuse at once what they can tell at once. */
static unsigned check(const struct method_call *call, const struct cwmp_download *request)
{
	const unsigned fault = file_transfer_check_url(request->url);
	if (fault)
		return fault;
	if (!install_is_possible(request->file_type))
		return 9003;
	return transfers_admit(call->device, request->command_key);
}

static unsigned execute(struct method_call *call)
{
	const struct cwmp_download *request = &call->request->request.download;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:s,s:s,s:I,s:i}", "command_key",
				       request->command_key, "file_type", request->file_type, "url",
				       request->url, "file_size", (json_int_t)request->file_size,
				       "delay_seconds", (int)request->delay_seconds));
	const unsigned fault = check(call, request);
	if (fault)
		return fault;
	const struct transfer_request transfer = {
		.kind = TRANSFER_DOWNLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
		.target_file_name = request->target_file_name,
		.file_size = request->file_size,
		.is_delayed = request->delay_seconds > 0,
		.not_before = wall_clock_after(request->delay_seconds),
	};
	transfers_add(&call->device->state.transfers, &transfer);
	device_save(call->device);
	call->answer->response.transfer = (struct cwmp_transfer_response){
		.status = 1,
		.start_time = CWMP_UNKNOWN_TIME,
		.complete_time = CWMP_UNKNOWN_TIME,
	};
	return 0;
}

const struct rpc_method download_method = { .method = CWMP_DOWNLOAD, .execute = execute };
