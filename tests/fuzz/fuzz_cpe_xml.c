/* Fuzzes the XML data model; rows that come and go must find their shapes. */
#include "cpe/model/datamodel.h"
#include "cpe/model/objects.h"
#include "fuzz.h"

static void add_rows(struct datamodel *model, const struct node *node, struct arena *arena)
{
	unsigned instance;
	for (size_t i = 0; i < node->child_count; i++) {
		const struct node *child = node->children[i];
		if (child->is_object && child->is_writable && !child->is_template)
			objects_add(model, node_path(arena, child), &instance);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char why[200] = "";
	struct arena *arena = arena_new();
	struct datamodel *model = datamodel_parse_xml(bytes, length, why, sizeof(why));
	HOLDS(model || why[0]);
	if (model)
		add_rows(model, datamodel_root(model), arena);
	datamodel_free(model);
	arena_free(arena);
	return 0;
}
