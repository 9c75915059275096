/* state: what a device must remember when its power goes, in DIR/state.json.
 * Reading forgives what is missing; writing writes everything. */
#include "cpe/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpe/model/attributes.h"
#include "cpe/file.h"
#include "cpe/transfer/modules.h"
#include "cpe/model/objects.h"

void state_set_text(char **field, const char *text)
{
	char *copy = strdup(text);
	if (!copy)
		abort();
	free(*field);
	*field = copy;
}

const char *state_text(const json_t *part, const char *key)
{
	const char *text = json_string_value(json_object_get(part, key));
	return text ? text : "";
}

const char *reboot_reason_name(enum reboot_reason reason)
{
	static const char *const names[REBOOT_REASONS] = {
		[REBOOT_NONE] = "power",
		[REBOOT_BY_ACS] = "reboot",
		[REBOOT_FACTORY_RESET] = "factory-reset",
		[REBOOT_FIRMWARE] = "firmware",
		[REBOOT_LOCAL] = "local",
	};
	return names[reason];
}

static char *state_path(const char *dir, const char *name)
{
	char *path = NULL;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

static bool lock_folder(struct state *state, char *why, size_t why_size)
{
	if (mkdir(state->dir, 0700) != 0 && errno != EEXIST) {
		snprintf(why, why_size, "%s: %s", state->dir, strerror(errno));
		return false;
	}
	char *path = state_path(state->dir, "lock");
	state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (state->lock >= 0 && flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	snprintf(why, why_size, "%s: %s", state->dir,
		errno == EWOULDBLOCK ? "another agent uses this folder" : strerror(errno));
	return false;
}

static json_t *events_to_json(const struct events *events)
{
	json_t *array = json_array();
	for (size_t i = 0; i < events->count; i++)
		json_array_append_new(array, json_pack("{s:s,s:s}", "code", events->items[i].code,
						     "command_key", events->items[i].command_key));
	return array;
}

static json_t *changes_to_json(const struct events *events)
{
	json_t *array = json_array();
	for (size_t i = 0; i < events->change_count; i++)
		json_array_append_new(array, json_string(events->changes[i].name));
	return array;
}

static void events_from_json(struct events *events, const json_t *array, const json_t *changes)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *code, *command_key;
		if (json_unpack(json_array_get(array, i), "{s:s,s:s}", "code", &code, "command_key",
			    &command_key) == 0)
			events_add(events, code, command_key);
	}
	for (size_t i = 0; i < json_array_size(changes); i++)
		events_add_change(events, json_string_value(json_array_get(changes, i)), false);
}

static void read_text(const json_t *object, const char *key, char **field)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (text)
		state_set_text(field, text);
}

/* What is kept as JSON in memory, too. */
static const struct {
	const char *name;
	size_t offset; /* of the json_t * in struct state */
} lists[] = {
	{ "reboot_command_keys", offsetof(struct state, reboot_command_keys) },
	{ "reports", offsetof(struct state, reports) },
	{ "scheduled_informs", offsetof(struct state, scheduled_informs) },
	{ "modules", offsetof(struct state, modules) },
	{ "du_changes", offsetof(struct state, du_changes) },
	{ "options", offsetof(struct state, options) },
};

static json_t **list_at(const struct state *state, size_t index)
{
	return (json_t **)((char *)state + lists[index].offset);
}

static void read_list(struct state *state, const json_t *object, size_t index)
{
	json_t *array = json_object_get(object, lists[index].name);
	if (!json_is_array(array))
		return;
	json_decref(*list_at(state, index));
	*list_at(state, index) = json_incref(array);
}

static void read_object(struct state *state, const json_t *object)
{
	read_text(object, "bootstrapped_url", &state->bootstrapped_url);
	read_text(object, "command_line_url", &state->command_line_url);
	read_text(object, "firmware_version", &state->firmware_version);
	read_text(object, "request_path", &state->request_path);
	state->retry_count = (unsigned)json_integer_value(json_object_get(object, "retry_count"));
	const json_int_t reboot = json_integer_value(json_object_get(object, "reboot"));
	if (reboot > REBOOT_NONE && reboot < REBOOT_REASONS)
		state->reboot = (enum reboot_reason)reboot;
	events_from_json(&state->events, json_object_get(object, "events"),
		json_object_get(object, "changed"));
	transfers_from_json(&state->transfers, json_object_get(object, "transfers"));
	state->last_module = (unsigned)json_integer_value(json_object_get(object, "last_module"));
	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		read_list(state, object, i);
	state->tree = json_incref(json_object_get(object, "tree"));
}

static bool read_state(struct state *state, char *why, size_t why_size)
{
	char *path = state_path(state->dir, "state.json");
	json_error_t error;
	json_t *object = access(path, F_OK) == 0 ? json_load_file(path, 0, &error) : json_object();
	if (object)
		read_object(state, object);
	else
		snprintf(why, why_size, "%s: %s", path, error.text);
	free(path);
	json_decref(object);
	return object != NULL;
}

