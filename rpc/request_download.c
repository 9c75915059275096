/* request_download: the device asks for a file of some type (TR-069 A.4.2.2).
 * If the catalogue has one that is meant for it and is not what it runs, a Download follows in this session. */
#include "rpc/method.h"

#include "db/transfers.h"

static json_t *arguments_json(struct rpc_turn *turn, const struct cwmp_request_download *told)
{
	json_t *list = json_array();
	for (size_t i = 0; i < told->argument_count; i++) {
		const struct cwmp_argument *argument = &told->arguments[i];
		if (i == CWMP_REQUEST_ARGUMENTS_MAX) {
			turn->dropped += (unsigned)(told->argument_count - i);
			break;
		}
		json_array_append_new(list,
			json_pack("{s:s, s:s}", "name", event_text(turn->arena, argument->name),
				"value", event_text(turn->arena, argument->value)));
	}
	return list;
}

static enum rpc_next ask(struct rpc_turn *turn)
{
	const struct cwmp_request_download *told = &turn->in->request.request_download;
	json_t *detail = json_pack("{s:s, s:o}", "file_type",
		event_text(turn->arena, told->file_type), "arguments", arguments_json(turn, told));
	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
	note_event(turn, "request download", detail, false);
	if (turn->settings->answers_request_download)
		transfers_answer_request(
			&turn->question, turn->session->device_id, told->file_type);
	return RPC_ASK;
}

static enum rpc_next answered(struct rpc_turn *turn, const struct db_answer *answer)
{
	const bool is_queued = turn->settings->answers_request_download &&
			       db_row_count(answer->results[answer->count - 1]) > 0;
	turn->outcome = is_queued ? "download queued" : "noted";
	turn->session->has_tasks |= is_queued;
	cwmp_make_response(&turn->out, turn->in);
	return RPC_REPLY;
}

const struct rpc_cpe_method request_download_method = {
	.method = CWMP_REQUEST_DOWNLOAD,
	.ask = ask,
	.answer = answered,
};
