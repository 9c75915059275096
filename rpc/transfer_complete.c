/* transfer_complete: how a Download went (TR-069 A.3.3.2).
 * Always answered with success, also when we know nothing of it: a device that is refused asks for ever. */
#include "rpc/method.h"

static enum rpc_next transfer_complete_ask(struct rpc_turn *turn)
{
	const struct cwmp_transfer_complete *told = &turn->in->request.transfer_complete;
	const struct cwmp_fault_struct *fault = &told->fault;
	json_t *result = json_pack("{s:i, s:s, s:s}", "status", 0, "start_time", told->start_time,
		"complete_time", told->complete_time);
	json_t *fault_object = fault->code ? fault_json(fault->code, fault->text, NULL) : NULL;
	const char *fault_text = fault_object ? json_text(turn->arena, fault_object) : NULL;

	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
	queue_complete_transfer(&turn->question, turn->session->device_id, told->command_key,
		fault->code ? NULL : json_text(turn->arena, result), fault_text,
		fault_may_pass(fault->code), turn->settings->retry_seconds,
		turn->settings->attempts);
	note_settling(turn);
	if (fault->code)
		queue_record_fault(&turn->question, turn->session->device_id,
			queue_task_of_key(told->command_key), "TransferComplete", fault->code,
			fault->text, fault_text);
	json_decref(result);
	json_decref(fault_object);
	return RPC_ASK;
}

static enum rpc_next transfer_complete_answer(struct rpc_turn *turn, const struct db_answer *answer)
{
	const struct db_rows *settled = answer->results[turn->settling[0]];
	turn->outcome = db_row_count(settled) ? "settled" : "unknown transfer";
	cwmp_make_response(&turn->out, turn->in);
	return RPC_REPLY;
}

const struct rpc_cpe_method transfer_complete_method = {
	.method = CWMP_TRANSFER_COMPLETE,
	.ask = transfer_complete_ask,
	.answer = transfer_complete_answer,
};
