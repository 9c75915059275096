/* download: has the device fetch a file, of our catalogue or from any URL (TR-069 A.3.2.8). */
#include "rpc/method.h"

#include <string.h>

static const char *const fields[] = { "file", "file_type", "url", "username", "password",
	"file_size", "target_file_name", "delay_seconds", "success_url", "failure_url", NULL };

static const struct {
	const char *name;
	size_t max;
} texts[] = {
	{ "file", 200 },
	{ "file_type", CWMP_FILE_TYPE_MAX },
	{ "url", CWMP_URL_MAX },
	{ "username", 256 },
	{ "password", 256 },
	{ "target_file_name", 256 },
	{ "success_url", CWMP_URL_MAX },
	{ "failure_url", CWMP_URL_MAX },
};

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	const bool from_catalogue = json_object_get(arguments, "file") != NULL;
	if (!arguments_known(arena, arguments, fields, why))
		return false;
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		const bool is_required = from_catalogue ? i == 0 : i == 1 || i == 2;
		if (!argument_text(arena, arguments, texts[i].name, texts[i].max, is_required, why))
			return false;
	}
	if (from_catalogue && json_object_get(arguments, "url")) {
		*why = "url: give either file or url";
		return false;
	}
	const char *host = strstr(argument(arguments, "url"), "://");
	if (!from_catalogue && !host) {
		*why = "url: must be a URL such as https://host/file";
		return false;
	}
	if (host && memchr(host + 3, '@', strcspn(host + 3, "/?#"))) {
		*why = "url: must not hold a user name, use username and password";
		return false;
	}
	return argument_number(arena, arguments, "file_size", INT64_C(0xffffffff), why) &&
	       argument_number(arena, arguments, "delay_seconds", INT64_C(30) * 86400, why);
}

static int64_t number(const json_t *object, const char *field)
{
	return json_integer_value(json_object_get(object, field));
}

static bool fill_from_catalogue(struct rpc_turn *turn, const struct rpc_task *task,
	struct cwmp_download *out, const char **why)
{
	const char *name = argument(task->arguments, "file");
	if (!task->file) {
		*why = arena_printf(turn->arena, "file: %s is not in the catalogue any more", name);
		return false;
	}
	if (!*out->file_type)
		out->file_type = argument(task->file, "file_type");
	const int64_t size = number(task->file, "size");
	out->file_size = size <= INT64_C(0xffffffff) ? (uint64_t)size : 0;
	const time_t expires = turn->now + (time_t)out->delay_seconds +
			       (time_t)turn->settings->transfer_seconds +
			       (time_t)turn->settings->link_seconds;
	out->url = turn->settings->link(
		turn->arena, turn->session->files_url, name, expires, turn->settings->link_arg);
	if (!out->url)
		*why = "file: its download link is longer than the 256 bytes that CWMP allows";
	return out->url != NULL;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const json_t *a = task->arguments;
	struct cwmp_download *out = &turn->out.request.download;
	*out = (struct cwmp_download){
		.command_key = task->command_key,
		.file_type = argument(a, "file_type"),
		.url = argument(a, "url"),
		.username = argument(a, "username"),
		.password = argument(a, "password"),
		.file_size = (uint64_t)number(a, "file_size"),
		.target_file_name = argument(a, "target_file_name"),
		.delay_seconds = (unsigned)number(a, "delay_seconds"),
		.success_url = argument(a, "success_url"),
		.failure_url = argument(a, "failure_url"),
	};
	return !json_object_get(a, "file") || fill_from_catalogue(turn, task, out, why);
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	const struct cwmp_transfer_response *told = &turn->in->response.transfer;
	if (told->status == 1)
		end->outcome = TASK_AWAITS_TRANSFER;
	else
		end->result = json_pack("{s:i, s:s, s:s}", "status", (int)told->status,
			"start_time", told->start_time, "complete_time", told->complete_time);
}

const struct rpc_task_method download_task = {
	.name = "Download",
	.method = CWMP_DOWNLOAD,
	.check = check,
	.request = request,
	.respond = respond,
};
