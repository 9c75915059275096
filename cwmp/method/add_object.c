/* add_object: AddObject and its response, TR-069 A.3.2.6; DeleteObject, A.3.2.7, has its arguments.
 * DeleteObject's response is a Status. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Object *in = soap_in_cwmp__Object(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, !is_blank_text(in->ObjectName), "ObjectName");
	require(d, in->ParameterKey != NULL, "ParameterKey");
	d->message->request.object.name = token_in(d, in->ObjectName);
	d->message->request.object.parameter_key = text_in(d, in->ParameterKey);
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_object *in = &e->message->request.object;
	struct cwmp__Object out = {
		.ObjectName = text_out(e, in->name),
		.ParameterKey = text_out(e, in->parameter_key),
	};
	return soap_put_cwmp__Object(e->soap, &out, e->tag, NULL);
}

const struct method_message add_object_request = { decode_request, encode_request };
const struct method_message delete_object_request = { decode_request, encode_request };

static bool decode_response(struct decoding *d)
{
	const struct cwmp__AddObjectResponse *in = soap_in_cwmp__AddObjectResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	struct cwmp_add_object_response *out = &d->message->response.add_object;
	out->instance_number = number_in(d, in->InstanceNumber);
	out->status = number_in(d, in->Status);
	require(d, out->instance_number > 0, "InstanceNumber");
	return true;
}

static int encode_response(struct encoding *e)
{
	const struct cwmp_add_object_response *in = &e->message->response.add_object;
	struct cwmp__AddObjectResponse out = {
		.InstanceNumber = number_out(e, in->instance_number),
		.Status = number_out(e, in->status),
	};
	return soap_put_cwmp__AddObjectResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message add_object_response = { decode_response, encode_response };
