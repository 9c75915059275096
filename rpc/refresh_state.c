/* refresh_state: what a Refresh knows so far, and how it is kept from one session to the next.
 * Saved are the objects still to be asked and the names told; or, once all are known, the names still
 * to be read. */
#include "rpc/refresh_state.h"

#include <string.h>

void *refresh_grown(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 64;
	void *more = arena_array(arena, *room, size);
	if (count)
		memcpy(more, items, count * size);
	return more;
}

void refresh_add_name(struct rpc_task *task, struct refresh *r, const char *name, bool writable)
{
	r->names = refresh_grown(
		task->arena, r->names, r->name_count, &r->name_room, sizeof(*r->names));
	r->names[r->name_count++] = (struct cwmp_name){ .name = name, .writable = writable };
}

void refresh_push_object(struct rpc_task *task, struct refresh *r, const char *name)
{
	r->objects = refresh_grown(
		task->arena, r->objects, r->object_count, &r->object_room, sizeof(*r->objects));
	r->objects[r->object_count++] = name;
}

void refresh_push_range(struct rpc_task *task, struct refresh *r, size_t first, size_t end)
{
	r->todo = refresh_grown(
		task->arena, r->todo, r->todo_count, &r->todo_room, sizeof(*r->todo));
	r->todo[r->todo_count++] = (struct range){ .first = first, .end = end };
}

void refresh_find_parameters(struct rpc_task *task, struct refresh *r)
{
	r->has_names = true;
	r->parameters = arena_array(task->arena, r->name_count, sizeof(*r->parameters));
	for (size_t i = 0; i < r->name_count; i++)
		if (!cwmp_path_is_partial(r->names[i].name))
			r->parameters[r->parameter_count++] = i;
}

/* Saving. */

/* Lists of names, the one to be asked next last. */
static json_t *unread(const struct refresh *r)
{
	json_t *ranges = json_array();
	for (size_t i = 0; i < r->todo_count; i++) {
		json_t *names = json_array();
		for (size_t n = r->todo[i].first; n < r->todo[i].end; n++)
			json_array_append_new(names, json_string(r->names[r->parameters[n]].name));
		json_array_append_new(ranges, names);
	}
	return ranges;
}

static json_t *told_names(const struct refresh *r)
{
	json_t *names = json_array();
	for (size_t i = 0; i < r->name_count; i++)
		json_array_append_new(
			names, json_pack("[s, b]", r->names[i].name, (int)r->names[i].writable));
	return names;
}

static json_t *objects_to_ask(const struct refresh *r)
{
	json_t *objects = json_array();
	for (size_t i = 0; i < r->object_count; i++)
		json_array_append_new(objects, json_string(r->objects[i]));
	return objects;
}

json_t *refresh_save(const struct refresh *r)
{
	if (r->has_names)
		return json_pack("{s:o, s:I, s:I, s:O}", "unread", unread(r), "told",
			(json_int_t)r->told, "values", (json_int_t)r->values, "skipped",
			r->skipped);
	return json_pack("{s:o, s:o, s:O}", "objects", objects_to_ask(r), "names", told_names(r),
		"skipped", r->skipped);
}

/* Loading. */

static void load_values(struct rpc_task *task, struct refresh *r, const json_t *ranges)
{
	size_t i, n;
	json_t *names, *name;
	json_array_foreach (ranges, i, names)
		json_array_foreach (names, n, name)
			if (json_is_string(name))
				refresh_add_name(task, r, json_string_value(name), false);
	refresh_find_parameters(task, r);
	size_t first = 0;
	json_array_foreach (ranges, i, names) {
		const size_t end = first + json_array_size(names);
		if (first < end && end <= r->parameter_count)
			refresh_push_range(task, r, first, end);
		first = end;
	}
}

static void load_names(
	struct rpc_task *task, struct refresh *r, const json_t *objects, const json_t *names)
{
	size_t i;
	json_t *item;
	r->by_level = true;
	json_array_foreach (objects, i, item)
		if (json_is_string(item))
			refresh_push_object(task, r, json_string_value(item));
	json_array_foreach (names, i, item) {
		const char *name = json_string_value(json_array_get(item, 0));
		if (name)
			refresh_add_name(task, r, name, json_is_true(json_array_get(item, 1)));
	}
}

bool refresh_load(struct rpc_task *task, struct refresh *r, const json_t *saved)
{
	const json_t *ranges = json_object_get(saved, "unread");
	const json_t *objects = json_object_get(saved, "objects");
	json_t *skipped = json_object_get(saved, "skipped");
	if (json_array_size(ranges) == 0 && json_array_size(objects) == 0)
		return false;
	if (ranges)
		load_values(task, r, ranges);
	else
		load_names(task, r, objects, json_object_get(saved, "names"));
	r->told = (size_t)json_integer_value(json_object_get(saved, "told"));
	r->values = (size_t)json_integer_value(json_object_get(saved, "values"));
	if (skipped)
		json_array_extend(r->skipped, skipped);
	return true;
}
