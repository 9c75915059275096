/* download: has the device fetch a file, of our catalogue or from any URL (TR-069 A.3.2.8). */
#include "rpc/transfer.h"

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "file", "file_type", "url", "username", "password",
		"file_size", "target_file_name", "delay_seconds", "success_url", "failure_url",
		NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       transfer_check_source(arena, arguments, why) &&
	       argument_text(arena, arguments, "success_url", CWMP_URL_MAX, false, why) &&
	       argument_text(arena, arguments, "failure_url", CWMP_URL_MAX, false, why) &&
	       argument_number(arena, arguments, "delay_seconds", TRANSFER_DELAY_MAX, why);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	struct transfer_source source;
	const json_t *a = task->arguments;
	const unsigned delay_seconds = (unsigned)number_of(a, "delay_seconds");
	if (!transfer_fill_source(turn, task, delay_seconds, &source, why))
		return false;
	turn->out.request.download = (struct cwmp_download){
		.command_key = task->command_key,
		.file_type = source.file_type,
		.url = source.url,
		.username = source.username,
		.password = source.password,
		.file_size = source.file_size,
		.target_file_name = source.target_file_name,
		.delay_seconds = delay_seconds,
		.success_url = argument(a, "success_url"),
		.failure_url = argument(a, "failure_url"),
	};
	return true;
}

const struct rpc_task_method download_task = {
	.name = "Download",
	.method = CWMP_DOWNLOAD,
	.check = check,
	.request = request,
	.respond = transfer_respond,
};
