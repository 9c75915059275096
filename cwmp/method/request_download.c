/* request_download: RequestDownload, TR-069 A.4.2.2.
 * The response has no content; what was asked for comes as a Download. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static void append_arguments(struct decoding *d, const struct cwmp__ArgStruct *items, int count,
	struct cwmp_request_download *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].Name))
			continue;
		out->arguments[out->argument_count++] = (struct cwmp_argument){
			.name = token_in(d, items[i].Name),
			.value = text_in(d, items[i].Value),
		};
	}
}

static bool decode_request(struct decoding *d)
{
	const struct cwmp__RequestDownload *in = soap_in_cwmp__RequestDownload(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, !is_blank_text(in->FileType), "FileType");
	struct cwmp_request_download *out = &d->message->request.request_download;
	out->file_type = token_in(d, in->FileType);
	const struct cwmp__FileTypeArg *list = in->FileTypeArg;
	if (!list)
		return true;
	out->arguments = list_room(d, list->__size, list->__sizeItem, sizeof(*out->arguments));
	append_arguments(d, list->ArgStruct, list->__size, out);
	append_arguments(d, list->item, list->__sizeItem, out);
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_request_download *in = &e->message->request.request_download;
	struct cwmp__ArgStruct *items = arena_array(e->arena, in->argument_count, sizeof(*items));
	for (size_t i = 0; i < in->argument_count; i++) {
		items[i].Name = text_out(e, in->arguments[i].name);
		items[i].Value = text_out(e, in->arguments[i].value);
	}
	struct cwmp__FileTypeArg list = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:ArgStruct", in->argument_count),
		.__size = (int)in->argument_count,
		.ArgStruct = items,
	};
	struct cwmp__RequestDownload out = {
		.FileType = text_out(e, in->file_type),
		.FileTypeArg = &list,
	};
	return soap_put_cwmp__RequestDownload(e->soap, &out, e->tag, NULL);
}

const struct method_message request_download_request = { decode_request, encode_request };
