/* download: Download and its response, TR-069 A.3.2.8.
 * Upload shares the response. */
#include "cwmp/fault.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Download *in = soap_in_cwmp__Download(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->CommandKey != NULL, "CommandKey");
	require(d, !is_blank_text(in->FileType), "FileType");
	require(d, !is_blank_text(in->URL), "URL");
	d->message->request.download = (struct cwmp_download){
		.command_key = text_in(d, in->CommandKey),
		.file_type = token_in(d, in->FileType),
		.url = token_in(d, in->URL),
		.username = text_in(d, in->Username),
		.password = text_in(d, in->Password),
		.file_size = long_in(d, in->FileSize),
		.target_file_name = text_in(d, in->TargetFileName),
		.delay_seconds = number_in(d, in->DelaySeconds),
		.success_url = text_in(d, in->SuccessURL),
		.failure_url = text_in(d, in->FailureURL),
	};
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_download *in = &e->message->request.download;
	struct cwmp__Download out = {
		.CommandKey = text_out(e, in->command_key),
		.FileType = text_out(e, in->file_type),
		.URL = text_out(e, in->url),
		.Username = text_out(e, in->username),
		.Password = text_out(e, in->password),
		.FileSize = file_size_out(e, in->file_size),
		.TargetFileName = text_out(e, in->target_file_name),
		.DelaySeconds = number_out(e, in->delay_seconds),
		.SuccessURL = text_out(e, in->success_url),
		.FailureURL = text_out(e, in->failure_url),
	};
	return soap_put_cwmp__Download(e->soap, &out, e->tag, NULL);
}

const struct method_message download_request = { decode_request, encode_request };

static bool decode_response(struct decoding *d)
{
	const struct cwmp__TransferResponse *in = soap_in_cwmp__TransferResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, !is_blank_text(in->Status), "Status");
	d->message->response.transfer = (struct cwmp_transfer_response){
		.status = number_in(d, in->Status),
		.start_time = token_in(d, in->StartTime),
		.complete_time = token_in(d, in->CompleteTime),
	};
	return true;
}

static int encode_response(struct encoding *e)
{
	const struct cwmp_transfer_response *in = &e->message->response.transfer;
	struct cwmp__TransferResponse out = {
		.Status = number_out(e, in->status),
		.StartTime = time_out(e, in->start_time),
		.CompleteTime = time_out(e, in->complete_time),
	};
	return soap_put_cwmp__TransferResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message transfer_response = { decode_response, encode_response };
