/* command_key: Reboot, TR-069 A.3.2.9, and CancelTransfer, A.4.1.9: a CommandKey and nothing else.
 * Their responses have no content. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__CommandKeyOnly *in = soap_in_cwmp__CommandKeyOnly(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->CommandKey != NULL, "CommandKey");
	d->message->request.command_key = text_in(d, in->CommandKey);
	return true;
}

static int encode_request(struct encoding *e)
{
	struct cwmp__CommandKeyOnly out = {
		.CommandKey = text_out(e, e->message->request.command_key),
	};
	return soap_put_cwmp__CommandKeyOnly(e->soap, &out, e->tag, NULL);
}

const struct method_message command_key_request = { decode_request, encode_request };
