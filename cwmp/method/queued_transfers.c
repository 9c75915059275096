/* queued_transfers: what GetQueuedTransfers and GetAllQueuedTransfers tell, TR-069 A.4.1.1, .7.
 * The former's transfers have a CommandKey and a State only. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static void append_transfers(struct decoding *d, const struct cwmp__QueuedTransferStruct *items,
	int count, struct cwmp_queued_transfers *out)
{
	for (int i = 0; i < count; i++) {
		out->items[out->count++] = (struct cwmp_queued_transfer){
			.command_key = text_in(d, items[i].CommandKey),
			.state = number_in(d, items[i].State),
			.is_download = boolean_in(d, items[i].IsDownload),
			.file_type = token_in(d, items[i].FileType),
			.file_size = long_in(d, items[i].FileSize),
			.target_file_name = text_in(d, items[i].TargetFileName),
		};
	}
}

static bool decode_response(struct decoding *d)
{
	const struct cwmp__QueuedTransfersResponse *in = soap_in_cwmp__QueuedTransfersResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	const struct cwmp__TransferList *list = in->TransferList;
	require(d, list, "TransferList");
	if (!list)
		return true;
	struct cwmp_queued_transfers *out = &d->message->response.queued;
	out->items = list_room(
		d, list->__size + list->__sizeAll, list->__sizeItem, sizeof(*out->items));
	append_transfers(d, list->QueuedTransferStruct, list->__size, out);
	append_transfers(d, list->AllQueuedTransferStruct, list->__sizeAll, out);
	append_transfers(d, list->item, list->__sizeItem, out);
	return true;
}

static struct cwmp__QueuedTransferStruct *transfers_out(struct encoding *e)
{
	const struct cwmp_queued_transfers *in = &e->message->response.queued;
	struct cwmp__QueuedTransferStruct *items = arena_array(e->arena, in->count, sizeof(*items));
	for (size_t i = 0; i < in->count; i++) {
		items[i].CommandKey = text_out(e, in->items[i].command_key);
		items[i].State = number_out(e, in->items[i].state);
	}
	return items;
}

static int put_list(struct encoding *e, struct cwmp__TransferList *list)
{
	struct cwmp__QueuedTransfersResponse out = { .TransferList = list };
	return soap_put_cwmp__QueuedTransfersResponse(e->soap, &out, e->tag, NULL);
}

static int encode_response(struct encoding *e)
{
	size_t count = e->message->response.queued.count;
	struct cwmp__TransferList list = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:QueuedTransferStruct", count),
		.__size = (int)count,
		.QueuedTransferStruct = transfers_out(e),
	};
	return put_list(e, &list);
}

static int encode_all_response(struct encoding *e)
{
	const struct cwmp_queued_transfers *in = &e->message->response.queued;
	struct cwmp__QueuedTransferStruct *items = transfers_out(e);
	for (size_t i = 0; i < in->count; i++) {
		items[i].IsDownload = boolean_out(e, in->items[i].is_download);
		items[i].FileType = text_out(e, in->items[i].file_type);
		items[i].FileSize = file_size_out(e, in->items[i].file_size);
		items[i].TargetFileName = text_out(e, in->items[i].target_file_name);
	}
	struct cwmp__TransferList list = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:AllQueuedTransferStruct", in->count),
		.__sizeAll = (int)in->count,
		.AllQueuedTransferStruct = items,
	};
	return put_list(e, &list);
}

const struct method_message get_queued_transfers_response = { decode_response, encode_response };
const struct method_message get_all_queued_transfers_response = { decode_response,
	encode_all_response };
