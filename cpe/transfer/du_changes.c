/* du_changes: the ChangeDUState requests of the ACS, carried out one operation after the other.
 * A request is JSON in the state: "command_key", "operations", and "results" as far as it got. */
#include "cpe/transfer/du_changes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/transfer/file_transfer.h"
#include "cpe/log.h"
#include "cpe/transfer/modules.h"
#include "cpe/session/reports.h"

#define NO_UUID "00000000-0000-0000-0000-000000000000"

enum { HEAD_BYTES = 256 };

struct du_runner {
	struct device *device;
	struct file_transfer *active;
	char *part;     /* where a module is written */
	time_t started; /* the operation under way */
};

static const char *const operation_names[] = {
	[CWMP_DU_INSTALL] = "Install",
	[CWMP_DU_UPDATE] = "Update",
	[CWMP_DU_UNINSTALL] = "Uninstall",
};

static json_t *operation_to_json(const struct cwmp_du_operation *operation)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "operation",
		operation_names[operation->kind], "url", operation->url, "uuid", operation->uuid,
		"username", operation->username, "password", operation->password, "version",
		operation->version, "environment", operation->execution_env_ref);
}

/* Update without UUID and URL is for every unit there is. */
static void append_operation(
	const struct state *state, json_t *operations, const struct cwmp_du_operation *operation)
{
	const bool is_for_all = operation->kind == CWMP_DU_UPDATE && !operation->uuid[0] &&
				!operation->url[0] && json_array_size(state->modules);
	if (!is_for_all) {
		json_array_append_new(operations, operation_to_json(operation));
		return;
	}
	size_t i;
	const json_t *module;
	json_array_foreach (state->modules, i, module) {
		struct cwmp_du_operation one = *operation;
		one.uuid = state_text(module, "uuid");
		one.version = state_text(module, "version");
		json_array_append_new(operations, operation_to_json(&one));
	}
}

unsigned du_changes_add(struct device *device, const struct cwmp_change_du_state *request)
{
	struct state *state = &device->state;
	if (request->count == 0 || strlen(request->command_key) > CWMP_COMMAND_KEY_MAX)
		return 9003;
	if (request->count > DU_OPERATIONS_MAX ||
		json_array_size(state->du_changes) +
				reports_count(state, CWMP_DU_STATE_CHANGE_COMPLETE) >=
			DU_CHANGES_MAX)
		return 9004;
	json_t *operations = json_array();
	for (size_t i = 0; i < request->count; i++)
		append_operation(state, operations, &request->operations[i]);
	json_array_append_new(
		state->du_changes, json_pack("{s:s,s:o,s:[]}", "command_key", request->command_key,
					   "operations", operations, "results"));
	return 0;
}

/* The operation that is next; NULL when the request is done. */
static const json_t *next_operation(const json_t *change)
{
	return json_array_get(json_object_get(change, "operations"),
		json_array_size(json_object_get(change, "results")));
}

/* What the ACS is told of a unit; module NULL when there is none, version then as asked for. */
static json_t *make_result(struct device *device, const char *operation, const json_t *module,
	const json_t *asked, unsigned fault)
{
	struct arena *arena = arena_new();
	const unsigned instance = (unsigned)json_integer_value(json_object_get(module, "instance"));
	const bool is_uninstall = strcmp(operation, "Uninstall") == 0;
	const json_t *from = module ? module : asked;
	const char *uuid = state_text(from, "uuid");
	json_t *result = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:i,s:I}", "operation", operation,
		"uuid", module_uuid_is_valid(uuid) ? uuid : NO_UUID, "version",
		state_text(from, "version"), "state",
		fault          ? "Failed"
		: is_uninstall ? "Uninstalled"
			       : "Installed",
		"reference",
		instance ? module_reference(arena, device->model, "DeploymentUnit", instance) : "",
		"resolved", !fault, "executions",
		instance ? module_reference(arena, device->model, "ExecutionUnit", instance) : "",
		"fault", (int)fault, "completed", (json_int_t)time(NULL));
	arena_free(arena);
	return result;
}

/* Everything that the request asked for has been tried. */
static void report_end(struct device *device, json_t *change)
{
	const char *command_key = state_text(change, "command_key");
	const struct report report = {
		.method = CWMP_DU_STATE_CHANGE_COMPLETE,
		.m_event = "M ChangeDUState",
		.command_key = command_key,
	};
	reports_add(device, &report,
		json_pack("{s:s,s:O}", "command_key", command_key, "results",
			json_object_get(change, "results")));
	json_array_remove(device->state.du_changes, 0);
}

