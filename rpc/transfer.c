/* transfer: what Download, Upload and ScheduleDownload have in common.
 * A file of our catalogue is fetched by a link of its own; its type is the catalogue's. */
#include "rpc/transfer.h"

#include <string.h>

bool transfer_check_url(struct arena *arena, const json_t *arguments, size_t max, const char **why)
{
	if (!argument_text(arena, arguments, "url", max, true, why))
		return false;
	const char *host = strstr(argument(arguments, "url"), "://");
	if (!host) {
		*why = "url: must be a URL such as https://host/file";
		return false;
	}
	if (memchr(host + 3, '@', strcspn(host + 3, "/?#"))) {
		*why = "url: must not hold a user name, use username and password";
		return false;
	}
	return true;
}

static bool check_origin(struct arena *arena, const json_t *arguments, const char **why)
{
	if (!json_object_get(arguments, "file"))
		return argument_text(
			       arena, arguments, "file_type", CWMP_FILE_TYPE_MAX, true, why) &&
		       transfer_check_url(arena, arguments, CWMP_URL_MAX, why);
	if (json_object_get(arguments, "url")) {
		*why = "url: give either file or url";
		return false;
	}
	return argument_text(arena, arguments, "file", 200, true, why) &&
	       argument_text(arena, arguments, "file_type", CWMP_FILE_TYPE_MAX, false, why);
}

bool transfer_check_source(struct arena *arena, const json_t *arguments, const char **why)
{
	return check_origin(arena, arguments, why) &&
	       argument_text(arena, arguments, "username", 256, false, why) &&
	       argument_text(arena, arguments, "password", 256, false, why) &&
	       argument_text(arena, arguments, "target_file_name", 256, false, why) &&
	       argument_number(arena, arguments, "file_size", INT64_C(0xffffffff), why);
}

bool transfer_link(const struct rpc_turn *turn, bool is_upload, const char *name, unsigned life,
	struct rpc_link *out)
{
	const struct rpc_settings *settings = turn->settings;
	const struct rpc_link_order order = {
		.is_upload = is_upload,
		.name = name,
		.expires = turn->now + (time_t)life + (time_t)settings->transfer_seconds +
			   (time_t)settings->link_seconds,
	};
	return settings->link(turn->arena, turn->session, &order, out, settings->link_arg);
}

static bool fill_from_catalogue(struct rpc_turn *turn, const struct rpc_task *task, unsigned life,
	struct transfer_source *out, const char **why)
{
	const char *name = argument(task->arguments, "file");
	if (!task->file) {
		*why = arena_printf(turn->arena, "file: %s is not in the catalogue any more", name);
		return false;
	}
	if (!*out->file_type)
		out->file_type = argument(task->file, "file_type");
	const int64_t size = number_of(task->file, "size");
	out->file_size = size <= INT64_C(0xffffffff) ? (uint64_t)size : 0;
	struct rpc_link link;
	if (!transfer_link(turn, false, name, life, &link)) {
		*why = "file: its download link is longer than the 256 bytes that CWMP allows";
		return false;
	}
	out->url = link.url;
	if (!*out->username) {
		out->username = link.username;
		out->password = link.password;
	}
	return true;
}

bool transfer_fill_source(struct rpc_turn *turn, const struct rpc_task *task, unsigned life,
	struct transfer_source *out, const char **why)
{
	const json_t *a = task->arguments;
	*out = (struct transfer_source){
		.file_type = argument(a, "file_type"),
		.url = argument(a, "url"),
		.username = argument(a, "username"),
		.password = argument(a, "password"),
		.target_file_name = argument(a, "target_file_name"),
		.file_size = (uint64_t)number_of(a, "file_size"),
	};
	if (json_object_get(a, "file") && !fill_from_catalogue(turn, task, life, out, why))
		return false;
	return transfer_type_is_known(turn, false, out->file_type, why);
}

bool transfer_type_is_known(
	struct rpc_turn *turn, bool is_upload, const char *file_type, const char **why)
{
	static const struct {
		bool is_upload;
		const char *beginning;
		enum cwmp_version since;
	} types[] = {
		{ false, "4 Tone File", CWMP_1_2 },
		{ false, "5 Ringer File", CWMP_1_2 },
		{ false, "6 Stored Firmware Image", CWMP_1_4 },
		{ true, "3 Vendor Configuration File", CWMP_1_2 },
		{ true, "4 Vendor Log File", CWMP_1_2 },
	};
	for (size_t i = 0; i < LENGTH_OF(types); i++) {
		if (types[i].is_upload != is_upload || types[i].since <= turn->session->version ||
			strncmp(file_type, types[i].beginning, strlen(types[i].beginning)) != 0)
			continue;
		*why = arena_printf(turn->arena,
			"file_type: \"%s\" needs CWMP %s, the device speaks %s", file_type,
			cwmp_version_name(types[i].since),
			cwmp_version_name(turn->session->version));
		return false;
	}
	return true;
}

void transfer_respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	const struct cwmp_transfer_response *told = &turn->in->response.transfer;
	if (told->status == 1)
		end->outcome = TASK_AWAITS_TRANSFER;
	else
		end->result = json_pack("{s:i, s:s, s:s}", "status", (int)told->status,
			"start_time", told->start_time, "complete_time", told->complete_time);
}
