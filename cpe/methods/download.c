/* download: Download, TR-069 A.3.2.8. Queued and answered with Status 1; what ends it is told by
 * TransferComplete. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cpe/methods.h"
#include "cwmp/cwmp.h"
#include "http/url.h"

/* TR-069 asks CPEs to refuse at once what they can tell at once. */
static unsigned check(struct method_call *call, const struct cwmp_download *request)
{
	const struct transfers *transfers = &call->device->state.transfers;
	const bool is_http = strncasecmp(request->url, "http://", 7) == 0 ||
			     strncasecmp(request->url, "https://", 8) == 0;
	struct http_url url;
	if (!is_http && strstr(request->url, "://"))
		return 9013;
	if (!http_url_parse(call->arena, request->url, &url) || !request->file_type[0])
		return 9003;
	if (transfers_open(transfers, request->command_key))
		return 9003; /* a CommandKey is not used again while its transfer is queued */
	return transfers_count(transfers) < TRANSFERS_MAX ? 0 : 9004;
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
	transfers_add(&call->device->state.transfers, request,
		time(NULL) + (time_t)request->delay_seconds);
	device_save(call->device);
	call->answer->response.transfer = (struct cwmp_transfer_response){
		.status = 1,
		.start_time = CWMP_UNKNOWN_TIME,
		.complete_time = CWMP_UNKNOWN_TIME,
	};
	return 0;
}

const struct rpc_method download_method = { .method = CWMP_DOWNLOAD, .execute = execute };