/* Faults of file transfers that DUStateChangeComplete does not know are told as others. */
static unsigned du_fault(unsigned fault)
{
	return fault == 9010 ? 9017 : fault == 9002 ? 9001 : fault;
}

/* Ends the operation under way: its result is kept, then the next one may run. */
static void end_operation(struct du_runner *runner, const json_t *module, unsigned fault)
{
	struct device *device = runner->device;
	json_t *change = json_array_get(device->state.du_changes, 0);
	const json_t *operation = next_operation(change);
	json_t *result = make_result(
		device, state_text(operation, "operation"), module, operation, du_fault(fault));
	json_object_set_new(result, "started", json_integer((json_int_t)runner->started));
	device_witness(device, "module",
		json_pack("{s:s,s:O,s:O,s:O,s:O}", "command_key", state_text(change, "command_key"),
			"operation", json_object_get(result, "operation"), "uuid",
			json_object_get(result, "uuid"), "version",
			json_object_get(result, "version"), "fault",
			json_object_get(result, "fault")));
	json_array_append_new(json_object_get(change, "results"), result);
	modules_show(device->model, device->state.modules, device->state.last_module);
	if (!next_operation(change))
		report_end(device, change);
	device_save(device);
}

/* The unit that an Update is for: 0, 9022, 9028 or 9031. */
static unsigned find_updated(const struct state *state, const json_t *operation, json_t **module)
{
	const char *uuid = state_text(operation, "uuid"),
		   *version = state_text(operation, "version");
	*module = uuid[0] ? modules_find(state->modules, uuid, version)
			  : modules_find_url(state->modules, state_text(operation, "url"));
	if (uuid[0] && !module_uuid_is_valid(uuid))
		return 9022;
	if (!*module)
		return 9028;
	return !version[0] && modules_count(state->modules, state_text(*module, "uuid")) > 1 ? 9031
											     : 0;
}

static unsigned install(struct device *device, const json_t *operation, const char *uuid,
	const char *version, json_t **module)
{
	struct state *state = &device->state;
	const char *wanted = state_text(operation, "uuid");
	if (wanted[0] && strcasecmp(wanted, uuid) != 0)
		return 9018;
	if (modules_find(state->modules, uuid, version))
		return 9026;
	*module = modules_add(
		state->modules, &state->last_module, uuid, version, state_text(operation, "url"));
	return *module ? 0 : 9027;
}

static unsigned update(struct device *device, const json_t *operation, const char *uuid,
	const char *version, json_t **module)
{
	const unsigned fault = find_updated(&device->state, operation, module);
	if (fault)
		return fault;
	if (strcasecmp(state_text(*module, "uuid"), uuid) != 0)
		return 9018;
	if (modules_find(device->state.modules, uuid, version))
		return 9032;
	if (strverscmp(version, state_text(*module, "version")) < 0)
		return 9030;
	json_object_set_new(*module, "version", json_string(version));
	if (state_text(operation, "url")[0])
		json_object_set(*module, "url", json_object_get(operation, "url"));
	return 0;
}

/* All versions, when none is named. */
static void uninstall(struct du_runner *runner, const json_t *operation)
{
	struct state *state = &runner->device->state;
	const char *uuid = state_text(operation, "uuid"),
		   *version = state_text(operation, "version");
	unsigned fault = modules_check_environment(
		runner->device->model, state_text(operation, "environment"));
	json_t *module = json_incref(modules_find(state->modules, uuid, version));
	if (!module_uuid_is_valid(uuid))
		fault = 9022;
	else if (!module)
		fault = 9028;
	json_t *gone;
	while (!fault && (gone = modules_find(state->modules, uuid, version)))
		modules_remove(state->modules, gone);
	end_operation(runner, module, fault);
	json_decref(module);
}

static bool read_head(const char *path, char head[HEAD_BYTES])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	memset(head, 0, HEAD_BYTES);
	const ssize_t length = read(fd, head, HEAD_BYTES - 1);
	close(fd);
	return length > 0;
}

