/* arguments: the checks that the arguments of several methods share.
 * Each text names the field that is wrong: "names[1]: is no parameter path". */
#include "rpc/method.h"

#include <string.h>

const char *argument(const json_t *arguments, const char *field)
{
	const char *text = json_string_value(json_object_get(arguments, field));
	return text ? text : "";
}

bool argument_text(struct arena *arena, const json_t *arguments, const char *field, size_t max,
	bool is_required, const char **why)
{
	const json_t *value = json_object_get(arguments, field);
	if (!value && !is_required)
		return true;
	if (!json_is_string(value))
		*why = arena_printf(arena, "%s: must be a text", field);
	else if (is_required && json_string_length(value) == 0)
		*why = arena_printf(arena, "%s: must not be empty", field);
	else if (json_string_length(value) > max)
		*why = arena_printf(arena, "%s: is longer than %zu bytes", field, max);
	else if (!cwmp_text_is_sendable(json_string_value(value)))
		*why = arena_printf(arena, "%s: holds a character that XML cannot carry", field);
	else
		return true;
	return false;
}

bool argument_number(struct arena *arena, const json_t *arguments, const char *field, int64_t max,
	const char **why)
{
	const json_t *value = json_object_get(arguments, field);
	if (!value)
		return true;
	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
		json_integer_value(value) <= max)
		return true;
	*why = arena_printf(
		arena, "%s: must be a whole number from 0 to %lld", field, (long long)max);
	return false;
}

bool argument_object(struct arena *arena, const json_t *arguments, const char **why)
{
	if (!argument_text(arena, arguments, "object", CWMP_NAME_MAX, true, why))
		return false;
	const char *object = argument(arguments, "object");
	if (cwmp_path_is_valid(object) && cwmp_path_is_partial(object))
		return true;
	*why = "object: must be an object's path, ending in '.'";
	return false;
}

bool arguments_known(
	struct arena *arena, const json_t *arguments, const char *const *fields, const char **why)
{
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)arguments, key, value) {
		const char *const *field = fields;
		while (*field && strcmp(*field, key) != 0)
			field++;
		if (!*field) {
			*why = arena_printf(arena, "%s: is no argument of this method", key);
			return false;
		}
	}
	return true;
}

bool argument_list(struct arena *arena, const json_t *arguments, const char *field, size_t max,
	const char **why)
{
	const json_t *list = json_object_get(arguments, field);
	const size_t count = json_array_size(list);
	if (json_is_array(list) && count > 0 && count <= max)
		return true;
	if (!json_is_array(list))
		*why = arena_printf(arena, "%s: must be a list", field);
	else if (count == 0)
		*why = arena_printf(arena, "%s: must be a list of at least one item", field);
	else
		*why = arena_printf(arena, "%s: has more than %zu items", field, max);
	return false;
}

bool argument_names(struct arena *arena, const json_t *arguments, const char **why)
{
	const json_t *names = json_object_get(arguments, "names");
	size_t i;
	json_t *name;
	if (!argument_list(arena, arguments, "names", SIZE_MAX, why))
		return false;
	json_array_foreach (names, i, name) {
		const char *text = json_string_value(name);
		if (!text || !*text || !cwmp_path_is_valid(text)) {
			*why = arena_printf(arena, "names[%zu]: is no parameter path", i);
			return false;
		}
	}
	return true;
}

bool argument_items(struct arena *arena, const json_t *arguments, const char *field,
	argument_item_fn *check, const char **why)
{
	const json_t *list = json_object_get(arguments, field);
	const char *fault;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		if (!json_is_object(item)) {
			*why = arena_printf(arena, "%s[%zu]: must be an object", field, i);
			return false;
		}
		if (!check(arena, item, &fault)) {
			*why = arena_printf(arena, "%s[%zu].%s", field, i, fault);
			return false;
		}
	}
	return true;
}

int64_t number_of(const json_t *object, const char *field)
{
	return json_integer_value(json_object_get(object, field));
}

struct cwmp_strings json_strings(struct arena *arena, const json_t *list)
{
	const size_t count = json_array_size(list);
	struct cwmp_strings out = { .items = arena_array(arena, count, sizeof(*out.items)),
		.count = count };
	for (size_t i = 0; i < count; i++)
		out.items[i] = json_string_value(json_array_get(list, i));
	return out;
}

bool check_no_arguments(struct arena *arena, json_t *arguments, const char **why)
{
	return arguments_known(arena, arguments, (const char *const[]){ NULL }, why);
}

bool request_nothing(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)turn, (void)task, (void)why;
	return true;
}
