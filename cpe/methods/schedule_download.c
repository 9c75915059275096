/* schedule_download: ScheduleDownload, TR-069 A.4.1.8. Fetched within its time windows, or told as
 * 9020. */
#include <time.h>

#include "cpe/transfer/install.h"
#include "cpe/methods.h"
#include "cpe/transfer/transfers.h"

static unsigned execute(struct method_call *call)
{
	const struct cwmp_schedule_download *request = &call->request->request.schedule_download;
	const time_t now = time(NULL);
	json_object_update_new(
		call->journal, json_pack("{s:s,s:s,s:s,s:i}", "command_key", request->command_key,
				       "file_type", request->file_type, "url", request->url,
				       "windows", (int)request->window_count));
	struct transfer_request transfer = {
		.kind = TRANSFER_SCHEDULED_DOWNLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
		.target_file_name = request->target_file_name,
		.file_size = request->file_size,
		.is_delayed = true,
		.not_before = now,
	};
	if (!windows_set(&transfer.windows, request, now) ||
		!install_is_possible(request->file_type))
		return 9003;
	const unsigned fault = transfers_admit(call->device, request->url, request->command_key);
	if (fault)
		return fault;
	methods_queue_transfer(call, &transfer);
	return 0;
}

const struct rpc_method schedule_download_method = {
	.method = CWMP_SCHEDULE_DOWNLOAD,
	.execute = execute,
};
