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

/* What a peer is known to speak; 1.2 to 1.4 share a namespace. */
enum cwmp_version { CWMP_1_0, CWMP_1_1, CWMP_1_2, CWMP_1_3, CWMP_1_4 };

enum cwmp_method {
	CWMP_UNKNOWN_METHOD, /* message.method_name tells which */
	/* CPE to ACS, TR-069 A.3.3 and A.4.2 */
	CWMP_INFORM,
	CWMP_TRANSFER_COMPLETE,
	CWMP_AUTONOMOUS_TRANSFER_COMPLETE,
	CWMP_REQUEST_DOWNLOAD,
	CWMP_KICKED,
	CWMP_DU_STATE_CHANGE_COMPLETE,
	CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
	/* both ways, A.3.1 */
	CWMP_GET_RPC_METHODS,
	/* ACS to CPE, A.3.2 and A.4.1 */
	CWMP_GET_PARAMETER_NAMES,
	CWMP_GET_PARAMETER_VALUES,
	CWMP_SET_PARAMETER_VALUES,
	CWMP_GET_PARAMETER_ATTRIBUTES,
	CWMP_SET_PARAMETER_ATTRIBUTES,
	CWMP_ADD_OBJECT,
	CWMP_DELETE_OBJECT,
	CWMP_DOWNLOAD,
	CWMP_UPLOAD,
	CWMP_REBOOT,
	CWMP_FACTORY_RESET,
	CWMP_SCHEDULE_INFORM,
	CWMP_SCHEDULE_DOWNLOAD,
	CWMP_CANCEL_TRANSFER,
	CWMP_GET_QUEUED_TRANSFERS,
	CWMP_GET_ALL_QUEUED_TRANSFERS,
	CWMP_CHANGE_DU_STATE,
	CWMP_GET_OPTIONS,
	CWMP_SET_VOUCHERS,
	CWMP_METHOD_COUNT,
};

enum cwmp_kind { CWMP_REQUEST, CWMP_RESPONSE, CWMP_FAULT };

