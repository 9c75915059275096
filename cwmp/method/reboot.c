/* reboot: Reboot, TR-069 A.3.2.9.
 * The response has no content. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Reboot *in = soap_in_cwmp__Reboot(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->CommandKey != NULL, "CommandKey");
	d->message->request.command_key = text_in(d, in->CommandKey);
	return true;
}

static int encode_request(struct encoding *e)
{
	struct cwmp__Reboot out = { .CommandKey = text_out(e, e->message->request.command_key) };
	return soap_put_cwmp__Reboot(e->soap, &out, e->tag, NULL);
}

const struct method_message reboot_request = { decode_request, encode_request };
