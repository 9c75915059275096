/* modules: the deployment units on a device, as the state keeps them and the tree shows them.
 * A unit is a JSON object: "instance", "uuid", "version", "url". Pure; nothing is fetched here. */
#include "cpe/transfer/modules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cpe/state.h"

static const char mark[] = "CPE-MODULE ";

bool module_uuid_is_valid(const char *uuid)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (strlen(uuid) != UUID_CHARACTERS)
		return false;
	for (size_t i = 0; i < UUID_CHARACTERS; i++)
		if (shape[i] == '-' ? uuid[i] != '-' : !isxdigit((unsigned char)uuid[i]))
			return false;
	return true;
}

bool module_read_head(char *head, const char **uuid, const char **version)
{
	if (strncmp(head, mark, sizeof(mark) - 1) != 0)
		return false;
	head[strcspn(head, "\r\n")] = '\0';
	char *at = head + sizeof(mark) - 1;
	char *blank = strchr(at, ' ');
	if (!blank)
		return false;
	*blank = '\0';
	*uuid = at;
	*version = blank + 1;
	const size_t length = strlen(*version);
	return module_uuid_is_valid(at) && length > 0 && length <= MODULE_VERSION_MAX;
}

static unsigned instance_of(const json_t *module)
{
	return (unsigned)json_integer_value(json_object_get(module, "instance"));
}

json_t *modules_find(const json_t *modules, const char *uuid, const char *version)
{
	size_t i;
	json_t *module;
	json_array_foreach (modules, i, module)
		if (strcasecmp(state_text(module, "uuid"), uuid) == 0 &&
			(!version[0] || strcmp(state_text(module, "version"), version) == 0))
			return module;
	return NULL;
}

json_t *modules_find_url(const json_t *modules, const char *url)
{
	size_t i;
	json_t *module;
	json_array_foreach (modules, i, module)
		if (strcmp(state_text(module, "url"), url) == 0)
			return module;
	return NULL;
}

size_t modules_count(const json_t *modules, const char *uuid)
{
	size_t count = 0, i;
	const json_t *module;
	json_array_foreach (modules, i, module)
		count += strcasecmp(state_text(module, "uuid"), uuid) == 0;
	return count;
}

json_t *modules_add(json_t *modules, unsigned *last_instance, const char *uuid, const char *version,
	const char *url)
{
	if (json_array_size(modules) == MODULES_MAX)
		return NULL;
	json_t *module = json_pack("{s:i,s:s,s:s,s:s}", "instance", (int)++*last_instance, "uuid",
		uuid, "version", version, "url", url);
	json_array_append_new(modules, module);
	return module;
}

void modules_remove(json_t *modules, const json_t *module)
{
	size_t i;
	const json_t *other;
	json_array_foreach (modules, i, other) {
		if (other != module)
			continue;
		json_array_remove(modules, i);
		return;
	}
}

/* The tree */

static struct node *child_of(struct node *parent, const char *name, bool is_object)
{
	struct node *child = node_child(parent, name, strlen(name));
	if (!child) {
		child = node_new(name, is_object);
		node_add_child(parent, child);
	}
	return child;
}

static void show(struct node *object, const char *name, const char *type, const char *value)
{
	struct node *node = child_of(object, name, false);
	node->type = type;
	node_show(node, value);
}

static struct node *table_of(struct datamodel *model, const char *name)
{
	return child_of(child_of(datamodel_root(model), "SoftwareModules", true), name, true);
}

static void count_rows(struct node *table)
{
	char name[64], number[16];
	size_t rows = 0;
	for (size_t i = 0; i < table->child_count; i++)
		rows += node_is_instance(table->children[i]);
	snprintf(name, sizeof(name), "%sNumberOfEntries", table->name);
	snprintf(number, sizeof(number), "%zu", rows);
	show(table->parent, name, "xsd:unsignedInt", number);
}

