/* du_changes: the ChangeDUState requests of the ACS, carried out one operation after the other.
 * A request waits in the state, as du_operations.c makes it, with the results it has so far. */
#include "cpe/transfer/du_changes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/session/reports.h"
#include "cpe/transfer/du_operations.h"
#include "cpe/transfer/file_transfer.h"

struct du_runner {
	struct device *device;
	struct file_transfer *active;
	char *part;     /* where a module is written */
	time_t started; /* the operation under way */
};

unsigned du_changes_add(struct device *device, const struct cwmp_change_du_state *request)
{
	struct state *state = &device->state;
	json_t *change;
	const unsigned fault = du_change_make(request, state->modules, &change);
	if (fault)
		return fault;
	const size_t waiting = json_array_size(state->du_changes) +
			       reports_count(state, CWMP_DU_STATE_CHANGE_COMPLETE);
	if (waiting < DU_CHANGES_MAX) {
		json_array_append_new(state->du_changes, change);
		return 0;
	}
	json_decref(change);
	return 9004;
}

static struct du_units units_of(struct device *device)
{
	return (struct du_units){
		.modules = device->state.modules,
		.last_module = &device->state.last_module,
		.model = device->model,
	};
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

/* Ends the operation under way: its result is kept, then the next one may run. Takes module. */
static void end_operation(struct du_runner *runner, json_t *module, unsigned fault)
{
	struct device *device = runner->device;
	const struct du_units units = units_of(device);
	json_t *change = json_array_get(device->state.du_changes, 0);
	const json_t *result = du_change_end_operation(
		change, &units, module, fault, runner->started);
	json_decref(module);
	device_witness(device, "module", du_result_to_journal(change, result));
	if (!du_change_next(change))
		report_end(device, change);
	device_save(device);
}

static bool read_head(const char *path, char head[DU_HEAD_BYTES])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	memset(head, 0, DU_HEAD_BYTES);
	const ssize_t length = read(fd, head, DU_HEAD_BYTES - 1);
	close(fd);
	return length > 0;
}

static void on_fetched(unsigned fault, uint64_t bytes, void *arg)
{
	struct du_runner *runner = arg;
	struct device *device = runner->device;
	const struct du_units units = units_of(device);
	char head[DU_HEAD_BYTES];
	json_t *module = NULL;
	(void)bytes;
	runner->active = NULL;
	if (!fault && !read_head(runner->part, head))
		fault = 9018;
	if (!fault)
		fault = du_operation_apply(&units,
			du_change_next(json_array_get(device->state.du_changes, 0)), head, &module);
	unlink(runner->part);
	end_operation(runner, module, fault);
	device_on_work_done(device);
}

static void uninstall(struct du_runner *runner, const json_t *operation)
{
	const struct du_units units = units_of(runner->device);
	json_t *module;
	const unsigned fault = du_operation_uninstall(&units, operation, &module);
	end_operation(runner, module, fault);
}

static void fetch(struct du_runner *runner, const json_t *operation)
{
	const struct du_units units = units_of(runner->device);
	const char *url;
	const unsigned fault = du_operation_check(&units, operation, &url);
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
		const json_t *operation = du_change_next(change);
		runner->started = time(NULL);
		if (du_operation_is_uninstall(operation))
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
	json_t *result = du_result_make(device->model, operation, module, NULL, 0);
	json_object_set_new(result, "started", json_integer((json_int_t)time(NULL)));
	json_decref(module);
	modules_show(device->model, state->modules, state->last_module);
	reports_add(
		device, &report, json_pack("{s:s,s:[o]}", "command_key", "", "results", result));
	return 0;
}
