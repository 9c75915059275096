/* lists: the SOAP arrays and structs that several methods carry.
 * Members stand under their name in the schema or, as SOAP encoding allows, as <item>. */
#include "cwmp/lists.h"

#include <string.h>

#include "cwmp/cwmp.h"

void *list_room(struct decoding *d, int named, int other, size_t size)
{
	if (other > 0)
		note_repair(d, CWMP_REPAIR_ITEMS);
	return arena_array(d->arena, (size_t)named + (size_t)other, size);
}

bool is_dropped(struct decoding *d, const char *name)
{
	if (!is_blank_text(name))
		return false;
	note_repair(d, CWMP_REPAIR_DROPPED);
	return true;
}

static void append_strings(struct decoding *d, char **items, int count, struct cwmp_strings *out)
{
	for (int i = 0; i < count; i++)
		out->items[out->count++] = token_in(d, items[i]);
}

void strings_in(struct decoding *d, const struct cwmp__Strings *in, struct cwmp_strings *out)
{
	*out = (struct cwmp_strings){ 0 };
	if (!in)
		return;
	out->items = list_room(d, in->__size, in->__sizeItem, sizeof(*out->items));
	append_strings(d, in->string, in->__size, out);
	append_strings(d, in->item, in->__sizeItem, out);
}

void strings_out(struct encoding *e, const struct cwmp_strings *in, struct cwmp__Strings *out)
{
	*out = (struct cwmp__Strings){
		.SOAP_ENC__arrayType = array_type_out(e, "xsd:string", in->count),
		.__size = (int)in->count,
		.string = arena_array(e->arena, in->count, sizeof(*out->string)),
	};
	for (size_t i = 0; i < in->count; i++)
		out->string[i] = text_out(e, in->items[i]);
}

/* Blanks belong to a string; around anything else they are the device's indentation. */
static const char *value_in(struct decoding *d, const char *text, const char *type)
{
	bool is_text = !type || strcmp(type, "xsd:string") == 0;
	return is_text ? text_in(d, text) : token_in(d, text);
}

static void append_values(struct decoding *d, const struct cwmp__ParameterValueStruct *items,
	int count, struct cwmp_values *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].Name))
			continue;
		const struct cwmp__Value *value = items[i].Value;
		const char *type = value ? cwmp_type_normalise(value->xsi__type) : NULL;
		out->items[out->count++] = (struct cwmp_value){
			.name = token_in(d, items[i].Name),
			.value = value_in(d, value ? value->__item : NULL, type),
			.type = type,
		};
	}
}

void values_in(
	struct decoding *d, const struct cwmp__ParameterValueList *in, struct cwmp_values *out)
{
	*out = (struct cwmp_values){ 0 };
	if (!in)
		return;
	out->items = list_room(d, in->__size, in->__sizeItem, sizeof(*out->items));
	append_values(d, in->ParameterValueStruct, in->__size, out);
	append_values(d, in->item, in->__sizeItem, out);
}

void values_out(
	struct encoding *e, const struct cwmp_values *in, struct cwmp__ParameterValueList *out)
{
	struct cwmp__ParameterValueStruct *items = arena_array(e->arena, in->count, sizeof(*items));
	struct cwmp__Value *values = arena_array(e->arena, in->count, sizeof(*values));
	for (size_t i = 0; i < in->count; i++) {
		const char *type = in->items[i].type ? in->items[i].type : "xsd:string";
		values[i].__item = text_out(e, in->items[i].value);
		values[i].xsi__type = text_out(e, type);
		items[i].Name = text_out(e, in->items[i].name);
		items[i].Value = &values[i];
	}
	*out = (struct cwmp__ParameterValueList){
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:ParameterValueStruct", in->count),
		.__size = (int)in->count,
		.ParameterValueStruct = items,
	};
}

struct cwmp_fault_struct fault_struct_in(struct decoding *d, const struct cwmp__FaultStruct *in)
{
	return (struct cwmp_fault_struct){
		.code = in ? number_in(d, in->FaultCode) : 0,
		.text = text_in(d, in ? in->FaultString : NULL),
	};
}
