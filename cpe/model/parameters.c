/* parameters: what the RPCs read and write in a tree, with their fault codes.
 * A walk counts first and fills then, so that lists are arrays of the right size. */
#include "cpe/model/parameters.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/model/value_rules.h"
#include "cwmp/cwmp.h"

static size_t count_nodes(const struct node *node)
{
	size_t count = 1;
	for (size_t i = 0; i < node->child_count; i++)
		count += count_nodes(node->children[i]);
	return count;
}

static void add_name(struct cwmp_names *out, struct arena *arena, const struct node *node)
{
	out->items[out->count++] = (struct cwmp_name){
		.name = node_path(arena, node),
		.writable = node->is_writable,
	};
}

static void add_names_below(
	struct cwmp_names *out, struct arena *arena, const struct node *node, bool next_level)
{
	for (size_t i = 0; i < node->child_count; i++) {
		const struct node *child = node->children[i];
		if (child->is_template)
			continue;
		add_name(out, arena, child);
		if (!next_level)
			add_names_below(out, arena, child, false);
	}
}

unsigned parameters_names(const struct datamodel *model, struct arena *arena,
	const struct cwmp_get_parameter_names *request, struct cwmp_names *out)
{
	const struct node *node = datamodel_find(model, request->path);
	if (!node)
		return 9005;
	if (!node->is_object && request->next_level)
		return 9003;
	*out = (struct cwmp_names){ 0 };
	out->items = arena_array(arena, count_nodes(node), sizeof(*out->items));
	if (node->parent && !request->next_level)
		add_name(out, arena, node);
	add_names_below(out, arena, node, request->next_level);
	return 0;
}

static void add_values(struct cwmp_values *out, struct arena *arena, const struct node *node)
{
	if (node->is_template)
		return;
	if (!node->is_object) {
		out->items[out->count++] = (struct cwmp_value){
			.name = node_path(arena, node),
			.value = arena_strdup(arena, node_readable(node)),
			.type = node->type,
		};
		return;
	}
	for (size_t i = 0; i < node->child_count; i++)
		add_values(out, arena, node->children[i]);
}

unsigned parameters_values(const struct datamodel *model, struct arena *arena,
	const struct cwmp_strings *names, struct cwmp_values *out)
{
	if (names->count == 0)
		return 9003;
	size_t count = 0;
	for (size_t i = 0; i < names->count; i++) {
		const struct node *node = datamodel_find(model, names->items[i]);
		if (!node)
			return 9005;
		count += count_nodes(node);
	}
	*out = (struct cwmp_values){ 0 };
	out->items = arena_array(arena, count, sizeof(*out->items));
	for (size_t i = 0; i < names->count; i++)
		add_values(out, arena, datamodel_find(model, names->items[i]));
	return 0;
}

static bool is_same_type(const struct node *node, const char *type)
{
	const char *normal = type ? cwmp_type_normalise(type) : NULL;
	return !normal || strcmp(normal, node->type) == 0;
}

unsigned parameters_check(
	const struct datamodel *model, const struct cwmp_value *value, enum writer writer)
{
	const struct node *node = datamodel_find(model, value->name);
	if (!node || node->is_object)
		return 9005;
	if (!node->is_writable && writer == WRITER_ACS)
		return 9008;
	if (!is_same_type(node, value->type))
		return 9006;
	if (!cwmp_type_accepts(node->type, value->value) ||
		!value_is_allowed(model, node, value->value))
		return 9007;
	return 0;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that stands twice, NULL without one. */
static const char *find_duplicate(struct arena *arena, const struct cwmp_values *values)
{
	const char **names = arena_array(arena, values->count, sizeof(*names));
	for (size_t i = 0; i < values->count; i++)
		names[i] = values->items[i].name;
	if (values->count)
		qsort(names, values->count, sizeof(*names), compare_text);
	for (size_t i = 1; i < values->count; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return names[i];
	return NULL;
}

static void add_fault(struct parameter_faults *faults, const char *name, unsigned code)
{
	faults->items[faults->count++] = (struct cwmp_parameter_fault){
		.name = name,
		.code = code,
		.text = cwmp_fault_text(code),
	};
}

unsigned parameters_set(struct datamodel *model, struct arena *arena,
	const struct cwmp_values *values, struct parameter_faults *faults)
{
	const char *duplicate = find_duplicate(arena, values);
	*faults = (struct parameter_faults){
		.items = arena_array(arena, values->count, sizeof(*faults->items)),
	};
	if (duplicate)
		add_fault(faults, duplicate, 9003);
	for (size_t i = 0; !duplicate && i < values->count; i++) {
		const unsigned code = parameters_check(model, &values->items[i], WRITER_ACS);
		if (code)
			add_fault(faults, values->items[i].name, code);
	}
	if (faults->count)
		return 9003;
	for (size_t i = 0; i < values->count; i++)
		node_set(datamodel_find(model, values->items[i].name), values->items[i].value);
	return 0;
}
