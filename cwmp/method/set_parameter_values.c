/* set_parameter_values: SetParameterValues, TR-069 A.3.2.1.
 * The response is a Status. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__SetParameterValues *in = soap_in_cwmp__SetParameterValues(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->ParameterList, "ParameterList");
	require(d, in->ParameterKey != NULL, "ParameterKey");
	struct cwmp_set_parameter_values *out = &d->message->request.set_parameter_values;
	values_in(d, in->ParameterList, &out->parameters);
	out->parameter_key = text_in(d, in->ParameterKey);
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_set_parameter_values *in = &e->message->request.set_parameter_values;
	struct cwmp__ParameterValueList parameters;
	values_out(e, &in->parameters, &parameters);
	struct cwmp__SetParameterValues out = {
		.ParameterList = &parameters,
		.ParameterKey = text_out(e, in->parameter_key),
	};
	return soap_put_cwmp__SetParameterValues(e->soap, &out, e->tag, NULL);
}

const struct method_message set_parameter_values_request = { decode_request, encode_request };
