/* transfer_complete: how a Download, Upload or ScheduleDownload went, or a transfer that the device made on
 * its own (TR-069 A.3.3.2, A.3.3.3). Always answered with success, also when we know nothing of it: a
 * device that is refused asks for ever. */
#include "rpc/method.h"

#include "db/transfers.h"

static const char *fault_of(struct rpc_turn *turn, const struct cwmp_transfer_complete *told)
{
	const char *message = event_text(turn->arena, told->fault.text);
	json_t *fault = fault_json(told->fault.code, message, NULL);
	const char *text = json_text(turn->arena, fault);
	json_decref(fault);
	return text;
}

static const char *result_of(struct rpc_turn *turn, const struct cwmp_transfer_complete *told)
{
	json_t *result = json_pack("{s:i, s:s, s:s}", "status", 0, "start_time",
		event_text(turn->arena, told->start_time), "complete_time",
		event_text(turn->arena, told->complete_time));
	const char *text = json_text(turn->arena, result);
	json_decref(result);
	return text;
}

static json_t *fault_detail(struct arena *arena, const struct cwmp_fault_struct *fault)
{
	if (!fault->code)
		return json_null();
	return json_pack("{s:I, s:s}", "code", (json_int_t)fault->code, "message",
		event_text(arena, fault->text));
}

static void note_transfer(struct rpc_turn *turn, const struct cwmp_transfer_complete *told)
{
	json_t *detail = json_pack("{s:s, s:o, s:s, s:s}", "command_key",
		event_text(turn->arena, told->command_key), "fault",
		fault_detail(turn->arena, &told->fault), "start_time",
		event_text(turn->arena, told->start_time), "complete_time",
		event_text(turn->arena, told->complete_time));
	note_event(turn, "transfer complete", detail, *told->command_key != '\0');
}

static enum rpc_next transfer_complete_ask(struct rpc_turn *turn)
{
	const struct cwmp_transfer_complete *told = &turn->in->request.transfer_complete;
	const struct cwmp_fault_struct *fault = &told->fault;
	const int64_t device_id = turn->session->device_id;
	const struct transfer_end end = {
		.command_key = told->command_key,
		.result = fault->code ? NULL : result_of(turn, told),
		.fault = fault->code ? fault_of(turn, told) : NULL,
		.may_retry = fault_may_pass(fault->code),
		.retry_seconds = turn->settings->retry_seconds,
		.attempts = turn->settings->attempts,
		.needs_version = turn->session->quirks.transfer_success ==
				 TRANSFER_SUCCESS_BY_VERSION,
	};
	devices_require_epoch(&turn->question, device_id, turn->session->epoch);
	transfers_complete(&turn->question, device_id, &end);
	note_settling(turn);
	if (fault->code)
		transfers_record_fault(&turn->question, device_id, told->command_key,
			"TransferComplete", fault->code, event_text(turn->arena, fault->text),
			end.fault);
	note_transfer(turn, told);
	return RPC_ASK;
}

static enum rpc_next transfer_complete_answer(struct rpc_turn *turn, const struct db_answer *answer)
{
	const struct db_rows *settled = answer->results[turn->settling[0]];
	turn->outcome = db_row_count(settled) ? "settled" : "unknown transfer";
	cwmp_make_response(&turn->out, turn->in);
	return RPC_REPLY;
}

static enum rpc_next autonomous_ask(struct rpc_turn *turn)
{
	const struct cwmp_autonomous_transfer *told = &turn->in->request.autonomous_transfer;
	struct arena *arena = turn->arena;
	json_t *detail = json_pack("{s:s, s:s, s:b, s:s, s:I, s:s, s:o, s:s, s:s}", "announce_url",
		event_text(arena, told->announce_url), "transfer_url",
		event_text(arena, told->transfer_url), "is_download", told->is_download,
		"file_type", event_text(arena, told->file_type), "file_size",
		(json_int_t)told->file_size, "target_file_name",
		event_text(arena, told->target_file_name), "fault",
		fault_detail(arena, &told->fault), "start_time",
		event_text(arena, told->start_time), "complete_time",
		event_text(arena, told->complete_time));
	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
	note_event(turn, "autonomous transfer complete", detail, false);
	return RPC_ASK;
}

const struct rpc_cpe_method transfer_complete_method = {
	.method = CWMP_TRANSFER_COMPLETE,
	.ask = transfer_complete_ask,
	.answer = transfer_complete_answer,
};

const struct rpc_cpe_method autonomous_transfer_complete_method = {
	.method = CWMP_AUTONOMOUS_TRANSFER_COMPLETE,
	.ask = autonomous_ask,
	.answer = answer_noted,
};
