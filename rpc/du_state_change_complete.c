/* du_state_change_complete: what became of software modules, on our ChangeDUState or without us
 * (TR-069 A.4.2.3, A.4.2.4). Always answered with success, as TransferComplete is. */
#include "rpc/method.h"

#include "db/transfers.h"

/* An Update of all modules has a result for each; what is beyond is dropped and counted. */
enum { RESULTS_MAX = 256 };

static json_t *text_json(struct arena *arena, const char *told)
{
	return json_string(event_text(arena, told));
}

static json_t *result_json(struct arena *arena, const struct cwmp_du_result *told)
{
	json_t *out = json_object();
	const struct {
		const char *name, *text;
	} texts[] = {
		{ "uuid", told->uuid },
		{ "deployment_unit_ref", told->deployment_unit_ref },
		{ "version", told->version },
		{ "current_state", told->current_state },
		{ "execution_unit_refs", told->execution_unit_refs },
		{ "start_time", told->start_time },
		{ "complete_time", told->complete_time },
	};
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		json_object_set_new(out, texts[i].name, text_json(arena, texts[i].text));
	json_object_set_new(out, "resolved", json_boolean(told->resolved));
	json_object_set_new(out, "fault",
		told->fault.code ? json_pack("{s:I, s:o}", "code", (json_int_t)told->fault.code,
					   "message", text_json(arena, told->fault.text))
				 : json_null());
	if (*told->operation)
		json_object_set_new(out, "operation", text_json(arena, told->operation));
	return out;
}

static json_t *results_json(struct rpc_turn *turn, const struct cwmp_du_state_change *told)
{
	const size_t count = told->count < RESULTS_MAX ? told->count : RESULTS_MAX;
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, result_json(turn->arena, &told->results[i]));
	turn->dropped += (unsigned)(told->count - count);
	return json_pack("{s:o}", "results", list);
}

/* Operations stand for themselves, but the task has one outcome: the first fault is its fault. */
static const struct cwmp_fault_struct *first_fault(const struct cwmp_du_state_change *told)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->results[i].fault.code)
			return &told->results[i].fault;
	return NULL;
}

static const char *fault_text(struct rpc_turn *turn, const struct cwmp_fault_struct *fault)
{
	json_t *value = fault_json(fault->code, event_text(turn->arena, fault->text), NULL);
	const char *text = json_text(turn->arena, value);
	json_decref(value);
	return text;
}

static enum rpc_next complete_ask(struct rpc_turn *turn)
{
	const struct cwmp_du_state_change *told = &turn->in->request.du_state_change;
	const struct cwmp_fault_struct *fault = first_fault(told);
	const int64_t device_id = turn->session->device_id;
	json_t *results = results_json(turn, told);
	const struct transfer_end end = {
		.command_key = told->command_key,
		.is_du_state_change = true,
		.result = json_text(turn->arena, results),
		.fault = fault ? fault_text(turn, fault) : NULL,
	};
	devices_require_epoch(&turn->question, device_id, turn->session->epoch);
	transfers_complete(&turn->question, device_id, &end);
	note_settling(turn);
	if (fault)
		transfers_record_fault(&turn->question, device_id, told->command_key,
			"DUStateChangeComplete", fault->code, event_text(turn->arena, fault->text),
			end.fault);
	json_object_set_new(results, "command_key", text_json(turn->arena, told->command_key));
	note_event(turn, "du state change complete", results, *told->command_key != '\0');
	return RPC_ASK;
}

static enum rpc_next complete_answer(struct rpc_turn *turn, const struct db_answer *answer)
{
	const struct db_rows *settled = answer->results[turn->settling[0]];
	turn->outcome = db_row_count(settled) ? "settled" : "unknown change";
	cwmp_make_response(&turn->out, turn->in);
	return RPC_REPLY;
}

static enum rpc_next autonomous_ask(struct rpc_turn *turn)
{
	const struct cwmp_du_state_change *told = &turn->in->request.du_state_change;
	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
	note_event(turn, "autonomous du state change complete", results_json(turn, told), false);
	return RPC_ASK;
}

const struct rpc_cpe_method du_state_change_complete_method = {
	.method = CWMP_DU_STATE_CHANGE_COMPLETE,
	.ask = complete_ask,
	.answer = complete_answer,
};

const struct rpc_cpe_method autonomous_du_state_change_complete_method = {
	.method = CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
	.ask = autonomous_ask,
	.answer = answer_noted,
};
