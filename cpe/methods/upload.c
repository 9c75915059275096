/* upload: Upload, TR-069 A.4.1.5. Queued and answered with Status 1, as Download is. */
#include "cpe/file_transfer.h"
#include "cpe/methods.h"
#include "cpe/transfers.h"
#include "cpe/upload.h"
#include "cpe/wall_clock.h"
#include "cwmp/cwmp.h"

static unsigned check(const struct method_call *call, const struct cwmp_upload *request)
{
	const unsigned fault = file_transfer_check_url(request->url);
	if (fault)
		return fault;
	if (!upload_is_possible(request->file_type, call->device->version->version))
		return 9003;
	return transfers_admit(call->device, request->command_key);
}

static unsigned execute(struct method_call *call)
{
	const struct cwmp_upload *request = &call->request->request.upload;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:s,s:s,s:i}", "command_key", request->command_key,
				       "file_type", request->file_type, "url", request->url,
				       "delay_seconds", (int)request->delay_seconds));
	const unsigned fault = check(call, request);
	if (fault)
		return fault;
	const struct transfer_request transfer = {
		.kind = TRANSFER_UPLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
		.target_file_name = "",
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

const struct rpc_method upload_method = { .method = CWMP_UPLOAD, .execute = execute };
