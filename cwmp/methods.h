/* methods: the table of CWMP methods, and how each one's two messages are read and written.
 * Private to cwmp/. A new method is a line in methods.c and a file in method/. */
#ifndef CWMP_METHODS_H
#define CWMP_METHODS_H

#include "cwmp/soap.h"

/* A request or a response of one method: gSOAP's struct to the plain one and back. */
struct method_message {
	/* Reads the Body's element into d->message. False when gSOAP rejects it; an absent
	 * mandatory argument is noted with require(). */
	bool (*decode)(struct decoding *d);
	/* Writes the element e->tag; a result of gSOAP. */
	int (*encode)(struct encoding *e);
};

struct method {
	const char *name;
	enum cwmp_version since;
	const struct method_message *request, *response;
};

/* Indexed by enum cwmp_method. */
extern const struct method cwmp_methods[CWMP_METHOD_COUNT];

/* Messages without arguments. */
extern const struct method_message empty_message;

/* gSOAP's structs into d->message, whoever filled them. In method/; a list may be NULL. */
void inform_in(struct decoding *d, const struct cwmp__Inform *in);
void get_parameter_values_response_in(
	struct decoding *d, const struct cwmp__ParameterValueList *in);
void get_parameter_names_response_in(struct decoding *d, const struct cwmp__ParameterInfoList *in);

/* In method/, one file per method: */
extern const struct method_message inform_request, inform_response;
extern const struct method_message transfer_complete_request, autonomous_transfer_complete_request;
extern const struct method_message request_download_request;
extern const struct method_message kicked_request, kicked_response;
extern const struct method_message du_state_change_complete_request;
extern const struct method_message autonomous_du_state_change_complete_request;
extern const struct method_message get_rpc_methods_response;
extern const struct method_message get_parameter_names_request, get_parameter_names_response;
extern const struct method_message get_parameter_values_request, get_parameter_values_response;
extern const struct method_message set_parameter_values_request;
extern const struct method_message add_object_request, add_object_response;
extern const struct method_message delete_object_request;
extern const struct method_message get_parameter_attributes_request;
extern const struct method_message get_parameter_attributes_response;
extern const struct method_message set_parameter_attributes_request;
extern const struct method_message download_request, upload_request;
extern const struct method_message transfer_response;   /* Download, Upload */
extern const struct method_message command_key_request; /* Reboot, CancelTransfer */
extern const struct method_message schedule_inform_request;
extern const struct method_message schedule_download_request;
extern const struct method_message get_queued_transfers_response;
extern const struct method_message get_all_queued_transfers_response;
extern const struct method_message change_du_state_request;
extern const struct method_message get_options_request, get_options_response;
extern const struct method_message set_vouchers_request;
/* Methods that we do not know: their content is XML text. */
extern const struct method_message vendor_request, vendor_response;
extern const struct method_message status_response; /* SetParameterValues, DeleteObject */

#endif
