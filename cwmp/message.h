/* message: every CWMP message as plain C, free of XML.
 * A message and all it points to live in one arena. Text is UTF-8 and never NULL unless a field
 * says "or NULL"; numbers are as told by the peer. */
#ifndef CWMP_MESSAGE_H
#define CWMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Versions by namespace URI. 1-3 and 1-4 are not in the schemas, but devices send them. */
enum cwmp_namespace {
	CWMP_NS_1_0,
	CWMP_NS_1_1,
	CWMP_NS_1_2,
	CWMP_NS_1_3,
	CWMP_NS_1_4,
	CWMP_NS_COUNT,
};

enum cwmp_method {
	CWMP_UNKNOWN_METHOD, /* message.method_name tells which */
	/* CPE to ACS, TR-069 A.3.3 */
	CWMP_INFORM,
	CWMP_TRANSFER_COMPLETE,
	/* both ways, A.3.1 */
	CWMP_GET_RPC_METHODS,
	/* ACS to CPE, A.3.2 */
	CWMP_GET_PARAMETER_NAMES,
	CWMP_GET_PARAMETER_VALUES,
	CWMP_SET_PARAMETER_VALUES,
	CWMP_ADD_OBJECT,
	CWMP_DELETE_OBJECT,
	CWMP_DOWNLOAD,
	CWMP_REBOOT,
	CWMP_FACTORY_RESET,
	CWMP_METHOD_COUNT,
};

enum cwmp_kind { CWMP_REQUEST, CWMP_RESPONSE, CWMP_FAULT };

/* Limits of the schema; we keep to them, devices need not. */
enum {
	CWMP_COMMAND_KEY_MAX = 32,
	CWMP_NAME_MAX = 256,
	CWMP_URL_MAX = 256,
	CWMP_FILE_TYPE_MAX = 64,
	CWMP_EVENTS_MAX = 64,
};

struct cwmp_device_id {
	const char *manufacturer;
	const char *oui;
	const char *product_class;
	const char *serial_number;
};

struct cwmp_event {
	const char *code; /* "0 BOOTSTRAP" */
	const char *command_key;
};

struct cwmp_value {
	const char *name;
	const char *value;
	const char *
		type; /* "xsd:string", "xsd:boolean"…; NULL when the peer gave none or an unknown one */
};

struct cwmp_name {
	const char *name;
	bool writable;
};

struct cwmp_parameter_fault {
	const char *name;
	unsigned code;
	const char *text;
};

struct cwmp_strings {
	const char **items;
	size_t count;
};

struct cwmp_values {
	struct cwmp_value *items;
	size_t count;
};

struct cwmp_inform {
	struct cwmp_device_id device;
	struct cwmp_event *events;
	size_t event_count;
	const char *current_time; /* as told; never used in logic */
	unsigned retry_count;
	struct cwmp_values parameters;
};

struct cwmp_fault_struct { /* of TransferComplete; code 0 is success */
	unsigned code;
	const char *text;
};

struct cwmp_transfer_complete {
	const char *command_key;
	struct cwmp_fault_struct fault;
	const char *start_time, *complete_time;
};

struct cwmp_get_parameter_names {
	const char *path;
	bool next_level;
};

struct cwmp_names {
	struct cwmp_name *items;
	size_t count;
};

struct cwmp_set_parameter_values {
	struct cwmp_values parameters;
	const char *parameter_key;
};

struct cwmp_object { /* AddObject and DeleteObject */
	const char *name;
	const char *parameter_key;
};

struct cwmp_add_object_response {
	unsigned instance_number;
	unsigned status;
};

struct cwmp_download {
	const char *command_key;
	const char *file_type;
	const char *url;
	const char *username, *password;
	uint64_t file_size;
	const char *target_file_name;
	unsigned delay_seconds;
	const char *success_url, *failure_url;
};

struct cwmp_transfer_response { /* of Download */
	unsigned status;
	const char *start_time, *complete_time; /* "" when the peer left them out */
};

struct cwmp_fault {
	const char *fault_code;   /* "Client" or "Server", prefix removed */
	const char *fault_string; /* of SOAP */
	bool has_detail;          /* false: no cwmp:Fault, code is 0 */
	unsigned code;
	const char *text;
	struct cwmp_parameter_fault *parameters; /* SetParameterValuesFault */
	size_t parameter_count;
};

struct cwmp_message {
	enum cwmp_namespace ns;
	enum cwmp_kind kind;
	enum cwmp_method method; /* CWMP_UNKNOWN_METHOD for faults */
	const char *method_name; /* local name as received, "Response" removed; NULL for faults */

	/* SOAP header (TR-069 3.4.2) */
	const char *id;                 /* or NULL: no ID header */
	int hold_requests;              /* -1 absent, else 0 or 1 */
	unsigned session_timeout;       /* seconds, 0 absent */
	const char *supported_versions; /* SupportedCWMPVersions, or NULL */
	const char *use_version;        /* UseCWMPVersion, or NULL */

	union {
		struct cwmp_inform inform;
		struct cwmp_transfer_complete transfer_complete;
		struct cwmp_get_parameter_names get_parameter_names;
		struct cwmp_strings parameter_names; /* GetParameterValues */
		struct cwmp_set_parameter_values set_parameter_values;
		struct cwmp_object object; /* AddObject, DeleteObject */
		struct cwmp_download download;
		const char *command_key; /* Reboot */
	} request;
	union {
		unsigned max_envelopes;      /* Inform; always 1 */
		struct cwmp_strings methods; /* GetRPCMethods */
		struct cwmp_names names;     /* GetParameterNames */
		struct cwmp_values values;   /* GetParameterValues */
		unsigned status;             /* SetParameterValues, DeleteObject */
		struct cwmp_add_object_response add_object;
		struct cwmp_transfer_response transfer; /* Download */
	} response;
	struct cwmp_fault fault;
};

#endif
