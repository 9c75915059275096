/* du_state_change_complete: DUStateChangeComplete and its autonomous form, TR-069 A.4.2.3 and .4.
 * The latter tells the operation of each result and has no CommandKey. */
#include "cwmp/fault.h"
#include "cwmp/lists.h"
#include "cwmp/methods.h"

/* The schema wants a UUID even where the operation failed before there was one. */
#define NO_UUID "00000000-0000-0000-0000-000000000000"

static void result_in(
	struct decoding *d, const struct cwmp__OpResultStruct *in, struct cwmp_du_result *out)
{
	*out = (struct cwmp_du_result){
		.uuid = token_in(d, in->UUID),
		.deployment_unit_ref = token_in(d, in->DeploymentUnitRef),
		.version = token_in(d, in->Version),
		.current_state = token_in(d, in->CurrentState),
		.resolved = boolean_in(d, in->Resolved),
		.execution_unit_refs = token_in(d, in->ExecutionUnitRefList),
		.start_time = token_in(d, in->StartTime),
		.complete_time = token_in(d, in->CompleteTime),
		.fault = fault_struct_in(d, in->Fault),
		.operation = token_in(d, in->OperationPerformed),
	};
}

static bool decode_request(struct decoding *d)
{
	const struct cwmp__DUStateChangeComplete *in = soap_in_cwmp__DUStateChangeComplete(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->__size > 0, "Results");
	struct cwmp_du_state_change *out = &d->message->request.du_state_change;
	out->count = (size_t)in->__size;
	out->results = arena_array(d->arena, out->count, sizeof(*out->results));
	for (size_t i = 0; i < out->count; i++)
		result_in(d, &in->Results[i], &out->results[i]);
	out->command_key = text_in(d, in->CommandKey);
	return true;
}

static struct cwmp__FaultStruct *fault_out(struct encoding *e, const struct cwmp_fault_struct *in)
{
	struct cwmp__FaultStruct *out = ARENA_NEW(e->arena, struct cwmp__FaultStruct);
	out->FaultCode = number_out(e, du_fault_code_for(in->code));
	out->FaultString = text_out(e, in->text);
	return out;
}

static void result_out(
	struct encoding *e, const struct cwmp_du_result *in, struct cwmp__OpResultStruct *out)
{
	*out = (struct cwmp__OpResultStruct){
		.UUID = text_out(e, is_blank_text(in->uuid) ? NO_UUID : in->uuid),
		.DeploymentUnitRef = text_out(e, in->deployment_unit_ref),
		.Version = text_out(e, in->version),
		.CurrentState = text_out(e, in->current_state),
		.Resolved = boolean_out(e, in->resolved),
		.ExecutionUnitRefList = text_out(e, in->execution_unit_refs),
		.StartTime = time_out(e, in->start_time),
		.CompleteTime = time_out(e, in->complete_time),
		.Fault = fault_out(e, &in->fault),
	};
}

static struct cwmp__OpResultStruct *results_out(struct encoding *e)
{
	const struct cwmp_du_state_change *in = &e->message->request.du_state_change;
	struct cwmp__OpResultStruct *results = arena_array(e->arena, in->count, sizeof(*results));
	for (size_t i = 0; i < in->count; i++)
		result_out(e, &in->results[i], &results[i]);
	return results;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_du_state_change *in = &e->message->request.du_state_change;
	struct cwmp__DUStateChangeComplete out = {
		.__size = (int)in->count,
		.Results = results_out(e),
		.CommandKey = text_out(e, in->command_key),
	};
	return soap_put_cwmp__DUStateChangeComplete(e->soap, &out, e->tag, NULL);
}

static int encode_autonomous_request(struct encoding *e)
{
	const struct cwmp_du_state_change *in = &e->message->request.du_state_change;
	struct cwmp__DUStateChangeComplete out = {
		.__size = (int)in->count,
		.Results = results_out(e),
	};
	for (size_t i = 0; i < in->count; i++)
		out.Results[i].OperationPerformed = text_out(e, in->results[i].operation);
	return soap_put_cwmp__DUStateChangeComplete(e->soap, &out, e->tag, NULL);
}

const struct method_message du_state_change_complete_request = { decode_request, encode_request };
const struct method_message autonomous_du_state_change_complete_request = { decode_request,
	encode_autonomous_request };