static void on_fetched(unsigned fault, uint64_t bytes, void *arg)
{
	struct du_runner *runner = arg;
	struct device *device = runner->device;
	const json_t *operation = next_operation(json_array_get(device->state.du_changes, 0));
	const bool is_install = strcmp(state_text(operation, "operation"), "Install") == 0;
	char head[HEAD_BYTES];
	const char *uuid, *version;
	json_t *module = NULL;
	(void)bytes;
	runner->active = NULL;
	if (!fault && (!read_head(runner->part, head) || !module_read_head(head, &uuid, &version)))
		fault = 9018;
	if (!fault)
		fault = is_install ? install(device, operation, uuid, version, &module)
				   : update(device, operation, uuid, version, &module);
	unlink(runner->part);
	end_operation(runner, module, fault);
	device_on_work_done(device);
}

/* What can be told before anything is fetched; *url is where to fetch from. */
static unsigned check(const struct device *device, const json_t *operation, const char **url)
{
	const char *uuid = state_text(operation, "uuid");
	json_t *module = NULL;
	*url = state_text(operation, "url");
	if (strcmp(state_text(operation, "operation"), "Update") == 0) {
		const unsigned fault = find_updated(&device->state, operation, &module);
		if (fault)
			return fault;
		*url = (*url)[0] ? *url : state_text(module, "url");
	}
	if (uuid[0] && !module_uuid_is_valid(uuid))
		return 9022;
	const unsigned fault = modules_check_environment(
		device->model, state_text(operation, "environment"));
	return fault ? fault : file_transfer_check_url(*url);
}

static void fetch(struct du_runner *runner, const json_t *operation)
{
	const char *url;
	const unsigned fault = check(runner->device, operation, &url);
	if (fault) {
		end_operation(runner, NULL, fault);
		return;
	}
	const struct file_transfer_request request = {
		.url = url,
		.username = state_text(operation, "username"),
		.password = state_text(operation, "password"),
		.path = runner->part,
	};
	const struct device *device = runner->device;
	const struct file_transfer_place place = {
		.base = device->base,
		.dns = device->dns,
		.tls = device->tls,
		.name = device->name,
	};
	runner->active = file_transfer_start(&place, &request, on_fetched, runner);
}

void du_changes_run(struct du_runner *runner)
{
	const struct state *state = &runner->device->state;
	const json_t *change;
	while (!runner->active && !device_is_busy(runner->device) &&
		(change = json_array_get(state->du_changes, 0))) {
		const json_t *operation = next_operation(change);
		runner->started = time(NULL);
		if (strcmp(state_text(operation, "operation"), "Uninstall") == 0)
			uninstall(runner, operation);
		else
			fetch(runner, operation);
	}
}

void du_changes_stop(struct du_runner *runner)
{
	file_transfer_free(runner->active);
	runner->active = NULL;
	unlink(runner->part);
}

struct du_runner *du_runner_new(struct device *device)
{
	struct du_runner *runner = calloc(1, sizeof(*runner));
	if (!runner)
		abort();
	runner->device = device;
	if (asprintf(&runner->part, "%s/module.part", device->state.dir) < 0)
		abort();
	return runner;
}

void du_runner_free(struct du_runner *runner)
{
	if (!runner)
		return;
	du_changes_stop(runner);
	free(runner->part);
	free(runner);
}

/* Without the ACS */

static unsigned change(struct state *state, const char *operation, const char *uuid,
	const char *version, json_t **module)
{
	const bool is_install = strcmp(operation, "Install") == 0;
	json_t *found = modules_find(state->modules, uuid, is_install ? version : "");
	if (is_install && found)
		return 9026;
	if (is_install)
		found = modules_add(state->modules, &state->last_module, uuid, version, "");
	if (!found)
		return is_install ? 9027 : 9028;
	*module = json_incref(found);
	if (strcmp(operation, "Update") == 0)
		json_object_set_new(found, "version", json_string(version));
	else if (!is_install)
		modules_remove(state->modules, found);
	return 0;
}

unsigned du_change_by_itself(
	struct device *device, const char *operation, const char *uuid, const char *version)
{
	struct state *state = &device->state;
	const struct report report = {
		.method = CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
		.command_key = "",
	};
	json_t *module = NULL;
	if (!module_uuid_is_valid(uuid))
		return 9022;
	const unsigned fault = change(state, operation, uuid, version, &module);
	if (fault)
		return fault;
	json_t *result = make_result(device, operation, module, NULL, 0);
	json_object_set_new(result, "started", json_integer((json_int_t)time(NULL)));
	json_decref(module);
	modules_show(device->model, state->modules, state->last_module);
	reports_add(
		device, &report, json_pack("{s:s,s:[o]}", "command_key", "", "results", result));
	return 0;
}
