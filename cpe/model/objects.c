/* objects: rows of tables that come and go.
 * A new row takes the shape of its first sibling; the last row that goes leaves its shape behind.
 */
#include "cpe/model/objects.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cwmp/cwmp.h"

static bool is_row(const struct node *node)
{
	return node->is_template || node_is_instance(node);
}

static struct node *first_row(const struct node *table)
{
	for (size_t i = 0; i < table->child_count; i++) {
		assert(table->children[i]);
		if (is_row(table->children[i]))
			return table->children[i];
	}
	return NULL;
}

static struct node *clone_shape(const struct node *from, const char *name);

/* Rows of a table that the ACS fills stay behind as one shape; fixed rows are part of the shape. */
static void clone_children(struct node *to, const struct node *from)
{
	const struct node *shape = from->is_writable && !is_row(from) ? first_row(from) : NULL;
	for (size_t i = 0; i < from->child_count; i++) {
		const struct node *child = from->children[i];
		if (!shape || !is_row(child))
			node_add_child(to, clone_shape(child, child->name));
	}
	if (shape)
		node_add_child(to, clone_shape(shape, "{i}"));
}

/* A copy with default values. */
static struct node *clone_shape(const struct node *from, const char *name)
{
	struct node *to = node_new(name, from->is_object);
	to->is_writable = from->is_writable;
	if (!from->is_object) {
		to->type = from->type;
		to->is_hidden = from->is_hidden;
		to->starts_active = from->starts_active;
		to->notification = from->starts_active ? NOTIFICATION_ACTIVE : NOTIFICATION_OFF;
		to->initial = from->initial ? strdup(from->initial) : NULL;
		node_show(to, from->initial ? from->initial : type_default(from->type));
		return to;
	}
	clone_children(to, from);
	return to;
}

/* The parameter that counts the rows of table: its name and "NumberOfEntries", or a shorter
 * form of the name, as ForwardNumberOfEntries for Forwarding. */
static struct node *find_counter(const struct node *table)
{
	static const char ending[] = "NumberOfEntries";
	const struct node *parent = table->parent;
	struct node *best = NULL;
	size_t best_length = 0;
	for (size_t i = 0; i < parent->child_count; i++) {
		struct node *child = parent->children[i];
		const size_t length = strlen(child->name);
		if (child->is_object || length < sizeof(ending))
			continue;
		const size_t stem = length - (sizeof(ending) - 1);
		if (strcmp(child->name + stem, ending) != 0 || stem <= best_length)
			continue;
		if (strncmp(child->name, table->name, stem) == 0) {
			best = child;
			best_length = stem;
		}
	}
	return best;
}

static void count_rows(const struct node *table)
{
	struct node *counter = find_counter(table);
	if (!counter)
		return;
	unsigned rows = 0;
	for (size_t i = 0; i < table->child_count; i++)
		rows += node_is_instance(table->children[i]);
	char text[16];
	snprintf(text, sizeof(text), "%u", rows);
	node_show(counter, text);
}

static void count_rows_below(const struct node *node)
{
	for (size_t i = 0; i < node->child_count; i++) {
		const struct node *child = node->children[i];
		if (!child->is_object)
			continue;
		if (first_row(child))
			count_rows(child);
		count_rows_below(child);
	}
}

static void record(struct datamodel *model, bool is_added, const char *path)
{
	if (model->change_count == model->change_room) {
		model->change_room = model->change_room ? model->change_room * 2 : 8;
		model->changes = reallocarray(
			model->changes, model->change_room, sizeof(*model->changes));
		if (!model->changes)
			abort();
	}
	model->changes[model->change_count++] = (struct object_change){ .is_added = is_added,
		.path = strdup(path) };
}

/* Drops what was recorded of a row and all below it. True when the row itself had been added. */
static bool forget(struct datamodel *model, const char *row)
{
	bool was_added = false;
	size_t kept = 0;
	for (size_t i = 0; i < model->change_count; i++) {
		struct object_change *change = &model->changes[i];
		if (strncmp(change->path, row, strlen(row)) != 0) {
			model->changes[kept++] = *change;
			continue;
		}
		was_added |= change->is_added && strcmp(change->path, row) == 0;
		free(change->path);
	}
	model->change_count = kept;
	return was_added;
}

static struct node *new_row(const struct node *table, const char *name)
{
	const struct node *shape = first_row(table);
	struct node *row = shape ? clone_shape(shape, name) : node_new(name, true);
	if (!shape) /* some dumps show the shape of an empty table in the table itself */
		clone_children(row, table);
	row->is_writable = true;
	return row;
}

static void add_row(struct datamodel *model, struct node *table, unsigned number)
{
	char name[16];
	snprintf(name, sizeof(name), "%u", number);
	struct node *row = new_row(table, name);
	node_add_child(table, row);
	count_rows(table);
	count_rows_below(row);
	struct arena *arena = arena_new();
	record(model, true, node_path(arena, row));
	arena_free(arena);
}

void objects_furnish(struct node *table, unsigned rows)
{
	for (unsigned number = table->last_instance + 1; number <= rows; number++) {
		char name[16];
		snprintf(name, sizeof(name), "%u", number);
		struct node *row = new_row(table, name);
		row->is_writable = table->is_writable;
		node_add_child(table, row);
		count_rows_below(row);
	}
	count_rows(table);
}

static struct node *find_writable(const struct datamodel *model, const char *path, bool is_instance)
{
	struct node *node = cwmp_path_is_partial(path) ? datamodel_find(model, path) : NULL;
	if (!node || !node->parent || !node->is_writable || node_is_instance(node) != is_instance)
		return NULL;
	return node;
}

unsigned objects_add(struct datamodel *model, const char *table_path, unsigned *instance)
{
	struct node *table = find_writable(model, table_path, false);
	if (!table)
		return 9005;
	*instance = table->last_instance + 1;
	add_row(model, table, *instance);
	return 0;
}

struct node *objects_row(const struct datamodel *model, const char *path)
{
	return find_writable(model, path, true);
}

void objects_detach(struct node *row)
{
	struct node *table = row->parent;
	struct node *shape = clone_shape(row, "{i}");
	node_remove_child(table, row);
	if (first_row(table))
		node_free(shape);
	else
		node_add_child(table, shape);
	count_rows(table);
}

void objects_attach(struct node *table, struct node *row)
{
	node_add_child(table, row);
	count_rows(table);
}

unsigned objects_delete(struct datamodel *model, const char *path)
{
	struct node *row = objects_row(model, path);
	if (!row)
		return 9005;
	if (!forget(model, path))
		record(model, false, path);
	objects_detach(row);
	node_free(row);
	return 0;
}

static void replay_added(struct datamodel *model, const char *path)
{
	size_t end = strlen(path);
	while (end > 1 && path[end - 2] != '.')
		end--;
	if (end < 2)
		return;
	const unsigned number = (unsigned)strtoul(path + end - 1, NULL, 10);
	char *table_path = strndup(path, end - 1);
	struct node *table = find_writable(model, table_path, false);
	if (table && number && !datamodel_find(model, path))
		add_row(model, table, number);
	free(table_path);
}

void objects_replay(struct datamodel *model, const struct object_change *change)
{
	if (change->is_added)
		replay_added(model, change->path);
	else
		objects_delete(model, change->path);
}
