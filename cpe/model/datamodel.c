/* datamodel: the tree of objects and parameters that one device shows to its ACS.
 * Every object keeps its children sorted, instances by number, so that a path is found by
 * bisection. */
#include "cpe/model/datamodel.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "cwmp/cwmp.h"
#include "cwmp/secret_names.h"

struct node *node_new(const char *name, bool is_object)
{
	struct node *node = calloc(1, sizeof(*node));
	if (!node)
		abort();
	node->name = strdup(name);
	node->is_object = is_object;
	node->is_template = strcmp(name, "{i}") == 0;
	node->value = is_object ? NULL : strdup("");
	return node;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->child_count; i++)
		node_free(node->children[i]);
	free(node->children);
	free(node->name);
	free(node->value);
	free(node->access_list);
	free(node->initial);
	free(node);
}

static bool is_number(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)name[i]))
			return false;
	return length > 0;
}

/* Numbers come first and in their own order; shorter texts of digits are smaller numbers. */
static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
	const bool a_is_number = is_number(a, a_length), b_is_number = is_number(b, b_length);
	if (a_is_number != b_is_number)
		return a_is_number ? -1 : 1;
	if (a_is_number && a_length != b_length)
		return a_length < b_length ? -1 : 1;
	const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
	if (order != 0 || a_length == b_length)
		return order;
	return a_length < b_length ? -1 : 1;
}

/* Where a child of that name is or would be. */
static size_t child_position(
	const struct node *parent, const char *name, size_t length, bool *found)
{
	size_t low = 0, high = parent->child_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const char *other = parent->children[middle]->name;
		const int order = compare_names(name, length, other, strlen(other));
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*found = false;
	return low;
}

struct node *node_child(const struct node *parent, const char *name, size_t length)
{
	bool found;
	const size_t at = child_position(parent, name, length, &found);
	return found ? parent->children[at] : NULL;
}

void node_add_child(struct node *parent, struct node *child)
{
	bool found;
	const size_t at = child_position(parent, child->name, strlen(child->name), &found);
	if (parent->child_count == parent->child_room) {
		parent->child_room = parent->child_room ? parent->child_room * 2 : 4;
		parent->children = reallocarray(
			parent->children, parent->child_room, sizeof(struct node *));
		if (!parent->children)
			abort();
	}
	memmove(&parent->children[at + 1], &parent->children[at],
		(parent->child_count - at) * sizeof(struct node *));
	parent->children[at] = child;
	parent->child_count++;
	child->parent = parent;
	const unsigned long number = node_is_instance(child) ? strtoul(child->name, NULL, 10) : 0;
	if (number > parent->last_instance)
		parent->last_instance = (unsigned)number;
}

void node_remove_child(struct node *parent, struct node *child)
{
	bool found;
	const size_t at = child_position(parent, child->name, strlen(child->name), &found);
	if (!found)
		return;
	parent->child_count--;
	memmove(&parent->children[at], &parent->children[at + 1],
		(parent->child_count - at) * sizeof(struct node *));
	child->parent = NULL;
}

struct node *datamodel_root(const struct datamodel *model)
{
	return model->top->children[0];
}

/* Follows a path from an object downwards. */
static struct node *descend(struct node *node, const char *path)
{
	while (*path) {
		const size_t length = strcspn(path, ".");
		const bool is_last = path[length] == '\0';
		node = node_child(node, path, length);
		if (!node || node->is_template || node->is_object == is_last)
			return NULL;
		path += length + (is_last ? 0 : 1);
	}
	return node;
}

struct node *datamodel_find(const struct datamodel *model, const char *path)
{
	return descend(model->top, path);
}

struct node *datamodel_at(const struct datamodel *model, const char *relative)
{
	return descend(datamodel_root(model), relative);
}

const char *datamodel_text(const struct datamodel *model, const char *relative)
{
	const struct node *node = datamodel_at(model, relative);
	return node && !node->is_object ? node->value : "";
}

unsigned long datamodel_number(
	const struct datamodel *model, const char *relative, unsigned long otherwise)
{
	const char *text = datamodel_text(model, relative);
	char *end;
	errno = 0;
	const unsigned long number = strtoul(text, &end, 10);
	return end == text || *end || errno ? otherwise : number;
}

bool datamodel_flag(const struct datamodel *model, const char *relative)
{
	const char *text = datamodel_text(model, relative);
	return strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
}

void datamodel_show(struct datamodel *model, const char *relative, const char *value)
{
	struct node *node = datamodel_at(model, relative);
	if (node && !node->is_object)
		node_show(node, value);
}

static void append_path(const struct node *node, struct buffer *path)
{
	if (!node->parent)
		return;
	append_path(node->parent, path);
	buffer_append_text(path, node->name);
	if (node->is_object)
		buffer_append_text(path, ".");
}

char *node_path(struct arena *arena, const struct node *node)
{
	struct buffer path = { 0 };
	append_path(node, &path);
	char *text = arena_strndup(arena, path.data ? path.data : "", path.length);
	buffer_clear(&path);
	return text;
}

bool node_is_instance(const struct node *node)
{
	return node->is_object && is_number(node->name, strlen(node->name));
}

bool node_is_passive(const struct node *node)
{
	return node->notification == NOTIFICATION_PASSIVE ||
	       node->notification == NOTIFICATION_PASSIVE_AND_PASSIVE_LIGHTWEIGHT ||
	       node->notification == NOTIFICATION_PASSIVE_AND_ACTIVE_LIGHTWEIGHT;
}

bool node_is_hidden(const struct node *node)
{
	return node->is_hidden || (!node->is_object && cwmp_name_is_secret(node->name, ""));
}

const char *type_default(const char *type)
{
	static const struct {
		const char *type, *value;
	} defaults[] = {
		{ "xsd:boolean", "false" },
		{ "xsd:int", "0" },
		{ "xsd:unsignedInt", "0" },
		{ "xsd:long", "0" },
		{ "xsd:unsignedLong", "0" },
		{ "xsd:dateTime", CWMP_UNKNOWN_TIME },
	};
	for (size_t i = 0; i < LENGTH_OF(defaults); i++)
		if (strcmp(defaults[i].type, type) == 0)
			return defaults[i].value;
	return "";
}

const char *node_readable(const struct node *node)
{
	return node_is_hidden(node) ? type_default(node->type) : node->value;
}

void node_show(struct node *node, const char *value)
{
	char *copy = strdup(value);
	if (!copy)
		abort();
	free(node->value);
	node->value = copy;
}

bool node_set(struct node *node, const char *value)
{
	if (strcmp(node->value, value) == 0)
		return false;
	node_show(node, value);
	node->is_changed = true;
	return true;
}

void datamodel_free(struct datamodel *model)
{
	if (!model)
		return;
	node_free(model->top);
	for (size_t i = 0; i < model->change_count; i++)
		free(model->changes[i].path);
	free(model->changes);
	free((char *)model->identity.manufacturer);
	free((char *)model->identity.oui);
	free((char *)model->identity.product_class);
	free((char *)model->identity.serial_number);
	free(model);
}
