/* schedule_download: a Download within time windows (TR-069 A.4.1.8).
 * Its response says nothing: TransferComplete tells how it went, at the latest after the last window. */
#include "rpc/transfer.h"

#include <string.h>

static bool check_mode(struct arena *arena, const json_t *window, const char **why)
{
	static const char *const modes[] = { "1 At Any Time", "2 Immediately", "3 When Idle",
		"4 Confirmation Needed" };
	const char *mode = argument(window, "mode");
	if (!argument_text(arena, window, "mode", 64, true, why))
		return false;
	for (size_t i = 0; i < LENGTH_OF(modes); i++)
		if (strcmp(mode, modes[i]) == 0)
			return true;
	/* "X <VENDOR> <text>" */
	if (strncmp(mode, "X ", 2) == 0 && mode[2] > ' ' && strchr(mode + 2, ' '))
		return true;
	*why = "mode: must be \"1 At Any Time\", \"2 Immediately\", \"3 When Idle\", "
	       "\"4 Confirmation Needed\" or a vendor's \"X …\"";
	return false;
}

static bool check_retries(const json_t *window, const char **why)
{
	const json_t *retries = json_object_get(window, "max_retries");
	const json_int_t count = json_integer_value(retries);
	if (!retries || (json_is_integer(retries) && count >= -1 && count <= INT32_MAX))
		return true;
	*why = "max_retries: must be a whole number, -1 to leave it to the device";
	return false;
}

static bool check_window(struct arena *arena, const json_t *window, const char **why)
{
	static const char *const fields[] = { "start", "end", "mode", "user_message", "max_retries",
		NULL };
	if (!arguments_known(arena, window, fields, why) ||
		!argument_number(arena, window, "start", UINT32_MAX, why) ||
		!argument_number(arena, window, "end", UINT32_MAX, why))
		return false;
	if (!json_object_get(window, "start") ||
		number_of(window, "start") >= number_of(window, "end")) {
		*why = "start: must be there, and before end";
		return false;
	}
	return check_mode(arena, window, why) &&
	       argument_text(arena, window, "user_message", 256, false, why) &&
	       check_retries(window, why);
}

static bool check_windows(struct arena *arena, const json_t *arguments, const char **why)
{
	const json_t *windows = json_object_get(arguments, "windows");
	if (!argument_list(arena, arguments, "windows", CWMP_TIME_WINDOWS_MAX, why) ||
		!argument_items(arena, arguments, "windows", check_window, why))
		return false;
	for (size_t i = 1; i < json_array_size(windows); i++) {
		const json_t *before = json_array_get(windows, i - 1);
		if (number_of(json_array_get(windows, i), "start") >= number_of(before, "end"))
			continue;
		*why = arena_printf(arena,
			"windows[%zu].start: the windows must be in order, none in another", i);
		return false;
	}
	return true;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "file", "file_type", "url", "username", "password",
		"file_size", "target_file_name", "windows", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       transfer_check_source(arena, arguments, why) && check_windows(arena, arguments, why);
}

static void fill_window(const json_t *window, struct cwmp_time_window *out)
{
	*out = (struct cwmp_time_window){
		.start = (unsigned)number_of(window, "start"),
		.end = (unsigned)number_of(window, "end"),
		.mode = argument(window, "mode"),
		.user_message = argument(window, "user_message"),
		.max_retries = (int)number_of(window, "max_retries"),
	};
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	struct transfer_source source;
	const json_t *windows = json_object_get(task->arguments, "windows");
	const size_t count = json_array_size(windows);
	struct cwmp_time_window *list = arena_array(turn->arena, count, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		fill_window(json_array_get(windows, i), &list[i]);
	if (!transfer_fill_source(turn, task, count ? list[count - 1].end : 0, &source, why))
		return false;
	turn->out.request.schedule_download = (struct cwmp_schedule_download){
		.command_key = task->command_key,
		.file_type = source.file_type,
		.url = source.url,
		.username = source.username,
		.password = source.password,
		.file_size = source.file_size,
		.target_file_name = source.target_file_name,
		.windows = list,
		.window_count = count,
	};
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)turn, (void)task;
	end->outcome = TASK_AWAITS_TRANSFER;
}

const struct rpc_task_method schedule_download_task = {
	.name = "ScheduleDownload",
	.method = CWMP_SCHEDULE_DOWNLOAD,
	.check = check,
	.request = request,
	.respond = respond,
};
