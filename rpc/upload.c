/* upload: has the device send us a file of its own (TR-069 A.4.1.5).
 * Without a URL of the operator's it goes to the files listener, which puts it into the catalogue. */
#include "rpc/transfer.h"

#include <string.h>

/* The name becomes the end of a URL and a file of the catalogue. */
static bool check_file_name(struct arena *arena, const json_t *arguments, const char **why)
{
	const char *name = argument(arguments, "file_name");
	if (!json_object_get(arguments, "file_name"))
		return true;
	if (!argument_text(arena, arguments, "file_name", 200, true, why))
		return false;
	if (!strpbrk(name, "/\\\t\r\n") && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return true;
	*why = "file_name: must be the name of a file of the catalogue";
	return false;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const with_url[] = { "file_type", "url", "username", "password",
		"delay_seconds", NULL };
	static const char *const into_catalogue[] = { "file_type", "file_name", "delay_seconds",
		NULL };
	const bool has_url = json_object_get(arguments, "url") != NULL;
	return arguments_known(arena, arguments, has_url ? with_url : into_catalogue, why) &&
	       argument_text(arena, arguments, "file_type", CWMP_FILE_TYPE_MAX, true, why) &&
	       (!has_url || transfer_check_url(arena, arguments, CWMP_URL_MAX, why)) &&
	       argument_text(arena, arguments, "username", 256, false, why) &&
	       argument_text(arena, arguments, "password", 256, false, why) &&
	       check_file_name(arena, arguments, why) &&
	       argument_number(arena, arguments, "delay_seconds", TRANSFER_DELAY_MAX, why);
}

/* "upload-17" unless the operator named it; db/task_sql.h looks for the file under the same name. */
static const char *catalogue_name(struct arena *arena, const struct rpc_task *task)
{
	const char *name = argument(task->arguments, "file_name");
	return *name ? name : arena_printf(arena, "upload-%lld", (long long)task->task_id);
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const json_t *a = task->arguments;
	const unsigned delay_seconds = (unsigned)number_of(a, "delay_seconds");
	struct rpc_link link = { argument(a, "url"), argument(a, "username"),
		argument(a, "password") };
	if (!transfer_type_is_known(turn, true, argument(a, "file_type"), why))
		return false;
	if (!*link.url && !transfer_link(turn, true, catalogue_name(turn->arena, task),
				  delay_seconds, &link)) {
		*why = "file_name: its upload link is longer than the 256 bytes that CWMP allows";
		return false;
	}
	turn->out.request.upload = (struct cwmp_upload){
		.command_key = task->command_key,
		.file_type = argument(a, "file_type"),
		.url = link.url,
		.username = link.username,
		.password = link.password,
		.delay_seconds = delay_seconds,
	};
	return true;
}

const struct rpc_task_method upload_task = {
	.name = "Upload",
	.method = CWMP_UPLOAD,
	.check = check,
	.request = request,
	.respond = transfer_respond,
};
