/* methods: the table of CWMP methods, and how each one's two messages are read and written.
 * In the order of enum cwmp_method. */
#include "cwmp/methods.h"

#include <string.h>

#include "cwmp/cwmp.h"

const struct method cwmp_methods[CWMP_METHOD_COUNT] = {
	[CWMP_UNKNOWN_METHOD] = { "", &empty_message, &empty_message },
	[CWMP_INFORM] = { "Inform", &inform_request, &inform_response },
	[CWMP_TRANSFER_COMPLETE] = { "TransferComplete", &transfer_complete_request,
		&empty_message },
	[CWMP_AUTONOMOUS_TRANSFER_COMPLETE] = { "AutonomousTransferComplete", &empty_message,
		&empty_message },
	[CWMP_REQUEST_DOWNLOAD] = { "RequestDownload", &empty_message, &empty_message },
	[CWMP_KICKED] = { "Kicked", &empty_message, &empty_message },
	[CWMP_DU_STATE_CHANGE_COMPLETE] = { "DUStateChangeComplete", &empty_message,
		&empty_message },
	[CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE] = { "AutonomousDUStateChangeComplete",
		&empty_message, &empty_message },
	[CWMP_GET_RPC_METHODS] = { "GetRPCMethods", &empty_message, &get_rpc_methods_response },
	[CWMP_GET_PARAMETER_NAMES] = { "GetParameterNames", &get_parameter_names_request,
		&get_parameter_names_response },
	[CWMP_GET_PARAMETER_VALUES] = { "GetParameterValues", &get_parameter_values_request,
		&get_parameter_values_response },
	[CWMP_SET_PARAMETER_VALUES] = { "SetParameterValues", &set_parameter_values_request,
		&status_response },
	[CWMP_GET_PARAMETER_ATTRIBUTES] = { "GetParameterAttributes", &empty_message,
		&empty_message },
	[CWMP_SET_PARAMETER_ATTRIBUTES] = { "SetParameterAttributes", &empty_message,
		&empty_message },
	[CWMP_ADD_OBJECT] = { "AddObject", &add_object_request, &add_object_response },
	[CWMP_DELETE_OBJECT] = { "DeleteObject", &delete_object_request, &status_response },
	[CWMP_DOWNLOAD] = { "Download", &download_request, &download_response },
	[CWMP_UPLOAD] = { "Upload", &empty_message, &empty_message },
	[CWMP_REBOOT] = { "Reboot", &reboot_request, &empty_message },
	[CWMP_FACTORY_RESET] = { "FactoryReset", &empty_message, &empty_message },
	[CWMP_SCHEDULE_INFORM] = { "ScheduleInform", &empty_message, &empty_message },
	[CWMP_SCHEDULE_DOWNLOAD] = { "ScheduleDownload", &empty_message, &empty_message },
	[CWMP_CANCEL_TRANSFER] = { "CancelTransfer", &empty_message, &empty_message },
	[CWMP_GET_QUEUED_TRANSFERS] = { "GetQueuedTransfers", &empty_message, &empty_message },
	[CWMP_GET_ALL_QUEUED_TRANSFERS] = { "GetAllQueuedTransfers", &empty_message,
		&empty_message },
	[CWMP_CHANGE_DU_STATE] = { "ChangeDUState", &empty_message, &empty_message },
	[CWMP_GET_OPTIONS] = { "GetOptions", &empty_message, &empty_message },
	[CWMP_SET_VOUCHERS] = { "SetVouchers", &empty_message, &empty_message },
};

const char *cwmp_method_name(enum cwmp_method method)
{
	return cwmp_methods[method].name;
}

enum cwmp_method cwmp_method_by_name(const char *name)
{
	for (size_t i = CWMP_UNKNOWN_METHOD + 1; i < CWMP_METHOD_COUNT; i++) {
		if (strcmp(cwmp_methods[i].name, name) == 0)
			return (enum cwmp_method)i;
	}
	return CWMP_UNKNOWN_METHOD;
}

/* Reads any element and keeps nothing of it: methods without arguments, and those unknown to us. */
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
	d->message->response.status = number_in(in->Status);
	return true;
}

static int encode_status(struct encoding *e)
{
	struct cwmp__StatusResponse out = { .Status = number_out(e, e->message->response.status) };
	return soap_put_cwmp__StatusResponse(e->soap, &out, e->tag, NULL);
}

const struct method_message status_response = { decode_status, encode_status };
