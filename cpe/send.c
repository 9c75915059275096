/* send: what `cpe send` makes a running device tell its ACS.
 * One table of kinds; each is an event, or a request with the event that goes with it. */
#include "cpe/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/transfer/du_changes.h"
#include "cpe/transfer/modules.h"
#include "cpe/session/reports.h"
#include "cwmp/cwmp.h"

enum { EVENT_CODE_MAX = 64 };

struct send_call {
	struct device *device;
	json_t *arguments;
	const char *event; /* of the kind */
};

/* NULL, or what is wrong. */
typedef const char *send_fn(struct send_call *call);

static const char *argument(const struct send_call *call, const char *key)
{
	const char *text = json_string_value(json_object_get(call->arguments, key));
	return text ? text : "";
}

static json_int_t number(const struct send_call *call, const char *key)
{
	return (json_int_t)strtoll(argument(call, key), NULL, 10);
}

static void report(struct send_call *call, enum cwmp_method method, json_t *content)
{
	const struct report report = { .method = method, .command_key = "" };
	reports_add(call->device, &report, content);
}

static const char *send_event(struct send_call *call)
{
	events_add(&call->device->state.events, call->event, "");
	return NULL;
}

static const char *send_vendor_event(struct send_call *call)
{
	const char *code = argument(call, "code");
	if (strncmp(code, "X ", 2) != 0 || !code[2] || strlen(code) > EVENT_CODE_MAX)
		return "a vendor's event is \"X OUI TEXT\"";
	events_add(&call->device->state.events, code, "");
	return NULL;
}

static const char *send_kicked(struct send_call *call)
{
	report(call, CWMP_KICKED,
		json_pack("{s:s,s:s,s:s,s:s}", "command", argument(call, "command"), "referer",
			argument(call, "referer"), "argument", argument(call, "arg"), "next",
			argument(call, "next")));
	return NULL;
}

static const char *send_request_download(struct send_call *call)
{
	json_t *others = json_copy(call->arguments);
	const char *type = argument(call, "file_type");
	json_object_del(others, "file_type");
	if (json_object_size(others) > CWMP_REQUEST_ARGUMENTS_MAX) {
		json_decref(others);
		return "at most 16 arguments";
	}
	report(call, CWMP_REQUEST_DOWNLOAD,
		json_pack("{s:s,s:o}", "file_type", type[0] ? type : "1 Firmware Upgrade Image",
			"arguments", others));
	return NULL;
}

static const char *send_autonomous_transfer(struct send_call *call)
{
	const json_int_t now = (json_int_t)time(NULL);
	const char *type = argument(call, "file_type");
	const json_int_t fault = number(call, "fault");
	if (fault && !*cwmp_fault_text((unsigned)fault))
		return "not a fault code";
	report(call, CWMP_AUTONOMOUS_TRANSFER_COMPLETE,
		json_pack("{s:s,s:s,s:b,s:s,s:I,s:s,s:I,s:I,s:I}", "announce_url",
			argument(call, "announce_url"), "transfer_url", argument(call, "url"),
			"is_download", strcmp(argument(call, "direction"), "upload") != 0,
			"file_type", type[0] ? type : "1 Firmware Upgrade Image", "file_size",
			number(call, "file_size"), "target_file_name",
			argument(call, "target_file_name"), "fault", fault, "started", now,
			"completed", now));
	return NULL;
}

static const char *send_autonomous_du_change(struct send_call *call)
{
	static const char *const operations[] = { "Install", "Update", "Uninstall" };
	const char *operation = argument(call, "operation");
	const char *version = argument(call, "version");
	for (size_t i = 0; i < LENGTH_OF(operations); i++) {
		if (strcmp(operations[i], operation) != 0)
			continue;
		const unsigned fault = strlen(version) > MODULE_VERSION_MAX
					       ? 9003
					       : du_change_by_itself(call->device, operation,
							 argument(call, "uuid"), version);
		return fault ? cwmp_fault_text(fault) : NULL;
	}
	return "operation is Install, Update or Uninstall";
}

static const char *send_get_rpc_methods(struct send_call *call)
{
	report(call, CWMP_GET_RPC_METHODS, json_object());
	events_add(&call->device->state.events, "2 PERIODIC", "");
	return NULL;
}

/* The user agrees to a ScheduleDownload whose window needs confirmation. */
static const char *send_confirm(struct send_call *call)
{
	struct transfer *transfer = transfers_find(
		&call->device->state.transfers, argument(call, "command_key"));
	if (!transfer || !transfer->windows.count)
		return "no scheduled download has that command_key";
	transfer->windows.is_confirmed = true;
	device_on_work_done(call->device);
	return NULL;
}

static const struct kind {
	const char *name;
	const char *event; /* that must exist in the version spoken; or NULL */
	send_fn *send;
	const char *keys; /* its arguments: "key= key=EXAMPLE", and "..." for any others */
	const char *help; /* beyond the keys */
} kinds[] = {
	{ "kicked", "5 KICKED", send_kicked, "command= referer= arg= next=", "" },
	{ "request-download", "9 REQUEST DOWNLOAD", send_request_download, "file_type= ...",
		"others are arguments of the request" },
	{ "autonomous-transfer", "10 AUTONOMOUS TRANSFER COMPLETE", send_autonomous_transfer,
		"url= announce_url= direction=upload file_type= file_size= target_file_name= fault=",
		"" },
	{ "autonomous-du-change", "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
		send_autonomous_du_change,
		"operation=Install|Update|Uninstall uuid= version=", "" },
	{ "get-rpc-methods", NULL, send_get_rpc_methods, "", "asks the ACS for its methods" },
	{ "diagnostics", "8 DIAGNOSTICS COMPLETE", send_event, "", "" },
	{ "wakeup", "13 WAKEUP", send_event, "", "" },
	{ "heartbeat", "14 HEARTBEAT", send_event, "", "" },
	{ "event", NULL, send_vendor_event, "", "\"X OUI TEXT\"" },
	{ "confirm", NULL, send_confirm,
		"command_key=", "lets a download begin that needs confirmation" },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

bool send_takes(const char *kind_name, const char *key, size_t key_length)
{
	const struct kind *kind = find_kind(kind_name);
	if (!kind || strstr(kind->keys, "..."))
		return true;
	for (const char *at = kind->keys; *at; at += strspn(at, " ")) {
		if (strncmp(at, key, key_length) == 0 && at[key_length] == '=')
			return true;
		at += strcspn(at, " ");
	}
	return false;
}

static const char *tell(const struct kind *kind, struct send_call *call)
{
	enum cwmp_version since;
	struct device *device = call->device;
	call->event = kind->event;
	if (kind->event && events_since(kind->event, &since) && since > device->offered->version)
		return "not in the version of CWMP that is spoken";
	const char *wrong = kind->send(call);
	device_save(device);
	device_wake(device);
	return wrong;
}

const char *send_execute(struct device *device, const char *kind, json_t *arguments)
{
	const struct kind *found = find_kind(kind);
	struct send_call call = { .device = device, .arguments = arguments };
	return found ? tell(found, &call) : "not a kind (try --help)";
}

void send_print_help(FILE *out)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		fprintf(out, "  %-22s %s%s%s\n", kinds[i].name, kinds[i].keys,
			kinds[i].keys[0] && kinds[i].help[0] ? " " : "", kinds[i].help);
}
