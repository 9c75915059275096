/* json: small helpers between JSON documents and the arena. */
#include "rpc/method.h"

#include <stdlib.h>
#include <string.h>

char *json_text(struct arena *arena, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	if (!text)
		abort();
	char *copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

const char *json_value_text(struct arena *arena, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return arena_strndup(arena, json_string_value(value), json_string_length(value));
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_INTEGER:
	case JSON_REAL:
		return json_text(arena, value);
	default:
		return NULL;
	}
}

json_t *json_values(const struct cwmp_values *values)
{
	json_t *list = json_array();
	for (size_t i = 0; i < values->count; i++) {
		const struct cwmp_value *v = &values->items[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?}", "name", v->name, "value",
						    v->value, "type", v->type));
	}
	return list;
}

json_t *fault_json(unsigned code, const char *text, const struct cwmp_fault *detail)
{
	json_t *parameters = json_array();
	for (size_t i = 0; detail && i < detail->parameter_count; i++) {
		const struct cwmp_parameter_fault *p = &detail->parameters[i];
		json_array_append_new(
			parameters, json_pack("{s:s, s:I, s:s}", "name", p->name, "code",
					    (json_int_t)p->code, "message", p->text));
	}
	json_t *fault = json_pack("{s:s, s:o}", "message", text, "parameters", parameters);
	json_object_set_new(fault, "code", code ? json_integer(code) : json_null());
	return fault;
}
