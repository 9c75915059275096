/* schedule_download: ScheduleDownload, TR-069 A.4.1.8.
 * The response has no content. */
#include "cwmp/lists.h"
#include "cwmp/methods.h"

static void append_windows(struct decoding *d, const struct cwmp__TimeWindowStruct *items,
	int count, struct cwmp_schedule_download *out)
{
	for (int i = 0; i < count; i++) {
		const struct cwmp__TimeWindowStruct *in = &items[i];
		require(d, is_number_text(in->WindowStart), "WindowStart");
		require(d, is_number_text(in->WindowEnd), "WindowEnd");
		require(d, !is_blank_text(in->WindowMode), "WindowMode");
		out->windows[out->window_count++] = (struct cwmp_time_window){
			.start = number_in(d, in->WindowStart),
			.end = number_in(d, in->WindowEnd),
			.mode = token_in(d, in->WindowMode),
			.user_message = text_in(d, in->UserMessage),
			.max_retries = signed_in(d, in->MaxRetries),
		};
	}
}

static void windows_in(struct decoding *d, const struct cwmp__TimeWindowList *in,
	struct cwmp_schedule_download *out)
{
	require(d, in && in->__size + in->__sizeItem > 0, "TimeWindowList");
	if (!in)
		return;
	out->windows = list_room(d, in->__size, in->__sizeItem, sizeof(*out->windows));
	append_windows(d, in->TimeWindowStruct, in->__size, out);
	append_windows(d, in->item, in->__sizeItem, out);
}

static bool decode_request(struct decoding *d)
{
	const struct cwmp__ScheduleDownload *in = soap_in_cwmp__ScheduleDownload(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->CommandKey != NULL, "CommandKey");
	require(d, !is_blank_text(in->FileType), "FileType");
	require(d, !is_blank_text(in->URL), "URL");
	struct cwmp_schedule_download *out = &d->message->request.schedule_download;
	*out = (struct cwmp_schedule_download){
		.command_key = text_in(d, in->CommandKey),
		.file_type = token_in(d, in->FileType),
		.url = token_in(d, in->URL),
		.username = text_in(d, in->Username),
		.password = text_in(d, in->Password),
		.file_size = long_in(d, in->FileSize),
		.target_file_name = text_in(d, in->TargetFileName),
	};
	windows_in(d, in->TimeWindowList, out);
	return true;
}

static struct cwmp__TimeWindowStruct *windows_out(
	struct encoding *e, const struct cwmp_schedule_download *in)
{
	struct cwmp__TimeWindowStruct *windows = arena_array(
		e->arena, in->window_count, sizeof(*windows));
	for (size_t i = 0; i < in->window_count; i++) {
		const struct cwmp_time_window *window = &in->windows[i];
		windows[i].WindowStart = number_out(e, window->start);
		windows[i].WindowEnd = number_out(e, window->end);
		windows[i].WindowMode = text_out(e, window->mode);
		windows[i].UserMessage = text_out(e, window->user_message);
		windows[i].MaxRetries = arena_printf(e->arena, "%d", window->max_retries);
	}
	return windows;
}

static int encode_request(struct encoding *e)
{
	const struct cwmp_schedule_download *in = &e->message->request.schedule_download;
	struct cwmp__TimeWindowList windows = {
		.SOAP_ENC__arrayType = array_type_out(e, "cwmp:TimeWindowStruct", in->window_count),
		.__size = (int)in->window_count,
		.TimeWindowStruct = windows_out(e, in),
	};
	struct cwmp__ScheduleDownload out = {
		.CommandKey = text_out(e, in->command_key),
		.FileType = text_out(e, in->file_type),
		.URL = text_out(e, in->url),
		.Username = text_out(e, in->username),
		.Password = text_out(e, in->password),
		.FileSize = file_size_out(e, in->file_size),
		.TargetFileName = text_out(e, in->target_file_name),
		.TimeWindowList = &windows,
	};
	return soap_put_cwmp__ScheduleDownload(e->soap, &out, e->tag, NULL);
}

const struct method_message schedule_download_request = { decode_request, encode_request };
