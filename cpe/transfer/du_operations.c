/* du_operations: the operations of a ChangeDUState as JSON, and what each does to a device's units.
 * Faults are those of TR-069 A.5.1; one that ends an operation changes no unit. */
#include "cpe/transfer/du_operations.h"

#include <string.h>
#include <strings.h>

#include "cpe/state.h"
#include "cpe/transfer/file_transfer.h"

#define NO_UUID "00000000-0000-0000-0000-000000000000"

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
	const json_t *modules, json_t *operations, const struct cwmp_du_operation *operation)
{
	const bool is_for_all = operation->kind == CWMP_DU_UPDATE && !operation->uuid[0] &&
				!operation->url[0] && json_array_size(modules);
	if (!is_for_all) {
		json_array_append_new(operations, operation_to_json(operation));
		return;
	}
	size_t i;
	const json_t *module;
	json_array_foreach (modules, i, module) {
		struct cwmp_du_operation one = *operation;
		one.uuid = state_text(module, "uuid");
		one.version = state_text(module, "version");
		json_array_append_new(operations, operation_to_json(&one));
	}
}

unsigned du_change_make(
	const struct cwmp_change_du_state *request, const json_t *modules, json_t **change)
{
	if (request->count == 0 || strlen(request->command_key) > CWMP_COMMAND_KEY_MAX)
		return 9003;
	if (request->count > DU_OPERATIONS_MAX)
		return 9004;
	json_t *operations = json_array();
	for (size_t i = 0; i < request->count; i++)
		append_operation(modules, operations, &request->operations[i]);
	*change = json_pack("{s:s,s:o,s:[]}", "command_key", request->command_key, "operations",
		operations, "results");
	return 0;
}

const json_t *du_change_next(const json_t *change)
{
	return json_array_get(json_object_get(change, "operations"),
		json_array_size(json_object_get(change, "results")));
}

json_t *du_result_make(const struct datamodel *model, const char *operation, const json_t *module,
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
		instance ? module_reference(arena, model, "DeploymentUnit", instance) : "",
		"resolved", !fault, "executions",
		instance ? module_reference(arena, model, "ExecutionUnit", instance) : "", "fault",
		(int)fault, "completed", (json_int_t)time(NULL));
	arena_free(arena);
	return result;
}

/* Faults of file transfers that DUStateChangeComplete does not know are told as others. */
static unsigned du_fault(unsigned fault)
{
	return fault == 9010 ? 9017 : fault == 9002 ? 9001 : fault;
}

json_t *du_change_end_operation(json_t *change, const struct du_units *units, const json_t *module,
	unsigned fault, time_t started)
{
	const json_t *operation = du_change_next(change);
	json_t *result = du_result_make(units->model, state_text(operation, "operation"), module,
		operation, du_fault(fault));
	json_object_set_new(result, "started", json_integer((json_int_t)started));
	json_array_append_new(json_object_get(change, "results"), result);
	modules_show(units->model, units->modules, *units->last_module);
	return result;
}

json_t *du_result_to_journal(const json_t *change, const json_t *result)
{
	return json_pack("{s:O,s:O,s:O,s:O,s:O}", "command_key",
		json_object_get(change, "command_key"), "operation",
		json_object_get(result, "operation"), "uuid", json_object_get(result, "uuid"),
		"version", json_object_get(result, "version"), "fault",
		json_object_get(result, "fault"));
}

bool du_operation_is_uninstall(const json_t *operation)
{
	return strcmp(state_text(operation, "operation"), "Uninstall") == 0;
}

static bool is_update(const json_t *operation)
{
	return strcmp(state_text(operation, "operation"), "Update") == 0;
}

/* The unit that an Update is for: 0, 9022, 9028 or 9031. */
static unsigned find_updated(const json_t *modules, const json_t *operation, json_t **module)
{
	const char *uuid = state_text(operation, "uuid"),
		   *version = state_text(operation, "version");
	*module = uuid[0] ? modules_find(modules, uuid, version)
			  : modules_find_url(modules, state_text(operation, "url"));
	if (uuid[0] && !module_uuid_is_valid(uuid))
		return 9022;
	if (!*module)
		return 9028;
	return !version[0] && modules_count(modules, state_text(*module, "uuid")) > 1 ? 9031 : 0;
}

unsigned du_operation_check(const struct du_units *units, const json_t *operation, const char **url)
{
	const char *uuid = state_text(operation, "uuid");
	json_t *module = NULL;
	*url = state_text(operation, "url");
	if (is_update(operation)) {
		const unsigned fault = find_updated(units->modules, operation, &module);
		if (fault)
			return fault;
		*url = (*url)[0] ? *url : state_text(module, "url");
	}
	if (uuid[0] && !module_uuid_is_valid(uuid))
		return 9022;
	const unsigned fault = modules_check_environment(
		units->model, state_text(operation, "environment"));
	return fault ? fault : file_transfer_check_url(*url);
}

static unsigned install(const struct du_units *units, const json_t *operation, const char *uuid,
	const char *version, json_t **module)
{
	const char *wanted = state_text(operation, "uuid");
	if (wanted[0] && strcasecmp(wanted, uuid) != 0)
		return 9018;
	if (modules_find(units->modules, uuid, version))
		return 9026;
	*module = modules_add(
		units->modules, units->last_module, uuid, version, state_text(operation, "url"));
	return *module ? 0 : 9027;
}

static unsigned update(const struct du_units *units, const json_t *operation, const char *uuid,
	const char *version, json_t **module)
{
	const unsigned fault = find_updated(units->modules, operation, module);
	if (fault)
		return fault;
	if (strcasecmp(state_text(*module, "uuid"), uuid) != 0)
		return 9018;
	if (modules_find(units->modules, uuid, version))
		return 9032;
	if (strverscmp(version, state_text(*module, "version")) < 0)
		return 9030;
	json_object_set_new(*module, "version", json_string(version));
	if (state_text(operation, "url")[0])
		json_object_set(*module, "url", json_object_get(operation, "url"));
	return 0;
}

unsigned du_operation_apply(
	const struct du_units *units, const json_t *operation, char *head, json_t **module)
{
	const char *uuid, *version;
	*module = NULL;
	if (!module_read_head(head, &uuid, &version))
		return 9018;
	const unsigned fault = is_update(operation)
				       ? update(units, operation, uuid, version, module)
				       : install(units, operation, uuid, version, module);
	json_incref(*module);
	return fault;
}

unsigned du_operation_uninstall(
	const struct du_units *units, const json_t *operation, json_t **module)
{
	const char *uuid = state_text(operation, "uuid"),
		   *version = state_text(operation, "version");
	const unsigned fault = modules_check_environment(
		units->model, state_text(operation, "environment"));
	*module = json_incref(modules_find(units->modules, uuid, version));
	if (!module_uuid_is_valid(uuid))
		return 9022;
	if (!*module)
		return 9028;
	json_t *gone;
	while (!fault && (gone = modules_find(units->modules, uuid, version)))
		modules_remove(units->modules, gone);
	return fault;
}