bool state_open(struct state *state, const char *dir, char *why, size_t why_size)
{
	*state = (struct state){ .lock = -1 };
	TAILQ_INIT(&state->transfers);
	char **const texts[] = { &state->dir, &state->bootstrapped_url, &state->command_line_url,
		&state->firmware_version, &state->request_path };
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		state_set_text(texts[i], "");
	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		*list_at(state, i) = json_array();
	state_set_text(&state->dir, dir);
	return lock_folder(state, why, why_size) && read_state(state, why, why_size);
}

void state_close(struct state *state)
{
	char *const texts[] = { state->dir, state->bootstrapped_url, state->command_line_url,
		state->firmware_version, state->request_path };
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		free(texts[i]);
	events_clear(&state->events);
	transfers_clear(&state->transfers);
	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		json_decref(*list_at(state, i));
	json_decref(state->tree);
	if (state->lock >= 0)
		close(state->lock);
}

void state_forget_orders(struct state *state)
{
	transfers_clear(&state->transfers);
	json_array_clear(state->reports);
	json_array_clear(state->scheduled_informs);
	json_array_clear(state->du_changes);
}

static void apply_objects(struct datamodel *model, const json_t *objects)
{
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *entry = json_array_get(objects, i);
		const char *added = json_string_value(json_object_get(entry, "added"));
		const char *deleted = json_string_value(json_object_get(entry, "deleted"));
		const struct object_change change = { .is_added = added != NULL,
			.path = (char *)(added ? added : deleted) };
		if (change.path)
			objects_replay(model, &change);
	}
}

void state_apply(struct state *state, struct datamodel *model)
{
	const char *name;
	json_t *value;
	modules_show(model, state->modules, state->last_module);
	apply_objects(model, json_object_get(state->tree, "objects"));
	json_object_foreach (json_object_get(state->tree, "instances"), name, value) {
		struct node *table = datamodel_find(model, name);
		if (table && table->is_object)
			table->last_instance = (unsigned)json_integer_value(value);
	}
	json_object_foreach (json_object_get(state->tree, "values"), name, value) {
		struct node *node = datamodel_find(model, name);
		if (node && !node->is_object && json_is_string(value))
			node_set(node, json_string_value(value));
	}
	attributes_apply(model, json_object_get(state->tree, "attributes"));
	json_decref(state->tree);
	state->tree = NULL;
	if (state->firmware_version[0])
		datamodel_show(model, "DeviceInfo.SoftwareVersion", state->firmware_version);
}

static json_t *objects_to_json(const struct datamodel *model)
{
	json_t *array = json_array();
	for (size_t i = 0; i < model->change_count; i++) {
		const struct object_change *change = &model->changes[i];
		json_array_append_new(array,
			json_pack("{s:s}", change->is_added ? "added" : "deleted", change->path));
	}
	return array;
}

/* The highest number that a table has in use. */
static unsigned highest_instance(const struct node *table)
{
	unsigned long highest = 0;
	for (size_t i = 0; i < table->child_count; i++)
		if (node_is_instance(table->children[i]))
			highest = strtoul(table->children[i]->name, NULL, 10);
	return (unsigned)highest;
}

static void collect_changes(
	const struct node *node, struct arena *arena, json_t *values, json_t *instances)
{
	if (node->is_template)
		return;
	if (node->is_changed)
		json_object_set_new(values, node_path(arena, node), json_string(node->value));
	if (node->is_object && node->last_instance != highest_instance(node))
		json_object_set_new(
			instances, node_path(arena, node), json_integer(node->last_instance));
	for (size_t i = 0; i < node->child_count; i++)
		collect_changes(node->children[i], arena, values, instances);
}

static json_t *tree_to_json(const struct datamodel *model)
{
	json_t *values = json_object(), *instances = json_object();
	struct arena *arena = arena_new();
	collect_changes(datamodel_root(model), arena, values, instances);
	arena_free(arena);
	return json_pack("{s:o,s:o,s:o,s:o}", "objects", objects_to_json(model), "instances",
		instances, "values", values, "attributes", attributes_to_json(model));
}

static json_t *state_to_json(const struct state *state, const struct datamodel *model)
{
	json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:o,s:o,s:o,s:o}",
		"bootstrapped_url", state->bootstrapped_url, "command_line_url",
		state->command_line_url, "firmware_version", state->firmware_version,
		"request_path", state->request_path, "retry_count", (int)state->retry_count,
		"reboot", (int)state->reboot, "last_module", (int)state->last_module, "events",
		events_to_json(&state->events), "changed", changes_to_json(&state->events),
		"transfers", transfers_to_json(&state->transfers), "tree", tree_to_json(model));
	for (size_t i = 0; object && i < LENGTH_OF(lists); i++)
		json_object_set(object, lists[i].name, *list_at(state, i));
	return object;
}

bool state_save(
	const struct state *state, const struct datamodel *model, char *why, size_t why_size)
{
	json_t *object = state_to_json(state, model);
	char *text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
	json_decref(object);
	if (!text) {
		snprintf(why, why_size, "the state is not UTF-8");
		return false;
	}
	char *path = state_path(state->dir, "state.json");
	const bool ok = file_replace(path, text, strlen(text), why, why_size);
	free(path);
	free(text);
	return ok;
}