static void show_environment(struct datamodel *model)
{
	struct node *table = table_of(model, "ExecEnv");
	if (node_child(table, "1", 1))
		return;
	struct node *row = child_of(table, "1", true);
	show(row, "Enable", "xsd:boolean", "true");
	child_of(row, "Enable", false)->is_writable = true;
	show(row, "Name", "xsd:string", "main");
	show(row, "Status", "xsd:string", "Up");
	show(row, "Type", "xsd:string", "Modules");
	count_rows(table);
}

static bool has_instance(const json_t *modules, const char *name)
{
	const unsigned long number = strtoul(name, NULL, 10);
	size_t i;
	const json_t *module;
	json_array_foreach (modules, i, module)
		if (instance_of(module) == number)
			return true;
	return false;
}

static void remove_rows_of_others(struct node *table, const json_t *modules)
{
	for (size_t i = table->child_count; i-- > 0;) {
		struct node *row = table->children[i];
		if (has_instance(modules, row->name))
			continue;
		node_remove_child(table, row);
		node_free(row);
	}
}

char *module_reference(
	struct arena *arena, const struct datamodel *model, const char *table, unsigned instance)
{
	return arena_printf(
		arena, "%s.SoftwareModules.%s.%u", datamodel_root(model)->name, table, instance);
}

static struct node *row_of(struct node *table, const json_t *module)
{
	char name[16];
	snprintf(name, sizeof(name), "%u", instance_of(module));
	struct node *row = child_of(table, name, true);
	show(row, "Name", "xsd:string", state_text(module, "uuid"));
	show(row, "Version", "xsd:string", state_text(module, "version"));
	return row;
}

static void show_unit(struct datamodel *model, struct arena *arena, const json_t *module)
{
	const unsigned instance = instance_of(module);
	const char *environment = module_reference(arena, model, "ExecEnv", 1);
	struct node *unit = row_of(table_of(model, "DeploymentUnit"), module);
	show(unit, "UUID", "xsd:string", state_text(module, "uuid"));
	show(unit, "DUID", "xsd:string", unit->name);
	show(unit, "URL", "xsd:string", state_text(module, "url"));
	show(unit, "Status", "xsd:string", "Installed");
	show(unit, "Resolved", "xsd:boolean", "true");
	show(unit, "ExecutionUnitList", "xsd:string",
		module_reference(arena, model, "ExecutionUnit", instance));
	show(unit, "ExecutionEnvRef", "xsd:string", environment);
	struct node *execution = row_of(table_of(model, "ExecutionUnit"), module);
	show(execution, "EUID", "xsd:string", execution->name);
	show(execution, "Status", "xsd:string", "Active");
	show(execution, "ExecutionEnvRef", "xsd:string", environment);
}

void modules_show(struct datamodel *model, const json_t *modules, unsigned last_instance)
{
	static const char *const tables[] = { "DeploymentUnit", "ExecutionUnit" };
	size_t at;
	const json_t *module;
	if (!last_instance)
		return;
	struct arena *arena = arena_new();
	show_environment(model);
	for (size_t i = 0; i < LENGTH_OF(tables); i++)
		remove_rows_of_others(table_of(model, tables[i]), modules);
	json_array_foreach (modules, at, module)
		show_unit(model, arena, module);
	for (size_t i = 0; i < LENGTH_OF(tables); i++)
		count_rows(table_of(model, tables[i]));
	arena_free(arena);
}

unsigned modules_check_environment(const struct datamodel *model, const char *ref)
{
	struct arena *arena = arena_new();
	const char *only = module_reference(arena, model, "ExecEnv", 1);
	const size_t length = strlen(only);
	const bool is_ours = !ref[0] || (strncmp(ref, only, length) == 0 &&
						(!ref[length] || strcmp(ref + length, ".") == 0));
	arena_free(arena);
	if (!is_ours)
		return 9023;
	const struct node *enable = datamodel_at(model, "SoftwareModules.ExecEnv.1.Enable");
	return !enable || datamodel_flag(model, "SoftwareModules.ExecEnv.1.Enable") ? 0 : 9024;
}
