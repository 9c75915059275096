/* methods: the table of CWMP methods, and how each one's two messages are read and written.
 * In the order of enum cwmp_method. */
#include "cwmp/methods.h"

#include <string.h>

#include "cwmp/cwmp.h"

const struct method cwmp_methods[CWMP_METHOD_COUNT] = {
	[CWMP_UNKNOWN_METHOD] = { "", CWMP_1_0, &vendor_request, &vendor_response },
	[CWMP_INFORM] = { "Inform", CWMP_1_0, &inform_request, &inform_response },
	[CWMP_TRANSFER_COMPLETE] = { "TransferComplete", CWMP_1_0, &transfer_complete_request,
		&empty_message },
	[CWMP_AUTONOMOUS_TRANSFER_COMPLETE] = { "AutonomousTransferComplete", CWMP_1_1,
		&autonomous_transfer_complete_request, &empty_message },
	[CWMP_REQUEST_DOWNLOAD] = { "RequestDownload", CWMP_1_0, &request_download_request,
		&empty_message },
	[CWMP_KICKED] = { "Kicked", CWMP_1_0, &kicked_request, &kicked_response },
	[CWMP_DU_STATE_CHANGE_COMPLETE] = { "DUStateChangeComplete", CWMP_1_2,
		&du_state_change_complete_request, &empty_message },
	[CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE] = { "AutonomousDUStateChangeComplete", CWMP_1_2,
		&autonomous_du_state_change_complete_request, &empty_message },
	[CWMP_GET_RPC_METHODS] = { "GetRPCMethods", CWMP_1_0, &empty_message,
		&get_rpc_methods_response },
	[CWMP_GET_PARAMETER_NAMES] = { "GetParameterNames", CWMP_1_0, &get_parameter_names_request,
		&get_parameter_names_response },
	[CWMP_GET_PARAMETER_VALUES] = { "GetParameterValues", CWMP_1_0,
		&get_parameter_values_request, &get_parameter_values_response },
	[CWMP_SET_PARAMETER_VALUES] = { "SetParameterValues", CWMP_1_0,
		&set_parameter_values_request, &status_response },
	[CWMP_GET_PARAMETER_ATTRIBUTES] = { "GetParameterAttributes", CWMP_1_0,
		&get_parameter_attributes_request, &get_parameter_attributes_response },
	[CWMP_SET_PARAMETER_ATTRIBUTES] = { "SetParameterAttributes", CWMP_1_0,
		&set_parameter_attributes_request, &empty_message },
	[CWMP_ADD_OBJECT] = { "AddObject", CWMP_1_0, &add_object_request, &add_object_response },
	[CWMP_DELETE_OBJECT] = { "DeleteObject", CWMP_1_0, &delete_object_request,
		&status_response },
	[CWMP_DOWNLOAD] = { "Download", CWMP_1_0, &download_request, &transfer_response },
	[CWMP_UPLOAD] = { "Upload", CWMP_1_0, &upload_request, &transfer_response },
	[CWMP_REBOOT] = { "Reboot", CWMP_1_0, &command_key_request, &empty_message },
	[CWMP_FACTORY_RESET] = { "FactoryReset", CWMP_1_0, &empty_message, &empty_message },
	[CWMP_SCHEDULE_INFORM] = { "ScheduleInform", CWMP_1_0, &schedule_inform_request,
		&empty_message },
	[CWMP_SCHEDULE_DOWNLOAD] = { "ScheduleDownload", CWMP_1_2, &schedule_download_request,
		&empty_message },
	[CWMP_CANCEL_TRANSFER] = { "CancelTransfer", CWMP_1_2, &command_key_request,
		&empty_message },
	[CWMP_GET_QUEUED_TRANSFERS] = { "GetQueuedTransfers", CWMP_1_0, &empty_message,
		&get_queued_transfers_response },
	[CWMP_GET_ALL_QUEUED_TRANSFERS] = { "GetAllQueuedTransfers", CWMP_1_1, &empty_message,
		&get_all_queued_transfers_response },
	[CWMP_CHANGE_DU_STATE] = { "ChangeDUState", CWMP_1_2, &change_du_state_request,
		&empty_message },
	[CWMP_GET_OPTIONS] = { "GetOptions", CWMP_1_0, &get_options_request,
		&get_options_response },
	[CWMP_SET_VOUCHERS] = { "SetVouchers", CWMP_1_0, &set_vouchers_request, &empty_message },
};

const char *cwmp_method_name(enum cwmp_method method)
{
	return cwmp_methods[method].name;
}

enum cwmp_version cwmp_method_since(enum cwmp_method method)
{
	return cwmp_methods[method].since;
}

const char *cwmp_version_name(enum cwmp_version version)
{
	static const char *const names[] = {
		[CWMP_1_0] = "1.0",
		[CWMP_1_1] = "1.1",
		[CWMP_1_2] = "1.2",
		[CWMP_1_3] = "1.3",
		[CWMP_1_4] = "1.4",
	};
	return names[version];
}

enum cwmp_method cwmp_method_by_name(const char *name)
{
	for (size_t i = CWMP_UNKNOWN_METHOD + 1; i < CWMP_METHOD_COUNT; i++) {
		if (strcmp(cwmp_methods[i].name, name) == 0)
			return (enum cwmp_method)i;
	}
	return CWMP_UNKNOWN_METHOD;
}

/* Methods without arguments: whatever stands there is not kept. */
static bool decode_empty(struct decoding *d)
{
	return soap_in_cwmp__Empty(d->soap, NULL, NULL, NULL) != NULL;
}

static int encode_empty(struct encoding *e)
{
	struct cwmp__Empty empty;
	soap_default_cwmp__Empty(e->soap, &empty);
	return soap_put_cwmp__Empty(e->soap, &empty, e->tag, NULL);
}

const struct method_message empty_message = { decode_empty, encode_empty };

static bool decode_status(struct decoding *d)
{
	const struct cwmp__StatusResponse *in = soap_in_cwmp__StatusResponse(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, !is_blank_text(in->Status), "Status");
	d->message->response.status = number_in(d, in->Status);
	return true;
}

static int encode_status(struct encoding *e)
{
	struct cwmp__StatusResponse out = { .Status = number_out(e, e->message->response.status) };
	return soap_put_cwmp__StatusResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message status_response = { decode_status, encode_status };
