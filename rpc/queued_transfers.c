/* queued_transfers: what a device has still to fetch or send, and taking one of them back: GetQueuedTransfers,
 * GetAllQueuedTransfers, CancelTransfer (TR-069 A.4.1.1, A.4.1.7, A.4.1.9). */
#include "rpc/method.h"

#include <string.h>

#include "db/transfers.h"

static json_t *queued_json(const struct cwmp_queued_transfer *transfer, bool is_whole)
{
	json_t *out = json_pack("{s:s, s:I}", "command_key", transfer->command_key, "state",
		(json_int_t)transfer->state);
	if (!is_whole)
		return out;
	json_object_set_new(out, "is_download", json_boolean(transfer->is_download));
	json_object_set_new(out, "file_type", json_string(transfer->file_type));
	json_object_set_new(out, "file_size", json_integer((json_int_t)transfer->file_size));
	json_object_set_new(out, "target_file_name", json_string(transfer->target_file_name));
	return out;
}

static json_t *list_json(const struct rpc_turn *turn, bool is_whole)
{
	const struct cwmp_queued_transfers *queued = &turn->in->response.queued;
	json_t *list = json_array();
	for (size_t i = 0; i < queued->count; i++)
		json_array_append_new(list, queued_json(&queued->items[i], is_whole));
	return json_pack("{s:o}", "transfers", list);
}

static void told_queued(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	end->result = list_json(turn, false);
}

static void told_all_queued(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	end->result = list_json(turn, true);
}

/* Either is enough: a CommandKey as the device knows it, or one of our tasks. */
static bool check_cancel(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "command_key", "task", NULL };
	const char *task = argument(arguments, "task");
	if (!arguments_known(arena, arguments, fields, why))
		return false;
	if (!json_object_get(arguments, "task"))
		return argument_text(
			arena, arguments, "command_key", CWMP_COMMAND_KEY_MAX, true, why);
	if (json_object_get(arguments, "command_key")) {
		*why = "task: give either task or command_key";
		return false;
	}
	if (!argument_text(arena, arguments, "task", 18, true, why))
		return false;
	if (strspn(task, "0123456789") == strlen(task))
		return true;
	*why = "task: is no task's id";
	return false;
}

static const char *key_to_cancel(const struct rpc_task *task)
{
	return json_object_get(task->arguments, "task") ? task->cancelled_key
							: argument(task->arguments, "command_key");
}

static bool request_cancel(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	turn->out.request.command_key = key_to_cancel(task);
	if (!turn->out.request.command_key)
		*why = "task: began no transfer of this device";
	return turn->out.request.command_key != NULL;
}

static void cancelled(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	transfers_cancel(&turn->question, turn->session->device_id, key_to_cancel(task));
	note_settling(turn);
	end->result = json_object();
}

const struct rpc_task_method get_queued_transfers_task = {
	.name = "GetQueuedTransfers",
	.method = CWMP_GET_QUEUED_TRANSFERS,
	.check = check_no_arguments,
	.request = request_nothing,
	.respond = told_queued,
};

const struct rpc_task_method get_all_queued_transfers_task = {
	.name = "GetAllQueuedTransfers",
	.method = CWMP_GET_ALL_QUEUED_TRANSFERS,
	.check = check_no_arguments,
	.request = request_nothing,
	.respond = told_all_queued,
};

const struct rpc_task_method cancel_transfer_task = {
	.name = "CancelTransfer",
	.method = CWMP_CANCEL_TRANSFER,
	.check = check_cancel,
	.request = request_cancel,
	.respond = cancelled,
};