/* Limits of the schema; we keep to them, devices need not. */
enum {
	CWMP_COMMAND_KEY_MAX = 32,
	CWMP_NAME_MAX = 256,
	CWMP_URL_MAX = 256,
	CWMP_FILE_TYPE_MAX = 64,
	CWMP_LONG_URL_MAX = 1024, /* of software modules and Kicked */
	CWMP_TIME_WINDOWS_MAX = 2,
	CWMP_REQUEST_ARGUMENTS_MAX = 16,
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

struct cwmp_attribute { /* of GetParameterAttributesResponse */
	const char *name;
	unsigned notification; /* 0 to 6 */
	struct cwmp_strings access_list;
};

struct cwmp_attributes {
	struct cwmp_attribute *items;
	size_t count;
};

struct cwmp_attribute_change { /* of SetParameterAttributes */
	const char *name;      /* complete, or partial ending in '.' */
	bool notification_change;
	unsigned notification;
	bool access_list_change;
	struct cwmp_strings access_list;
};

struct cwmp_attribute_changes {
	struct cwmp_attribute_change *items;
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

struct cwmp_fault_struct { /* of TransferComplete and DUStateChangeComplete; code 0 is success */
	unsigned code;
	const char *text;
};

struct cwmp_transfer_complete {
	const char *command_key;
	struct cwmp_fault_struct fault;
	const char *start_time, *complete_time;
};

struct cwmp_autonomous_transfer { /* AutonomousTransferComplete */
	const char *announce_url;
	const char *transfer_url;
	bool is_download;
	const char *file_type;
	uint64_t file_size;
	const char *target_file_name;
	struct cwmp_fault_struct fault;
	const char *start_time, *complete_time;
};

struct cwmp_argument { /* ArgStruct */
	const char *name;
	const char *value;
};

struct cwmp_request_download {
	const char *file_type;
	struct cwmp_argument *arguments;
	size_t argument_count;
};

struct cwmp_kicked {
	const char *command;
	const char *referer;
	const char *argument; /* Arg */
	const char *next;
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

struct cwmp_upload {
	const char *command_key;
	const char *file_type;
	const char *url;
	const char *username, *password;
	unsigned delay_seconds;
};

struct cwmp_time_window {
	unsigned start, end; /* seconds after the request */
	const char *mode;    /* "1 At Any Time" */
	const char *user_message;
	int max_retries; /* -1: as the CPE likes */
};

struct cwmp_schedule_download {
	const char *command_key;
	const char *file_type;
	const char *url;
	const char *username, *password;
	uint64_t file_size;
	const char *target_file_name;
	struct cwmp_time_window *windows;
	size_t window_count; /* 1 or 2, as we send it */
};

struct cwmp_schedule_inform {
	unsigned delay_seconds;
	const char *command_key;
};

struct cwmp_queued_transfer { /* of GetQueuedTransfers: command_key and state only */
	const char *command_key;
	unsigned state; /* 1 not started, 2 in progress, 3 completed */
	bool is_download;
	const char *file_type;
	uint64_t file_size;
	const char *target_file_name;
};

struct cwmp_queued_transfers {
	struct cwmp_queued_transfer *items;
	size_t count;
};

enum cwmp_du_operation_kind { CWMP_DU_INSTALL, CWMP_DU_UPDATE, CWMP_DU_UNINSTALL };

struct cwmp_du_operation { /* "" leaves an optional argument out */
	enum cwmp_du_operation_kind kind;
	const char *url;
	const char *uuid;
	const char *username, *password;
	const char *version;
	const char *execution_env_ref;
};

struct cwmp_change_du_state {
	struct cwmp_du_operation *operations;
	size_t count;
	const char *command_key;
};

struct cwmp_du_result { /* OpResultStruct and AutonOpResultStruct */
	const char *uuid;
	const char *deployment_unit_ref;
	const char *version;
	const char *current_state; /* "Installed", "Uninstalled", "Failed" */
	bool resolved;
	const char *execution_unit_refs; /* ExecutionUnitRefList, comma-separated */
	const char *start_time, *complete_time;
	struct cwmp_fault_struct fault;
	const char *operation; /* OperationPerformed of the autonomous form, else "" */
};

struct cwmp_du_state_change { /* both DUStateChangeCompletes */
	struct cwmp_du_result *results;
	size_t count;
	const char *command_key; /* "" in the autonomous form */
};

struct cwmp_option { /* OptionStruct */
	const char *name;
	unsigned voucher_sn;
	unsigned state; /* 0 to 3 */
	unsigned mode;  /* 0 to 2 */
	const char *start_date;
	const char *expiration_date; /* "" : for ever */
	bool is_transferable;
};

struct cwmp_options {
	struct cwmp_option *items;
	size_t count;
};

struct cwmp_transfer_response { /* of Download and Upload */
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

/* What had to be mended, or was left out, before a message could be read. */
enum cwmp_repair {
	CWMP_REPAIR_CHARSET,    /* bytes that are not of the charset declared */
	CWMP_REPAIR_CONTROLS,   /* characters that XML cannot carry, replaced by U+FFFD */
	CWMP_REPAIR_AMPERSANDS, /* a bare '&' */
	CWMP_REPAIR_NAMESPACES, /* prefixes that are undeclared or bound to something else */
	CWMP_REPAIR_ATTRIBUTES, /* an attribute twice in one element; the first counts */
	CWMP_REPAIR_REFERENCES, /* multi-reference values (href) */
	CWMP_REPAIR_ITEMS,      /* members of a list under another name, as <item> */
	CWMP_REPAIR_VALUES,     /* a number or boolean that is none, read as 0 */
	CWMP_REPAIR_IGNORED,    /* elements that the message does not have */
	CWMP_REPAIR_DROPPED,    /* entries of a list without their name */
	CWMP_REPAIR_COUNT,
};

/* What an envelope may be too large for, see struct cwmp_limits. */
enum cwmp_limit {
	CWMP_WITHIN_LIMITS,
	CWMP_LIMIT_DEPTH,
	CWMP_LIMIT_TEXT,
	CWMP_LIMIT_ITEMS,
	CWMP_LIMIT_CPU,
};

struct cwmp_message {
	enum cwmp_namespace ns;
	const char
		*ns_uri; /* "urn:dslforum-org:cwmp-2-7", where ns is only the nearest that we know;
			     * else NULL. Encoding uses it as it is. */
	enum cwmp_kind kind;
	enum cwmp_method method; /* CWMP_UNKNOWN_METHOD for faults */
	const char *method_name; /* local name as received, "Response" removed; NULL for faults */

	unsigned repairs;      /* of what was decoded: a bit 1 << n for each enum cwmp_repair */
	enum cwmp_limit limit; /* for which it could not be decoded */

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
		struct cwmp_strings attribute_names;             /* GetParameterAttributes */
		struct cwmp_attribute_changes attribute_changes; /* SetParameterAttributes */
		struct cwmp_object object;                       /* AddObject, DeleteObject */
		struct cwmp_download download;
		struct cwmp_upload upload;
		struct cwmp_schedule_download schedule_download;
		struct cwmp_schedule_inform schedule_inform;
		const char *command_key; /* Reboot, CancelTransfer */
		struct cwmp_change_du_state change_du_state;
		const char *option_name;      /* GetOptions; "": all */
		struct cwmp_strings vouchers; /* SetVouchers, base64 */
		struct cwmp_autonomous_transfer autonomous_transfer;
		struct cwmp_request_download request_download;
		struct cwmp_kicked kicked;
		struct cwmp_du_state_change du_state_change;
		const char *xml; /* CWMP_UNKNOWN_METHOD: the element's content */
	} request;
	union {
		unsigned max_envelopes;      /* Inform; always 1 */
		struct cwmp_strings methods; /* GetRPCMethods */
		struct cwmp_names names;     /* GetParameterNames */
		struct cwmp_values values;   /* GetParameterValues */
		unsigned status;             /* SetParameterValues, DeleteObject */
		struct cwmp_add_object_response add_object;
		struct cwmp_transfer_response transfer; /* Download, Upload */
		struct cwmp_attributes attributes;      /* GetParameterAttributes */
		struct cwmp_queued_transfers queued; /* GetQueuedTransfers, GetAllQueuedTransfers */
		struct cwmp_options options;         /* GetOptions */
		const char *next_url;                /* Kicked */
		const char *xml; /* CWMP_UNKNOWN_METHOD: the element's content */
	} response;
	struct cwmp_fault fault;
};

#endif
