/* get_parameter_values: GetParameterValues and its response, TR-069 A.3.2.2.
 * The response may hold fewer values than were asked for, or none. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__ParameterNamesOnly *in = soap_in_cwmp__ParameterNamesOnly(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->ParameterNames, "ParameterNames");
	strings_in(d, in->ParameterNames, &d->message->request.parameter_names);
	return true;
}

static int encode_request(struct encoding *e)
{
	struct cwmp__Strings names;
	strings_out(e, &e->message->request.parameter_names, &names);
	struct cwmp__ParameterNamesOnly out = { .ParameterNames = &names };
	return soap_put_cwmp__ParameterNamesOnly(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_values_request = { decode_request, encode_request };

void get_parameter_values_response_in(struct decoding *d, const struct cwmp__ParameterValueList *in)
{
	require(d, in, "ParameterList");
	values_in(d, in, &d->message->response.values);
}

static bool decode_response(struct decoding *d)
{
	const struct cwmp__ParameterValueListOnly *in = soap_in_cwmp__ParameterValueListOnly(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	get_parameter_values_response_in(d, in->ParameterList);
	return true;
}

static int encode_response(struct encoding *e)
{
	struct cwmp__ParameterValueList values;
	values_out(e, &e->message->response.values, &values);
	struct cwmp__ParameterValueListOnly out = { .ParameterList = &values };
	return soap_put_cwmp__ParameterValueListOnly(e->soap, &out, e->tag, NULL);
}

const struct method_message get_parameter_values_response = { decode_response, encode_response };
