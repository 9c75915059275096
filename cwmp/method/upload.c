/* upload: Upload, TR-069 A.4.1.5.
 * Its response is that of Download. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Upload *in = soap_in_cwmp__Upload(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->CommandKey != NULL, "CommandKey");
	require(d, !is_blank_text(in->FileType), "FileType");
	require(d, !is_blank_text(in->URL), "URL");
	d->message->request.upload = (struct cwmp_upload){
		.command_key = text_in(d, in->CommandKey),
		.file_type = token_in(d, in->FileType),
		.url = token_in(d, in->URL),
		.username = text_in(d, in->Username),
		.password = text_in(d, in->Password),
		.delay_seconds = number_in(d, in->DelaySeconds),
	};
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_upload *in = &e->message->request.upload;
	struct cwmp__Upload out = {
		.CommandKey = text_out(e, in->command_key),
		.FileType = text_out(e, in->file_type),
		.URL = text_out(e, in->url),
		.Username = text_out(e, in->username),
		.Password = text_out(e, in->password),
		.DelaySeconds = number_out(e, in->delay_seconds),
	};
	return soap_put_cwmp__Upload(e->soap, &out, e->tag, NULL);
}

const struct method_message upload_request = { decode_request, encode_request };
