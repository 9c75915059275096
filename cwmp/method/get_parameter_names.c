/* get_parameter_names: GetParameterNames and its response, TR-069 A.3.2.3.
 * An empty ParameterPath is the root; an absent one is an error. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__GetParameterNames *in = soap_in_cwmp__GetParameterNames(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	struct cwmp_get_parameter_names *out = &d->message->request.get_parameter_names;
	require(d, in->ParameterPath != NULL, "ParameterPath");
	require(d, !is_blank_text(in->NextLevel), "NextLevel");
	out->path = token_in(d, in->ParameterPath);
	out->next_level = boolean_in(d, in->NextLevel);
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_get_parameter_names *in = &e->message->request.get_parameter_names;
	struct cwmp__GetParameterNames out = {
		.ParameterPath = text_out(e, in->path),
		.NextLevel = boolean_out(e, in->next_level),
	};
	return soap_put_cwmp__GetParameterNames(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_names_request = { decode_request, encode_request };

static void append_names(struct decoding *d, const struct cwmp__ParameterInfoStruct *items,
	int count, struct cwmp_names *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].Name))
			continue;
		out->items[out->count++] = (struct cwmp_name){
			.name = token_in(d, items[i].Name),
			.writable = boolean_in(d, items[i].Writable),
		};
	}
}

void get_parameter_names_response_in(struct decoding *d, const struct cwmp__ParameterInfoList *in)
{
	require(d, in, "ParameterList");
	if (!in)
		return;
	struct cwmp_names *names = &d->message->response.names;
	names->items = list_room(d, in->__size, in->__sizeItem, sizeof(*names->items));
	append_names(d, in->ParameterInfoStruct, in->__size, names);
	append_names(d, in->item, in->__sizeItem, names);
}

static bool decode_response(struct decoding *d)
{
	const struct cwmp__GetParameterNamesResponse *in = soap_in_cwmp__GetParameterNamesResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	get_parameter_names_response_in(d, in->ParameterList);
	return true;
}

static int encode_response(struct encoding *e)
{
	const struct cwmp_names *in = &e->message->response.names;
	struct cwmp__ParameterInfoStruct *items = arena_array(e->arena, in->count, sizeof(*items));
	for (size_t i = 0; i < in->count; i++) {
		items[i].Name = text_out(e, in->items[i].name);
		items[i].Writable = boolean_out(e, in->items[i].writable);
	}
	struct cwmp__ParameterInfoList list = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:ParameterInfoStruct", in->count),
		.__size = (int)in->count,
		.ParameterInfoStruct = items,
	};
	struct cwmp__GetParameterNamesResponse out = { .ParameterList = &list };
	return soap_put_cwmp__GetParameterNamesResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_names_response = { decode_response, encode_response };
