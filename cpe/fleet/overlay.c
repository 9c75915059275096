/* overlay: how one device's tree differs from the one that all devices of a fleet share.
 * An entry holds the device's own while the overlay is off, and what is shared while it is on. */
#include "cpe/fleet/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "cpe/model/objects.h"

struct overlay_value {
	struct node *node;
	char *value; /* NULL: as in the model */
	char *access_list;
	enum notification notification;
	bool has_attributes, owns_attributes;
};

/* A row, or a branch, that only this device has, or one of the model that it lacks. */
struct overlay_row {
	struct node *table, *row;
	bool is_added;
};

/* A table in which the device has added rows: their numbers are never used again. */
struct overlay_table {
	struct node *table;
	unsigned last_instance;
};

/* Room for one more, at the end of an array. */
static void *grow(void *items, unsigned count, size_t size)
{
	void *longer = reallocarray(items, count + 1, size);
	if (!longer)
		abort();
	memset((char *)longer + count * size, 0, size);
	return longer;
}

#define SWAP(a, b) \
	do { \
		__typeof__(a) swapped = (a); \
		(a) = (b); \
		(b) = swapped; \
	} while (0)

static void swap_value(struct overlay_value *own)
{
	struct node *node = own->node;
	if (own->value)
		SWAP(own->value, node->value);
	if (!own->owns_attributes)
		return;
	SWAP(own->access_list, node->access_list);
	SWAP(own->notification, node->notification);
	SWAP(own->has_attributes, node->has_attributes);
}

static void swap_tables(struct overlay *overlay)
{
	for (unsigned i = 0; i < overlay->table_count; i++)
		SWAP(overlay->tables[i].last_instance, overlay->tables[i].table->last_instance);
}

/* A branch is no row, so it leaves no shape behind and nothing counts it. */
static void place_row(struct overlay_row *row, bool is_there)
{
	if (!node_is_instance(row->row) && is_there)
		node_add_child(row->table, row->row);
	else if (!node_is_instance(row->row))
		node_remove_child(row->table, row->row);
	else if (is_there)
		objects_attach(row->table, row->row);
	else
		objects_detach(row->row);
}

void overlay_put_on(struct overlay *overlay)
{
	swap_tables(overlay);
	for (unsigned i = 0; i < overlay->row_count; i++)
		place_row(&overlay->rows[i], overlay->rows[i].is_added);
	for (unsigned i = 0; i < overlay->value_count; i++)
		swap_value(&overlay->values[i]);
}

void overlay_take_off(struct overlay *overlay)
{
	for (unsigned i = overlay->value_count; i-- > 0;)
		swap_value(&overlay->values[i]);
	for (unsigned i = overlay->row_count; i-- > 0;)
		place_row(&overlay->rows[i], !overlay->rows[i].is_added);
	swap_tables(overlay);
}

bool overlay_is_empty(const struct overlay *overlay)
{
	return !overlay->value_count && !overlay->row_count && !overlay->table_count;
}

void overlay_clear(struct overlay *overlay)
{
	for (unsigned i = 0; i < overlay->value_count; i++) {
		free(overlay->values[i].value);
		free(overlay->values[i].access_list);
	}
	for (unsigned i = 0; i < overlay->row_count; i++)
		if (overlay->rows[i].is_added)
			node_free(overlay->rows[i].row);
	free(overlay->values);
	free(overlay->rows);
	free(overlay->tables);
	*overlay = (struct overlay){ 0 };
}

const char *overlay_text(const struct overlay *overlay, const struct node *node)
{
	for (unsigned i = 0; i < overlay->value_count; i++)
		if (overlay->values[i].node == node)
			return overlay->values[i].value;
	return NULL;
}

/* What is in a row of the device's own is nobody else's. */
static bool is_in_own_row(const struct overlay *overlay, const struct node *node)
{
	for (; node; node = node->parent)
		for (unsigned i = 0; i < overlay->row_count; i++)
			if (overlay->rows[i].row == node)
				return true;
	return false;
}

