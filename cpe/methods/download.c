/* download: Download, TR-069 A.3.2.8. Queued and answered with Status 1; what ends it is told by
 * TransferComplete. */
#include "cpe/transfer/install.h"
#include "cpe/methods.h"
#include "cpe/transfer/transfers.h"
#include "cpe/wall_clock.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_download *request = &call->request->request.download;
	json_object_update_new(
		call->journal, json_pack("{s:s,s:s,s:s,s:I,s:I}", "command_key",
				       request->command_key, "file_type", request->file_type, "url",
				       request->url, "file_size", (json_int_t)request->file_size,
				       "delay_seconds", (json_int_t)request->delay_seconds));
	if (!install_is_possible(request->file_type))
		return 9003;
	const unsigned fault = transfers_admit(call->device, request->url, request->command_key);
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
	methods_queue_transfer(call, &transfer);
	return 0;
}

const struct rpc_method download_method = { .method = CWMP_DOWNLOAD, .execute = execute };
