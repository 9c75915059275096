/* get_rpc_methods: GetRPCMethodsResponse, TR-069 A.3.1.1.
 * The request has no arguments. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static bool decode_response(struct decoding *d)
{
	const struct cwmp__GetRPCMethodsResponse *in = soap_in_cwmp__GetRPCMethodsResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->MethodList, "MethodList");
	strings_in(d, in->MethodList, &d->message->response.methods);
	return true;
}

static int encode_response(struct encoding *e)
{
	struct cwmp__Strings methods;
	strings_out(e, &e->message->response.methods, &methods);
	struct cwmp__GetRPCMethodsResponse out = { .MethodList = &methods };
	return soap_put_cwmp__GetRPCMethodsResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message get_rpc_methods_response = { decode_response, encode_response };
