/* queued_transfers: GetQueuedTransfers and GetAllQueuedTransfers, TR-069 A.4.1.1 and A.4.1.7.
 * First those that wait or run, then those whose TransferComplete has not been answered. */
#include "cpe/methods.h"
#include "cpe/session/reports.h"
#include "cpe/transfer/upload.h"
#include "cwmp/cwmp.h"

enum queued_state { NOT_STARTED = 1, IN_PROGRESS = 2, COMPLETED = 3 };

/* An upload's file type has another number here than in Upload itself. */
static const char *file_type(struct arena *arena, bool is_download, const char *type)
{
	return is_download ? arena_strdup(arena, type) : upload_queued_type(arena, type);
}

static void add_transfer(
	struct cwmp_queued_transfers *out, struct arena *arena, const struct transfer *transfer)
{
	static const enum queued_state states[] = {
		[TRANSFER_QUEUED] = NOT_STARTED,
		[TRANSFER_RUNNING] = IN_PROGRESS,
		[TRANSFER_FETCHED] = COMPLETED,
	};
	const bool is_download = transfer->kind != TRANSFER_UPLOAD;
	out->items[out->count++] = (struct cwmp_queued_transfer){
		.command_key = arena_strdup(arena, transfer->command_key),
		.state = states[transfer->phase],
		.is_download = is_download,
		.file_type = file_type(arena, is_download, transfer->file_type),
		.file_size = transfer->file_size,
		.target_file_name = arena_strdup(arena, transfer->target_file_name),
	};
}

static void add_report(struct cwmp_queued_transfers *out, struct arena *arena, const json_t *report)
{
	const char *command_key = "", *type = "", *target = "";
	int is_download = 1;
	json_int_t size = 0;
	json_unpack(json_object_get(report, "content"), "{s?s,s?b,s?s,s?I,s?s}", "command_key",
		&command_key, "is_download", &is_download, "file_type", &type, "file_size", &size,
		"target_file_name", &target);
	out->items[out->count++] = (struct cwmp_queued_transfer){
		.command_key = arena_strdup(arena, command_key),
		.state = COMPLETED,
		.is_download = is_download,
		.file_type = file_type(arena, is_download, type),
		.file_size = (uint64_t)size,
		.target_file_name = arena_strdup(arena, target),
	};
}

/* Only GetAllQueuedTransfers tells of transfers that the ACS did not ask for. */
static bool is_told(const struct method_call *call, const json_t *report)
{
	const enum cwmp_method method = report_method(report);
	return method == CWMP_TRANSFER_COMPLETE ||
	       (method == CWMP_AUTONOMOUS_TRANSFER_COMPLETE &&
		       call->request->method == CWMP_GET_ALL_QUEUED_TRANSFERS);
}

static unsigned execute(struct method_call *call)
{
	const struct state *state = &call->device->state;
	struct cwmp_queued_transfers *out = &call->answer->response.queued;
	const struct transfer *transfer;
	const json_t *report;
	size_t i;
	out->items = arena_array(call->arena,
		transfers_count(&state->transfers) + json_array_size(state->reports),
		sizeof(*out->items));
	TAILQ_FOREACH (transfer, &state->transfers, link)
		add_transfer(out, call->arena, transfer);
	json_array_foreach (state->reports, i, report)
		if (is_told(call, report) && out->count < TRANSFERS_MAX)
			add_report(out, call->arena, report);
	json_object_set_new(call->journal, "count", json_integer((json_int_t)out->count));
	return 0;
}

const struct rpc_method get_queued_transfers_method = {
	.method = CWMP_GET_QUEUED_TRANSFERS,
	.execute = execute,
};
const struct rpc_method get_all_queued_transfers_method = {
	.method = CWMP_GET_ALL_QUEUED_TRANSFERS,
	.execute = execute,
};
