/* options: SetVouchers and GetOptions, TR-069 A.4.1.3 and A.4.1.4; both deprecated.
 * SetVouchers' response has no content. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static void append_vouchers(struct decoding *d, char **items, int count, struct cwmp_strings *out)
{
	for (int i = 0; i < count; i++)
		out->items[out->count++] = token_in(d, items[i]);
}

static bool decode_vouchers_request(struct decoding *d)
{
	const struct cwmp__SetVouchers *in = soap_in_cwmp__SetVouchers(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	const struct cwmp__VoucherList *list = in->VoucherList;
	require(d, list, "VoucherList");
	if (!list)
		return true;
	struct cwmp_strings *out = &d->message->request.vouchers;
	out->items = list_room(d, list->__size, list->__sizeItem, sizeof(*out->items));
	append_vouchers(d, list->base64, list->__size, out);
	append_vouchers(d, list->item, list->__sizeItem, out);
	return true;
}

static int encode_vouchers_request(struct encoding *e)
{
	const struct cwmp_strings *in = &e->message->request.vouchers;
	struct cwmp__VoucherList list = {
		.SOAP_ENC__arrayType = array_type_out(e, "SOAP-ENC:base64", in->count),
		.__size = (int)in->count,
		.base64 = arena_array(e->arena, in->count, sizeof(*list.base64)),
	};
	for (size_t i = 0; i < in->count; i++)
		list.base64[i] = text_out(e, in->items[i]);
	struct cwmp__SetVouchers out = { .VoucherList = &list };
	return soap_put_cwmp__SetVouchers(e->soap, &out, e->tag, NULL);
}

const struct method_message set_vouchers_request = { decode_vouchers_request,
	encode_vouchers_request };

static bool decode_options_request(struct decoding *d)
{
	const struct cwmp__GetOptions *in = soap_in_cwmp__GetOptions(d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->OptionName != NULL, "OptionName");
	d->message->request.option_name = token_in(d, in->OptionName);
	return true;
}

static int encode_options_request(struct encoding *e)
{
	struct cwmp__GetOptions out = {
		.OptionName = text_out(e, e->message->request.option_name),
	};
	return soap_put_cwmp__GetOptions(e->soap, &out, e->tag, NULL);
}

const struct method_message get_options_request = { decode_options_request,
	encode_options_request };

static void append_options(struct decoding *d, const struct cwmp__OptionStruct *items, int count,
	struct cwmp_options *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].OptionName))
			continue;
		out->items[out->count++] = (struct cwmp_option){
			.name = token_in(d, items[i].OptionName),
			.voucher_sn = number_in(d, items[i].VoucherSN),
			.state = number_in(d, items[i].State),
			.mode = number_in(d, items[i].Mode),
			.start_date = token_in(d, items[i].StartDate),
			.expiration_date = token_in(d, items[i].ExpirationDate),
			.is_transferable = boolean_in(d, items[i].IsTransferable),
		};
	}
}

static bool decode_options_response(struct decoding *d)
{
	const struct cwmp__GetOptionsResponse *in = soap_in_cwmp__GetOptionsResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	const struct cwmp__OptionList *list = in->OptionList;
	require(d, list, "OptionList");
	if (!list)
		return true;
	struct cwmp_options *out = &d->message->response.options;
	out->items = list_room(d, list->__size, list->__sizeItem, sizeof(*out->items));
	append_options(d, list->OptionStruct, list->__size, out);
	append_options(d, list->item, list->__sizeItem, out);
	return true;
}

/* IsTransferable is an int in the schema, so it has no words. */
static void put_option(
	struct encoding *e, const struct cwmp_option *in, struct cwmp__OptionStruct *out)
{
	*out = (struct cwmp__OptionStruct){
		.OptionName = text_out(e, in->name),
		.VoucherSN = number_out(e, in->voucher_sn),
		.State = number_out(e, in->state),
		.Mode = number_out(e, in->mode),
		.StartDate = time_out(e, in->start_date),
		.ExpirationDate = optional_out(e, in->expiration_date),
		.IsTransferable = number_out(e, in->is_transferable),
	};
}

static int encode_options_response(struct encoding *e)
{
	const struct cwmp_options *in = &e->message->response.options;
	struct cwmp__OptionStruct *items = arena_array(e->arena, in->count, sizeof(*items));
	for (size_t i = 0; i < in->count; i++)
		put_option(e, &in->items[i], &items[i]);
	struct cwmp__OptionList list = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:OptionStruct", in->count),
		.__size = (int)in->count,
		.OptionStruct = items,
	};
	struct cwmp__GetOptionsResponse out = { .OptionList = &list };
	return soap_put_cwmp__GetOptionsResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message get_options_response = { decode_options_response,
	encode_options_response };
