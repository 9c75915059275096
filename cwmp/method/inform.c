/* inform: Inform and InformResponse, TR-069 A.3.3.1.
 * MaxEnvelopes is 1 whatever a peer says. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static void device_in(
	struct decoding *d, const struct cwmp__DeviceIdStruct *in, struct cwmp_device_id *out)
{
	*out = (struct cwmp_device_id){ "", "", "", "" };
	require(d, in, "DeviceId");
	if (!in)
		return;
	require(d, !is_blank_text(in->OUI), "OUI");
	require(d, !is_blank_text(in->SerialNumber), "SerialNumber");
	out->manufacturer = token_in(d, in->Manufacturer);
	out->oui = token_in(d, in->OUI);
	out->product_class = token_in(d, in->ProductClass);
	out->serial_number = token_in(d, in->SerialNumber);
}

static void append_events(struct decoding *d, const struct cwmp__EventStruct *items, int count,
	struct cwmp_inform *out)
{
	for (int i = 0; i < count; i++) {
		if (is_dropped(d, items[i].EventCode))
			continue;
		out->events[out->event_count++] = (struct cwmp_event){
			.code = token_in(d, items[i].EventCode),
			.command_key = text_in(d, items[i].CommandKey),
		};
	}
}

static void events_in(struct decoding *d, const struct cwmp__EventList *in, struct cwmp_inform *out)
{
	if (!in)
		return;
	out->events = list_room(d, in->__size, in->__sizeItem, sizeof(*out->events));
	append_events(d, in->EventStruct, in->__size, out);
	append_events(d, in->item, in->__sizeItem, out);
}

void inform_in(struct decoding *d, const struct cwmp__Inform *in)
{
	struct cwmp_inform *inform = &d->message->request.inform;
	device_in(d, in->DeviceId, &inform->device);
	events_in(d, in->Event, inform);
	inform->current_time = token_in(d, in->CurrentTime);
	inform->retry_count = number_in(d, in->RetryCount);
	values_in(d, in->ParameterList, &inform->parameters);
}

static bool decode_request(struct decoding *d)
{
	const struct cwmp__Inform *in = soap_in_cwmp__Inform(d->soap, NULL, NULL, NULL);
	if (in)
		inform_in(d, in);
	return in != NULL;
}

static struct cwmp__EventStruct *events_out(struct encoding *e, const struct cwmp_inform *inform)
{
	struct cwmp__EventStruct *events = arena_array(
		e->arena, inform->event_count, sizeof(*events));
	for (size_t i = 0; i < inform->event_count; i++) {
		events[i].EventCode = text_out(e, inform->events[i].code);
		events[i].CommandKey = text_out(e, inform->events[i].command_key);
	}
	return events;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_inform *inform = &e->message->request.inform;
	struct cwmp__DeviceIdStruct device = {
		.Manufacturer = text_out(e, inform->device.manufacturer),
		.OUI = text_out(e, inform->device.oui),
		.ProductClass = text_out(e, inform->device.product_class),
		.SerialNumber = text_out(e, inform->device.serial_number),
	};
	struct cwmp__EventList events = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:EventStruct", inform->event_count),
		.__size = (int)inform->event_count,
		.EventStruct = events_out(e, inform),
	};
	struct cwmp__ParameterValueList parameters;
	values_out(e, &inform->parameters, &parameters);
	struct cwmp__Inform out = {
		.DeviceId = &device,
		.Event = &events,
		.MaxEnvelopes = number_out(e, 1),
		.CurrentTime = text_out(e, inform->current_time),
		.RetryCount = number_out(e, inform->retry_count),
		.ParameterList = &parameters,
	};
	return soap_put_cwmp__Inform(e->soap, &out, e->tag, NULL);
}

const struct method_message inform_request = { decode_request, encode_request };

static bool decode_response(struct decoding *d)
{
	const struct cwmp__InformResponse *in = soap_in_cwmp__InformResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	d->message->response.max_envelopes = 1;
	return true;
}

static int encode_response(struct encoding *e)
{
	struct cwmp__InformResponse out = { .MaxEnvelopes = number_out(e, 1) };
	return soap_put_cwmp__InformResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message inform_response = { decode_response, encode_response };
