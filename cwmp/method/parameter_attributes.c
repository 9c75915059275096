/* parameter_attributes: SetParameterAttributes and GetParameterAttributes, TR-069 A.3.2.4, A.3.2.5.
 * The response to the former has no content. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_get_request(struct decoding *d)
{
	const struct cwmp__ParameterNamesOnly *in = soap_in_cwmp__ParameterNamesOnly(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->ParameterNames, "ParameterNames");
	strings_in(d, in->ParameterNames, &d->message->request.attribute_names);
	return true;
}

static int encode_get_request(struct encoding *e)
{
	struct cwmp__Strings names;
	strings_out(e, &e->message->request.attribute_names, &names);
	struct cwmp__ParameterNamesOnly out = { .ParameterNames = &names };
	return soap_put_cwmp__ParameterNamesOnly(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_attributes_request = { decode_get_request,
	encode_get_request };

static void append_attributes(struct decoding *d,
	const struct cwmp__ParameterAttributeStruct *items, int count, struct cwmp_attributes *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].Name))
			continue;
		struct cwmp_attribute *attribute = &out->items[out->count++];
		attribute->name = token_in(d, items[i].Name);
		attribute->notification = number_in(d, items[i].Notification);
		strings_in(d, items[i].AccessList, &attribute->access_list);
	}
}

static bool decode_get_response(struct decoding *d)
{
	const struct cwmp__GetParameterAttributesResponse *in =
		soap_in_cwmp__GetParameterAttributesResponse(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	const struct cwmp__ParameterAttributeList *list = in->ParameterList;
	require(d, list, "ParameterList");
	if (!list)
		return true;
	struct cwmp_attributes *out = &d->message->response.attributes;
	out->items = list_room(d, list->__size, list->__sizeItem, sizeof(*out->items));
	append_attributes(d, list->ParameterAttributeStruct, list->__size, out);
	append_attributes(d, list->item, list->__sizeItem, out);
	return true;
}

static struct cwmp__Strings *access_list_out(struct encoding *e, const struct cwmp_strings *in)
{
	struct cwmp__Strings *out = ARENA_NEW(e->arena, struct cwmp__Strings);
	strings_out(e, in, out);
	return out;
}

static int encode_get_response(struct encoding *e)
{
	const struct cwmp_attributes *in = &e->message->response.attributes;
	struct cwmp__ParameterAttributeStruct *items = arena_array(
		e->arena, in->count, sizeof(*items));
	for (size_t i = 0; i < in->count; i++) {
		items[i].Name = text_out(e, in->items[i].name);
		items[i].Notification = number_out(e, in->items[i].notification);
		items[i].AccessList = access_list_out(e, &in->items[i].access_list);
	}
	struct cwmp__ParameterAttributeList list = {
		.SOAP_ENC__arrayType = array_type_out(
			e, "cwmp:ParameterAttributeStruct", in->count),
		.__size = (int)in->count,
		.ParameterAttributeStruct = items,
	};
	struct cwmp__GetParameterAttributesResponse out = { .ParameterList = &list };
	return soap_put_cwmp__GetParameterAttributesResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_attributes_response = { decode_get_response,
	encode_get_response };

static void append_changes(struct decoding *d,
	const struct cwmp__SetParameterAttributesStruct *items, int count,
	struct cwmp_attribute_changes *out)
{
	for (int i = 0; i < count; i++) {
		const struct cwmp__SetParameterAttributesStruct *in = &items[i];
		struct cwmp_attribute_change *change = &out->items[out->count++];
		require(d, in->Name != NULL, "Name");
		change->name = token_in(d, in->Name);
		change->notification_change = boolean_in(d, in->NotificationChange);
		change->notification = number_in(d, in->Notification);
		change->access_list_change = boolean_in(d, in->AccessListChange);
		strings_in(d, in->AccessList, &change->access_list);
	}
}

static bool decode_set_request(struct decoding *d)
{
	const struct cwmp__SetParameterAttributes *in = soap_in_cwmp__SetParameterAttributes(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	const struct cwmp__SetParameterAttributesList *list = in->ParameterList;
	require(d, list, "ParameterList");
	if (!list)
		return true;
	struct cwmp_attribute_changes *out = &d->message->request.attribute_changes;
	out->items = list_room(d, list->__size, list->__sizeItem, sizeof(*out->items));
	append_changes(d, list->SetParameterAttributesStruct, list->__size, out);
	append_changes(d, list->item, list->__sizeItem, out);
	return true;
}

static int encode_set_request(struct encoding *e)
{
	const struct cwmp_attribute_changes *in = &e->message->request.attribute_changes;
	struct cwmp__SetParameterAttributesStruct *items = arena_array(
		e->arena, in->count, sizeof(*items));
	for (size_t i = 0; i < in->count; i++) {
		items[i].Name = text_out(e, in->items[i].name);
		items[i].NotificationChange = boolean_out(e, in->items[i].notification_change);
		items[i].Notification = number_out(e, in->items[i].notification);
		items[i].AccessListChange = boolean_out(e, in->items[i].access_list_change);
		items[i].AccessList = access_list_out(e, &in->items[i].access_list);
	}
	struct cwmp__SetParameterAttributesList list = {
		.SOAP_ENC__arrayType = array_type_out(
			e, "cwmp:SetParameterAttributesStruct", in->count),
		.__size = (int)in->count,
		.SetParameterAttributesStruct = items,
	};
	struct cwmp__SetParameterAttributes out = { .ParameterList = &list };
	return soap_put_cwmp__SetParameterAttributes(e->soap, &out, e->tag, NULL);
}

const struct method_message set_parameter_attributes_request = { decode_set_request,
	encode_set_request };
