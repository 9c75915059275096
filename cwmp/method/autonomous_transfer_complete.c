/* autonomous_transfer_complete: AutonomousTransferComplete, TR-069 A.3.3.3.
 * As with TransferComplete, an absent FaultStruct means no fault. */
#include "cwmp/fault.h"
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__AutonomousTransferComplete *in =
		soap_in_cwmp__AutonomousTransferComplete(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->TransferURL != NULL, "TransferURL");
	d->message->request.autonomous_transfer = (struct cwmp_autonomous_transfer){
		.announce_url = token_in(d, in->AnnounceURL),
		.transfer_url = token_in(d, in->TransferURL),
		.is_download = boolean_in(d, in->IsDownload),
		.file_type = token_in(d, in->FileType),
		.file_size = long_in(d, in->FileSize),
		.target_file_name = text_in(d, in->TargetFileName),
		.fault = fault_struct_in(d, in->FaultStruct),
		.start_time = token_in(d, in->StartTime),
		.complete_time = token_in(d, in->CompleteTime),
	};
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_autonomous_transfer *in = &e->message->request.autonomous_transfer;
	struct cwmp__FaultStruct fault = {
		.FaultCode = number_out(e, transfer_fault_code_for(e->message->ns, in->fault.code)),
		.FaultString = text_out(e, in->fault.text),
	};
	struct cwmp__AutonomousTransferComplete out = {
		.AnnounceURL = text_out(e, in->announce_url),
		.TransferURL = text_out(e, in->transfer_url),
		.IsDownload = boolean_out(e, in->is_download),
		.FileType = text_out(e, in->file_type),
		.FileSize = file_size_out(e, in->file_size),
		.TargetFileName = text_out(e, in->target_file_name),
		.FaultStruct = &fault,
		.StartTime = time_out(e, in->start_time),
		.CompleteTime = time_out(e, in->complete_time),
	};
	return soap_put_cwmp__AutonomousTransferComplete(e->soap, &out, e->tag, NULL);
}

const struct method_message autonomous_transfer_complete_request = { decode_request,
	encode_request };
