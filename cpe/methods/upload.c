/* upload: Upload, TR-069 A.4.1.5. Queued and answered with Status 1, as Download is. */
#include "cpe/methods.h"
#include "cpe/transfer/transfers.h"
#include "cpe/transfer/upload.h"
#include "cpe/wall_clock.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_upload *request = &call->request->request.upload;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:s,s:s,s:I}", "command_key", request->command_key,
				       "file_type", request->file_type, "url", request->url,
				       "delay_seconds", (json_int_t)request->delay_seconds));
	if (!upload_is_possible(request->file_type, call->device->version->version))
		return 9003;
	const unsigned fault = transfers_admit(call->device, request->url, request->command_key);
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
	methods_queue_transfer(call, &transfer);
	return 0;
}

const struct rpc_method upload_method = { .method = CWMP_UPLOAD, .execute = execute };