static struct overlay_value *value_of(struct overlay *overlay, struct node *node)
{
	for (unsigned i = 0; i < overlay->value_count; i++)
		if (overlay->values[i].node == node)
			return &overlay->values[i];
	overlay->values = grow(overlay->values, overlay->value_count, sizeof(*overlay->values));
	struct overlay_value *own = &overlay->values[overlay->value_count++];
	own->node = node;
	return own;
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);
	if (!copy)
		abort();
	return copy;
}

void overlay_own_value(struct overlay *overlay, struct node *node)
{
	if (is_in_own_row(overlay, node))
		return;
	struct overlay_value *own = value_of(overlay, node);
	if (own->value)
		return;
	own->value = node->value;
	node->value = copy_text(own->value);
}

void overlay_own_attributes(struct overlay *overlay, struct node *node)
{
	for (size_t i = 0; i < node->child_count; i++)
		overlay_own_attributes(overlay, node->children[i]);
	if (node->is_object || is_in_own_row(overlay, node))
		return;
	struct overlay_value *own = value_of(overlay, node);
	if (own->owns_attributes)
		return;
	own->owns_attributes = true;
	own->notification = node->notification;
	own->has_attributes = node->has_attributes;
	own->access_list = node->access_list;
	node->access_list = own->access_list ? copy_text(own->access_list) : NULL;
}

/* The numbers of the table's rows are the device's own from now on; last: the shared one. */
static void own_table(struct overlay *overlay, struct node *table, unsigned last)
{
	for (unsigned i = 0; i < overlay->table_count; i++)
		if (overlay->tables[i].table == table)
			return;
	overlay->tables = grow(overlay->tables, overlay->table_count, sizeof(*overlay->tables));
	overlay->tables[overlay->table_count++] = (struct overlay_table){
		.table = table,
		.last_instance = last,
	};
}

static void add_row(struct overlay *overlay, struct node *row, bool is_added)
{
	overlay->rows = grow(overlay->rows, overlay->row_count, sizeof(*overlay->rows));
	overlay->rows[overlay->row_count++] = (struct overlay_row){
		.table = row->parent,
		.row = row,
		.is_added = is_added,
	};
}

/* The tree's own list of changes is for a device that has the tree to itself. */
static void forget_changes(struct datamodel *tree)
{
	while (tree->change_count)
		free(tree->changes[--tree->change_count].path);
}

unsigned overlay_add_row(
	struct overlay *overlay, struct datamodel *tree, const char *path, unsigned *instance)
{
	struct node *table = datamodel_find(tree, path);
	const unsigned last = table ? table->last_instance : 0;
	const unsigned fault = objects_add(tree, path, instance);
	forget_changes(tree);
	if (fault)
		return fault;
	struct arena *arena = arena_new();
	struct node *row = datamodel_find(tree, arena_printf(arena, "%s%u.", path, *instance));
	arena_free(arena);
	if (is_in_own_row(overlay, table))
		return 0;
	own_table(overlay, table, last);
	add_row(overlay, row, true);
	return 0;
}

static void remove_entry(struct overlay *overlay, const struct node *row)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < overlay->row_count; i++)
		if (overlay->rows[i].row != row)
			overlay->rows[kept++] = overlay->rows[i];
	overlay->row_count = kept;
}

unsigned overlay_delete_row(struct overlay *overlay, const struct datamodel *tree, const char *path)
{
	struct node *row = objects_row(tree, path);
	if (!row)
		return 9005;
	const bool is_own = is_in_own_row(overlay, row);
	if (!is_own)
		add_row(overlay, row, false);
	objects_detach(row);
	if (is_own) {
		remove_entry(overlay, row);
		node_free(row);
	}
	return 0;
}

void overlay_own_branch(struct overlay *overlay, struct datamodel *tree, const char *name)
{
	struct node *root = datamodel_root(tree);
	struct node *shared = node_child(root, name, strlen(name));
	if (shared && is_in_own_row(overlay, shared))
		return;
	if (shared) {
		add_row(overlay, shared, false);
		node_remove_child(root, shared);
	}
	struct node *own = node_new(name, true);
	node_add_child(root, own);
	add_row(overlay, own, true);
}
