/* fault: the fault codes of TR-069 A.5, their texts, and what older namespaces make of them.
 * Up to 1-0 the schema names every code it allows; from 1-1 on it allows whole ranges. */
#include "cwmp/fault.h"

#include <string.h>

#include "base/compiler.h"
#include "cwmp/cwmp.h"

static const char client[] = "Client", server[] = "Server";

static const struct fault_fact {
	unsigned code;
	const char *class;
	unsigned in_1_0;      /* the code that stands for it in namespace 1-0 */
	unsigned in_transfer; /* the code that stands for it in TransferComplete */
	unsigned in_du;       /* the code that stands for it in DUStateChangeComplete */
	const char *text;
} faults[] = {
	{ 8000, client, 8000, 9002, 9001, "Method not supported" },
	{ 8001, server, 8001, 9002, 9001, "Request denied (no reason specified)" },
	{ 8002, server, 8002, 9002, 9001, "Internal error" },
	{ 8003, client, 8003, 9002, 9001, "Invalid arguments" },
	{ 8004, server, 8004, 9002, 9001, "Resources exceeded" },
	{ 8005, server, 8005, 9002, 9001, "Retry request" },
	{ 8006, server, 8001, 9002, 9001, "ACS version incompatible with CPE" },
	{ 9000, client, 9000, 9002, 9001, "Method not supported" },
	{ 9001, server, 9001, 9001, 9001, "Request denied (no reason specified)" },
	{ 9002, server, 9002, 9002, 9001, "Internal error" },
	{ 9003, client, 9003, 9002, 9003, "Invalid arguments" },
	{ 9004, server, 9004, 9002, 9027, "Resources exceeded" },
	{ 9005, client, 9005, 9002, 9003, "Invalid parameter name" },
	{ 9006, client, 9006, 9002, 9003, "Invalid parameter type" },
	{ 9007, client, 9007, 9002, 9003, "Invalid parameter value" },
	{ 9008, client, 9008, 9002, 9001, "Attempt to set a non-writable parameter" },
	{ 9009, server, 9009, 9002, 9001, "Notification request rejected" },
	{ 9010, server, 9010, 9010, 9017, "File transfer failure" },
	{ 9011, server, 9011, 9011, 9001, "Upload failure" },
	{ 9012, server, 9012, 9012, 9012, "File transfer server authentication failure" },
	{ 9013, server, 9013, 9010, 9013, "Unsupported protocol for file transfer" },
	{ 9014, server, 9010, 9014, 9015, "File transfer failure: unable to join multicast group" },
	{ 9015, server, 9010, 9015, 9015, "File transfer failure: unable to contact file server" },
	{ 9016, server, 9010, 9016, 9016, "File transfer failure: unable to access file" },
	{ 9017, server, 9010, 9017, 9017, "File transfer failure: unable to complete download" },
	{ 9018, server, 9010, 9018, 9018, "File transfer failure: file corrupted" },
	{ 9019, server, 9010, 9019, 9018, "File transfer failure: file authentication failure" },
	{ 9020, server, 9010, 9020, 9017,
		"File transfer failure: unable to complete download within specified "
		"time windows" },
	{ 9021, server, 9001, 9002, 9001,
		"Cancelation of file transfer not permitted in current transfer state" },
	{ 9022, client, 9003, 9002, 9022, "Invalid UUID Format" },
	{ 9023, client, 9003, 9002, 9023, "Unknown Execution Environment" },
	{ 9024, server, 9001, 9002, 9024, "Disabled Execution Environment" },
	{ 9025, client, 9003, 9002, 9025, "Deployment Unit to Execution Environment Mismatch" },
	{ 9026, client, 9003, 9002, 9026, "Duplicate Deployment Unit" },
	{ 9027, server, 9004, 9002, 9027, "System Resources Exceeded" },
	{ 9028, client, 9003, 9002, 9028, "Unknown Deployment Unit" },
	{ 9029, server, 9001, 9002, 9029, "Invalid Deployment Unit State" },
	{ 9030, client, 9003, 9002, 9030,
		"Invalid Deployment Unit Update: downgrade not permitted" },
	{ 9031, client, 9003, 9002, 9031, "Invalid Deployment Unit Update: version not specified" },
	{ 9032, client, 9003, 9002, 9032,
		"Invalid Deployment Unit Update: version already exists" },
};

