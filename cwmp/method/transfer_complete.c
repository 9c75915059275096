/* transfer_complete: TransferComplete, TR-069 A.3.3.2.
 * Devices leave out FaultStruct, its content or the times; absent means no fault, time unknown. */
#include "cwmp/fault.h"
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__TransferComplete *in = soap_in_cwmp__TransferComplete(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	struct cwmp_transfer_complete *out = &d->message->request.transfer_complete;
	require(d, in->CommandKey != NULL, "CommandKey");
	out->command_key = text_in(d, in->CommandKey);
	out->fault = fault_struct_in(d, in->FaultStruct);
	out->start_time = token_in(d, in->StartTime);
	out->complete_time = token_in(d, in->CompleteTime);
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_transfer_complete *in = &e->message->request.transfer_complete;
	struct cwmp__FaultStruct fault = {
		.FaultCode = number_out(e, transfer_fault_code_for(e->message->ns, in->fault.code)),
		.FaultString = text_out(e, in->fault.text),
	};
	struct cwmp__TransferComplete out = {
		.CommandKey = text_out(e, in->command_key),
		.FaultStruct = &fault,
		.StartTime = time_out(e, in->start_time),
		.CompleteTime = time_out(e, in->complete_time),
	};
	return soap_put_cwmp__TransferComplete(e->soap, &out, e->tag, NULL);
}

const struct method_message transfer_complete_request = { decode_request, encode_request };
