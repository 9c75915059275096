/* schedule_inform: ScheduleInform, TR-069 A.4.1.2.
 * The response has no content. */
#include "cwmp/methods.h"

static bool decode_request(struct decoding *d)
{
	const struct cwmp__ScheduleInform *in = soap_in_cwmp__ScheduleInform(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, is_number_text(in->DelaySeconds), "DelaySeconds");
	require(d, in->CommandKey != NULL, "CommandKey");
	d->message->request.schedule_inform = (struct cwmp_schedule_inform){
		.delay_seconds = number_in(d, in->DelaySeconds),
		.command_key = text_in(d, in->CommandKey),
	};
	return true;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_schedule_inform *in = &e->message->request.schedule_inform;
	struct cwmp__ScheduleInform out = {
		.DelaySeconds = number_out(e, in->delay_seconds),
		.CommandKey = text_out(e, in->command_key),
	};
	return soap_put_cwmp__ScheduleInform(e->soap, &out, e->tag, NULL);
}

const struct method_message schedule_inform_request = { decode_request, encode_request };
