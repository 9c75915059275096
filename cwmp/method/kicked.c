/* kicked: Kicked and its response, TR-069 A.4.2.1; deprecated.
 * NextURL is where the CPE sends the user's browser. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Kicked *in = soap_in_cwmp__Kicked(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->Command != NULL, "Command");
	d->message->request.kicked = (struct cwmp_kicked){
		.command = text_in(d, in->Command),
		.referer = token_in(d, in->Referer),
		.argument = text_in(d, in->Arg),
		.next = token_in(d, in->Next),
	};
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_kicked *in = &e->message->request.kicked;
	struct cwmp__Kicked out = {
		.Command = text_out(e, in->command),
		.Referer = text_out(e, in->referer),
		.Arg = text_out(e, in->argument),
		.Next = text_out(e, in->next),
	};
	return soap_put_cwmp__Kicked(e->soap, &out, e->tag, NULL);
}

const struct method_message kicked_request = { decode_request, encode_request };

static bool decode_response(struct decoding *d)
{
	const struct cwmp__KickedResponse *in = soap_in_cwmp__KickedResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->NextURL != NULL, "NextURL");
	d->message->response.next_url = token_in(d, in->NextURL);
	return true;
}

static int encode_response(struct encoding *e)
{
	struct cwmp__KickedResponse out = {
		.NextURL = text_out(e, e->message->response.next_url),
	};
	return soap_put_cwmp__KickedResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message kicked_response = { decode_response, encode_response };