/* Codes that no table names but the schema allows: reserved ones since 1-1, vendors' always. */
static const struct fault_range {
	unsigned first, last;
	enum cwmp_namespace since;
} ranges[] = {
	{ 8006, 8799, CWMP_NS_1_1 },
	{ 8800, 8899, CWMP_NS_1_0 },
	{ 9020, 9799, CWMP_NS_1_1 },
	{ 9800, 9899, CWMP_NS_1_0 },
};

static const struct fault_fact *find_fact(unsigned code)
{
	for (size_t i = 0; i < LENGTH_OF(faults); i++) {
		if (faults[i].code == code)
			return &faults[i];
	}
	return NULL;
}

static bool in_a_range(enum cwmp_namespace ns, unsigned code)
{
	for (size_t i = 0; i < LENGTH_OF(ranges); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last && ns >= ranges[i].since)
			return true;
	}
	return false;
}

static unsigned internal_error(unsigned code)
{
	return code >= 8000 && code <= 8999 ? 8002 : 9002;
}

const char *cwmp_fault_text(unsigned code)
{
	const struct fault_fact *fact = find_fact(code);
	return fact ? fact->text : "";
}

const char *fault_class(unsigned code)
{
	const struct fault_fact *fact = find_fact(code);
	return fact ? fact->class : server;
}

unsigned cwmp_fault_code_for(enum cwmp_namespace ns, unsigned code)
{
	const struct fault_fact *fact = find_fact(code);
	if (fact)
		return ns == CWMP_NS_1_0 ? fact->in_1_0 : code;
	return in_a_range(ns, code) ? code : internal_error(code);
}

unsigned transfer_fault_code_for(enum cwmp_namespace ns, unsigned code)
{
	if (code == 0)
		return 0;
	const struct fault_fact *fact = find_fact(code);
	if (fact)
		return cwmp_fault_code_for(ns, fact->in_transfer);
	return ns != CWMP_NS_1_0 && code > 9000 && in_a_range(ns, code) ? code : 9002;
}

unsigned du_fault_code_for(unsigned code)
{
	if (code == 0)
		return 0;
	const struct fault_fact *fact = find_fact(code);
	if (fact)
		return fact->in_du;
	return code > 9000 && in_a_range(CWMP_NS_1_2, code) ? code : 9001;
}

void cwmp_make_fault(struct cwmp_message *out, const struct cwmp_message *request, unsigned code,
	const char *text)
{
	unsigned mapped = cwmp_fault_code_for(request->ns, code);
	*out = (struct cwmp_message){
		.ns = request->ns,
		.ns_uri = request->ns_uri,
		.kind = CWMP_FAULT,
		.id = request->id,
		.hold_requests = -1,
		.fault = {
			.fault_code = fault_class(code),
			.fault_string = "CWMP fault",
			.has_detail = true,
			.code = mapped,
			.text = text ? text : cwmp_fault_text(code),
		},
	};
}

void cwmp_make_response(struct cwmp_message *out, const struct cwmp_message *request)
{
	*out = (struct cwmp_message){
		.ns = request->ns,
		.ns_uri = request->ns_uri,
		.kind = CWMP_RESPONSE,
		.method = request->method,
		.method_name = request->method_name,
		.id = request->id,
		.hold_requests = -1,
	};
}

void cwmp_make_request(
	struct cwmp_message *out, enum cwmp_namespace ns, enum cwmp_method method, const char *id)
{
	*out = (struct cwmp_message){
		.ns = ns,
		.kind = CWMP_REQUEST,
		.method = method,
		.method_name = cwmp_method_name(method),
		.id = id,
		.hold_requests = -1,
	};
}
