/* samples: one message of every method and kind, and a text that tells all its fields.
 * Two messages are equal when their texts are. */
#ifndef CWMP_SAMPLES_H
#define CWMP_SAMPLES_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/cwmp.h"
#include "cwmp/message.h"

static inline struct cwmp_values sample_values(void)
{
	static struct cwmp_value items[] = {
		{ "Device.DeviceInfo.SoftwareVersion", "1.2.3 <&> \"quoted\" 'too'", "xsd:string" },
		{ "Device.ManagementServer.PeriodicInformEnable", "1", "xsd:boolean" },
		{ "Device.ManagementServer.PeriodicInformInterval", "3600", "xsd:unsignedInt" },
		{ "Device.Time.CurrentLocalTime", "2024-02-29T12:00:00Z", "xsd:dateTime" },
		{ "Device.DeviceInfo.Description",
			"  gr\xC3\xBC\xC3\x9F Gott \xF0\x9F\x98\x80\n\ttab ", "xsd:string" },
		{ "Device.X_ACME_Empty", "", "xsd:string" },
	};
	return (struct cwmp_values){ items, LENGTH_OF(items) };
}

static inline struct cwmp_strings sample_strings(void)
{
	static const char *items[] = { "Device.DeviceInfo.", "Device.Time.NTPServer1" };
	return (struct cwmp_strings){ items, LENGTH_OF(items) };
}

static inline void sample_inform(struct cwmp_message *m)
{
	static struct cwmp_event events[] = { { "1 BOOT", "" }, { "M Reboot", "key 7" } };
	m->request.inform = (struct cwmp_inform){
		.device = { "ACME & Sons", "00A0C9", "Box (v2)!", "SN:0001%/x" },
		.events = events,
		.event_count = LENGTH_OF(events),
		.current_time = "2024-01-02T03:04:05+01:00",
		.retry_count = 3,
		.parameters = sample_values(),
	};
}

static inline struct cwmp_autonomous_transfer sample_autonomous_transfer(void)
{
	return (struct cwmp_autonomous_transfer){
		.announce_url = "http://announce.example/<1>",
		.transfer_url = "http://server.example/?a=1&b=2",
		.is_download = true,
		.file_type = "1 Firmware Upgrade Image",
		.file_size = 12345,
		.target_file_name = "image.bin",
		.fault = { 9010, "no such file" },
		.start_time = "2024-01-02T03:04:05Z",
		.complete_time = CWMP_UNKNOWN_TIME,
	};
}

static inline struct cwmp_schedule_download sample_schedule_download(void)
{
	static struct cwmp_time_window windows[] = {
		{ 0, 3600, "1 At Any Time", "", -1 },
		{ 86400, 90000, "4 Confirmation Needed", "May we <upgrade>?", 3 },
	};
	return (struct cwmp_schedule_download){
		.command_key = "42.1",
		.file_type = "1 Firmware Upgrade Image",
		.url = "http://acs.example/d/token/file?a=1&b=2",
		.username = "user",
		.password = "p<a>ss",
		.file_size = 4294967295u,
		.target_file_name = "image.bin",
		.windows = windows,
		.window_count = LENGTH_OF(windows),
	};
}

#define SAMPLE_UUID "5c8d1f70-6a1f-4c8e-8c7b-0a1b2c3d4e5f"

static inline struct cwmp_change_du_state sample_change_du_state(void)
{
	static struct cwmp_du_operation operations[] = {
		{ CWMP_DU_UNINSTALL, "", SAMPLE_UUID, "", "", "1.0", "Device.X.ExecEnv.1" },
		{ CWMP_DU_INSTALL, "http://s.example/du?a&b", SAMPLE_UUID, "user", "secret", "",
			"Device.SoftwareModules.ExecEnv.1" },
		{ CWMP_DU_UPDATE, "http://s.example/du2", SAMPLE_UUID, "user", "secret", "2.0",
			"" },
		{ CWMP_DU_INSTALL, "http://s.example/plain", "", "", "", "", "" },
		{ CWMP_DU_UPDATE, "", "", "", "", "", "" },
	};
	return (struct cwmp_change_du_state){ operations, LENGTH_OF(operations), "42.1" };
}

static inline void sample_du_results(struct cwmp_message *m)
{
	static struct cwmp_du_result results[2];
	bool is_autonomous = m->method == CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE;
	results[0] = (struct cwmp_du_result){
		.uuid = SAMPLE_UUID,
		.deployment_unit_ref = "Device.SoftwareModules.DeploymentUnit.1",
		.version = "1.0",
		.current_state = "Installed",
		.resolved = true,
		.execution_unit_refs = "Device.A.1,Device.A.2",
		.start_time = "2024-01-02T03:04:05Z",
		.complete_time = "2024-01-02T03:04:06Z",
		.fault = { 0, "" },
		.operation = is_autonomous ? "Install" : "",
	};
	results[1] = results[0];
	results[1].current_state = "Failed";
	results[1].fault = (struct cwmp_fault_struct){ 9026, "there already" };
	m->request.du_state_change = (struct cwmp_du_state_change){ results, LENGTH_OF(results),
		is_autonomous ? "" : "42.1" };
}

static inline void sample_request(struct cwmp_message *m)
{
	static struct cwmp_attribute_change changes[] = {
		{ "Device.Time.", true, 2, false, { NULL, 0 } },
		{ "Device.DeviceInfo.Description", false, 0, true, { NULL, 0 } },
	};
	static const char *access_list[] = { "Subscriber" };
	static struct cwmp_argument arguments[] = { { "Version", "1 & 2" }, { "Empty", "" } };
	static const char *vouchers[] = { "Zm9v", "YmFy" };
	changes[1].access_list = (struct cwmp_strings){ access_list, LENGTH_OF(access_list) };
	switch (m->method) {
	case CWMP_INFORM:
		sample_inform(m);
		break;
	case CWMP_TRANSFER_COMPLETE:
		m->request.transfer_complete = (struct cwmp_transfer_complete){
			.command_key = "42.1",
			.fault = { 9010, "Download failure" },
			.start_time = "0001-01-01T00:00:00Z",
			.complete_time = "2024-01-02T03:04:05Z",
		};
		break;
	case CWMP_GET_PARAMETER_NAMES:
		m->request.get_parameter_names = (struct cwmp_get_parameter_names){ "Device.",
			true };
		break;
	case CWMP_GET_PARAMETER_VALUES:
		m->request.parameter_names = sample_strings();
		break;
	case CWMP_SET_PARAMETER_VALUES:
		m->request.set_parameter_values =
			(struct cwmp_set_parameter_values){ sample_values(), "key" };
		break;
	case CWMP_ADD_OBJECT:
	case CWMP_DELETE_OBJECT:
		m->request.object = (struct cwmp_object){ "Device.NAT.PortMapping.", "" };
		break;
	case CWMP_DOWNLOAD:
		m->request.download = (struct cwmp_download){
			.command_key = "42.1",
			.file_type = "1 Firmware Upgrade Image",
			.url = "http://acs.example/d/token/file?a=1&b=2",
			.username = "user",
			.password = "p<a>ss",
			.file_size = 4294967295u,
			.target_file_name = "image.bin",
			.delay_seconds = 60,
			.success_url = "",
			.failure_url = "",
		};
		break;
	case CWMP_REBOOT:
	case CWMP_CANCEL_TRANSFER:
		m->request.command_key = "42.1";
		break;
	case CWMP_AUTONOMOUS_TRANSFER_COMPLETE:
		m->request.autonomous_transfer = sample_autonomous_transfer();
		break;
	case CWMP_REQUEST_DOWNLOAD:
		m->request.request_download = (struct cwmp_request_download){
			"1 Firmware Upgrade Image", arguments, LENGTH_OF(arguments)
		};
		break;
	case CWMP_KICKED:
		m->request.kicked = (struct cwmp_kicked){ "start", "http://cpe.example/", "a=1&b=2",
			"http://next.example/" };
		break;
	case CWMP_DU_STATE_CHANGE_COMPLETE:
	case CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE:
		sample_du_results(m);
		break;
	case CWMP_GET_PARAMETER_ATTRIBUTES:
		m->request.attribute_names = sample_strings();
		break;
	case CWMP_SET_PARAMETER_ATTRIBUTES:
		m->request.attribute_changes = (struct cwmp_attribute_changes){ changes,
			LENGTH_OF(changes) };
		break;
	case CWMP_UPLOAD:
		m->request.upload = (struct cwmp_upload){ "42.1", "1 Vendor Configuration File",
			"http://acs.example/u/token", "user", "p<a>ss", 60 };
		break;
	case CWMP_SCHEDULE_INFORM:
		m->request.schedule_inform = (struct cwmp_schedule_inform){ 3600, "42.1" };
		break;
	case CWMP_SCHEDULE_DOWNLOAD:
		m->request.schedule_download = sample_schedule_download();
		break;
	case CWMP_CHANGE_DU_STATE:
		m->request.change_du_state = sample_change_du_state();
		break;
	case CWMP_GET_OPTIONS:
		m->request.option_name = "Firewall";
		break;
	case CWMP_SET_VOUCHERS:
		m->request.vouchers = (struct cwmp_strings){ vouchers, LENGTH_OF(vouchers) };
		break;
	case CWMP_UNKNOWN_METHOD:
		m->request.xml = "<Step xsi:type=\"xsd:int\">1</Step><To><Left/></To> text &amp; ";
		break;
	case CWMP_GET_RPC_METHODS:
	case CWMP_FACTORY_RESET:
	case CWMP_GET_QUEUED_TRANSFERS:
	case CWMP_GET_ALL_QUEUED_TRANSFERS:
	case CWMP_METHOD_COUNT:
		break;
	}
}

static inline struct cwmp_queued_transfers sample_queued(enum cwmp_method method)
{
	static struct cwmp_queued_transfer brief[] = {
		{ "42.1", 1, false, "", 0, "" },
		{ "42.2", 3, false, "", 0, "" },
	};
	static struct cwmp_queued_transfer all[] = {
		{ "42.1", 1, true, "1 Firmware Upgrade Image", 12345, "image.bin" },
		{ "42.2", 2, false, "4 Vendor Log File", 0, "" },
	};
	bool is_brief = method == CWMP_GET_QUEUED_TRANSFERS;
	return (struct cwmp_queued_transfers){ is_brief ? brief : all, LENGTH_OF(all) };
}

static inline void sample_response(struct cwmp_message *m)
{
	static const char *access_list[] = { "Subscriber" };
	static struct cwmp_attribute attributes[] = {
		{ "Device.DeviceInfo.SoftwareVersion", 2, { NULL, 0 } },
		{ "Device.Time.NTPServer1", 0, { NULL, 0 } },
	};
	static struct cwmp_option options[] = {
		{ "Firewall", 7, 1, 2, "2024-01-02T03:04:05Z", "2025-01-02T03:04:05Z", true },
		{ "For ever", 8, 3, 0, "2024-01-02T03:04:05Z", "", false },
	};
	attributes[1].access_list = (struct cwmp_strings){ access_list, LENGTH_OF(access_list) };
	static struct cwmp_name names[] = { { "Device.", false },
		{ "Device.Time.NTPServer1", true } };
	static const char *methods[] = { "GetRPCMethods", "X_ACME_Dance" };
	switch (m->method) {
	case CWMP_INFORM:
		m->response.max_envelopes = 1;
		break;
	case CWMP_GET_RPC_METHODS:
		m->response.methods = (struct cwmp_strings){ methods, LENGTH_OF(methods) };
		break;
	case CWMP_GET_PARAMETER_NAMES:
		m->response.names = (struct cwmp_names){ names, LENGTH_OF(names) };
		break;
	case CWMP_GET_PARAMETER_VALUES:
		m->response.values = sample_values();
		break;
	case CWMP_SET_PARAMETER_VALUES:
	case CWMP_DELETE_OBJECT:
		m->response.status = 1;
		break;
	case CWMP_ADD_OBJECT:
		m->response.add_object = (struct cwmp_add_object_response){ 7, 1 };
		break;
	case CWMP_DOWNLOAD:
	case CWMP_UPLOAD:
		m->response.transfer = (struct cwmp_transfer_response){
			1,
			CWMP_UNKNOWN_TIME,
			CWMP_UNKNOWN_TIME,
		};
		break;
	case CWMP_KICKED:
		m->response.next_url = "http://next.example/?a=1&b=2";
		break;
	case CWMP_GET_PARAMETER_ATTRIBUTES:
		m->response.attributes = (struct cwmp_attributes){ attributes,
			LENGTH_OF(attributes) };
		break;
	case CWMP_GET_QUEUED_TRANSFERS:
	case CWMP_GET_ALL_QUEUED_TRANSFERS:
		m->response.queued = sample_queued(m->method);
		break;
	case CWMP_GET_OPTIONS:
		m->response.options = (struct cwmp_options){ options, LENGTH_OF(options) };
		break;
	case CWMP_UNKNOWN_METHOD:
		m->response.xml = "<Status>0</Status>";
		break;
	default: /* a response without content */
		break;
	}
}

static inline void sample_fault(struct cwmp_message *m)
{
	static struct cwmp_parameter_fault faults[] = {
		{ "Device.Time.NTPServer1", 9007, "too long" },
		{ "Device.Time.Nothing", 9005, "" },
	};
	m->method = CWMP_UNKNOWN_METHOD;
	m->method_name = NULL;
	m->fault = (struct cwmp_fault){
		.fault_code = "Client",
		.fault_string = "CWMP fault",
		.has_detail = true,
		.code = 9003,
		.text = "Invalid arguments",
		.parameters = faults,
		.parameter_count = LENGTH_OF(faults),
	};
}

static inline void sample_message(struct cwmp_message *m, enum cwmp_namespace ns,
	enum cwmp_method method, enum cwmp_kind kind)
{
	cwmp_make_request(m, ns, method, "id <1>  & more ");
	if (method == CWMP_UNKNOWN_METHOD)
		m->method_name = "X_ACME_Dance";
	m->kind = kind;
	if (kind == CWMP_REQUEST)
		sample_request(m);
	else if (kind == CWMP_RESPONSE)
		sample_response(m);
	else
		sample_fault(m);
}

static inline void tell_values(struct buffer *b, const struct cwmp_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		buffer_printf(b, "%s (%s) = [%s]\n", values->items[i].name,
			values->items[i].type ? values->items[i].type : "no type",
			values->items[i].value);
}

static inline void tell_strings(struct buffer *b, const struct cwmp_strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		buffer_printf(b, "[%s]\n", strings->items[i]);
}

static inline void tell_inform(struct buffer *b, const struct cwmp_inform *inform)
{
	buffer_printf(b, "device [%s] [%s] [%s] [%s]\n", inform->device.manufacturer,
		inform->device.oui, inform->device.product_class, inform->device.serial_number);
	for (size_t i = 0; i < inform->event_count; i++)
		buffer_printf(b, "event [%s] [%s]\n", inform->events[i].code,
			inform->events[i].command_key);
	buffer_printf(b, "time [%s] retries %u\n", inform->current_time, inform->retry_count);
	tell_values(b, &inform->parameters);
}

static inline void tell_download(struct buffer *b, const struct cwmp_download *d)
{
	buffer_printf(b, "[%s] [%s] [%s] [%s] [%s] %llu [%s] %u [%s] [%s]\n", d->command_key,
		d->file_type, d->url, d->username, d->password, (unsigned long long)d->file_size,
		d->target_file_name, d->delay_seconds, d->success_url, d->failure_url);
}

static inline void tell_upload(struct buffer *b, const struct cwmp_upload *u)
{
	buffer_printf(b, "[%s] [%s] [%s] [%s] [%s] %u\n", u->command_key, u->file_type, u->url,
		u->username, u->password, u->delay_seconds);
}

static inline void tell_schedule_download(struct buffer *b, const struct cwmp_schedule_download *d)
{
	buffer_printf(b, "[%s] [%s] [%s] [%s] [%s] %llu [%s]\n", d->command_key, d->file_type,
		d->url, d->username, d->password, (unsigned long long)d->file_size,
		d->target_file_name);
	for (size_t i = 0; i < d->window_count; i++)
		buffer_printf(b, "window %u %u [%s] [%s] %d\n", d->windows[i].start,
			d->windows[i].end, d->windows[i].mode, d->windows[i].user_message,
			d->windows[i].max_retries);
}

static inline void tell_autonomous_transfer(
	struct buffer *b, const struct cwmp_autonomous_transfer *t)
{
	buffer_printf(b, "[%s] [%s] %d [%s] %llu [%s] %u [%s] [%s] [%s]\n", t->announce_url,
		t->transfer_url, t->is_download, t->file_type, (unsigned long long)t->file_size,
		t->target_file_name, t->fault.code, t->fault.text, t->start_time, t->complete_time);
}

static inline void tell_change_du_state(struct buffer *b, const struct cwmp_change_du_state *c)
{
	buffer_printf(b, "[%s]\n", c->command_key);
	for (size_t i = 0; i < c->count; i++) {
		const struct cwmp_du_operation *o = &c->operations[i];
		buffer_printf(b, "operation %d [%s] [%s] [%s] [%s] [%s] [%s]\n", o->kind, o->url,
			o->uuid, o->username, o->password, o->version, o->execution_env_ref);
	}
}

static inline void tell_du_results(struct buffer *b, const struct cwmp_du_state_change *c)
{
	buffer_printf(b, "[%s]\n", c->command_key);
	for (size_t i = 0; i < c->count; i++) {
		const struct cwmp_du_result *r = &c->results[i];
		buffer_printf(b, "result [%s] [%s] [%s] [%s] %d [%s] [%s] [%s] %u [%s] [%s]\n",
			r->uuid, r->deployment_unit_ref, r->version, r->current_state, r->resolved,
			r->execution_unit_refs, r->start_time, r->complete_time, r->fault.code,
			r->fault.text, r->operation);
	}
}

static inline void tell_attribute_changes(
	struct buffer *b, const struct cwmp_attribute_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct cwmp_attribute_change *c = &changes->items[i];
		buffer_printf(b, "[%s] %d %u %d\n", c->name, c->notification_change,
			c->notification, c->access_list_change);
		tell_strings(b, &c->access_list);
	}
}

static inline void tell_request(struct buffer *b, const struct cwmp_message *m)
{
	switch (m->method) {
	case CWMP_INFORM:
		tell_inform(b, &m->request.inform);
		break;
	case CWMP_TRANSFER_COMPLETE: {
		const struct cwmp_transfer_complete *t = &m->request.transfer_complete;
		buffer_printf(b, "[%s] %u [%s] [%s] [%s]\n", t->command_key, t->fault.code,
			t->fault.text, t->start_time, t->complete_time);
		break;
	}
	case CWMP_GET_PARAMETER_NAMES:
		buffer_printf(b, "[%s] %d\n", m->request.get_parameter_names.path,
			m->request.get_parameter_names.next_level);
		break;
	case CWMP_GET_PARAMETER_VALUES:
		tell_strings(b, &m->request.parameter_names);
		break;
	case CWMP_SET_PARAMETER_VALUES:
		tell_values(b, &m->request.set_parameter_values.parameters);
		buffer_printf(b, "[%s]\n", m->request.set_parameter_values.parameter_key);
		break;
	case CWMP_ADD_OBJECT:
	case CWMP_DELETE_OBJECT:
		buffer_printf(
			b, "[%s] [%s]\n", m->request.object.name, m->request.object.parameter_key);
		break;
	case CWMP_DOWNLOAD:
		tell_download(b, &m->request.download);
		break;
	case CWMP_REBOOT:
	case CWMP_CANCEL_TRANSFER:
		buffer_printf(b, "[%s]\n", m->request.command_key);
		break;
	case CWMP_AUTONOMOUS_TRANSFER_COMPLETE:
		tell_autonomous_transfer(b, &m->request.autonomous_transfer);
		break;
	case CWMP_REQUEST_DOWNLOAD:
		buffer_printf(b, "[%s]\n", m->request.request_download.file_type);
		for (size_t i = 0; i < m->request.request_download.argument_count; i++)
			buffer_printf(b, "[%s] [%s]\n",
				m->request.request_download.arguments[i].name,
				m->request.request_download.arguments[i].value);
		break;
	case CWMP_KICKED:
		buffer_printf(b, "[%s] [%s] [%s] [%s]\n", m->request.kicked.command,
			m->request.kicked.referer, m->request.kicked.argument,
			m->request.kicked.next);
		break;
	case CWMP_DU_STATE_CHANGE_COMPLETE:
	case CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE:
		tell_du_results(b, &m->request.du_state_change);
		break;
	case CWMP_GET_PARAMETER_ATTRIBUTES:
		tell_strings(b, &m->request.attribute_names);
		break;
	case CWMP_SET_PARAMETER_ATTRIBUTES:
		tell_attribute_changes(b, &m->request.attribute_changes);
		break;
	case CWMP_UPLOAD:
		tell_upload(b, &m->request.upload);
		break;
	case CWMP_SCHEDULE_INFORM:
		buffer_printf(b, "%u [%s]\n", m->request.schedule_inform.delay_seconds,
			m->request.schedule_inform.command_key);
		break;
	case CWMP_SCHEDULE_DOWNLOAD:
		tell_schedule_download(b, &m->request.schedule_download);
		break;
	case CWMP_CHANGE_DU_STATE:
		tell_change_du_state(b, &m->request.change_du_state);
		break;
	case CWMP_GET_OPTIONS:
		buffer_printf(b, "[%s]\n", m->request.option_name);
		break;
	case CWMP_SET_VOUCHERS:
		tell_strings(b, &m->request.vouchers);
		break;
	case CWMP_UNKNOWN_METHOD:
		buffer_printf(b, "[%s]\n", m->request.xml);
		break;
	case CWMP_GET_RPC_METHODS:
	case CWMP_FACTORY_RESET:
	case CWMP_GET_QUEUED_TRANSFERS:
	case CWMP_GET_ALL_QUEUED_TRANSFERS:
	case CWMP_METHOD_COUNT:
		break;
	}
}

static inline void tell_attributes(struct buffer *b, const struct cwmp_attributes *attributes)
{
	for (size_t i = 0; i < attributes->count; i++) {
		buffer_printf(b, "[%s] %u\n", attributes->items[i].name,
			attributes->items[i].notification);
		tell_strings(b, &attributes->items[i].access_list);
	}
}

static inline void tell_queued(struct buffer *b, const struct cwmp_queued_transfers *queued)
{
	for (size_t i = 0; i < queued->count; i++) {
		const struct cwmp_queued_transfer *t = &queued->items[i];
		buffer_printf(b, "[%s] %u %d [%s] %llu [%s]\n", t->command_key, t->state,
			t->is_download, t->file_type, (unsigned long long)t->file_size,
			t->target_file_name);
	}
}

static inline void tell_options(struct buffer *b, const struct cwmp_options *options)
{
	for (size_t i = 0; i < options->count; i++) {
		const struct cwmp_option *o = &options->items[i];
		buffer_printf(b, "[%s] %u %u %u [%s] [%s] %d\n", o->name, o->voucher_sn, o->state,
			o->mode, o->start_date, o->expiration_date, o->is_transferable);
	}
}

static inline void tell_response(struct buffer *b, const struct cwmp_message *m)
{
	switch (m->method) {
	case CWMP_INFORM:
		buffer_printf(b, "%u\n", m->response.max_envelopes);
		break;
	case CWMP_GET_RPC_METHODS:
		tell_strings(b, &m->response.methods);
		break;
	case CWMP_GET_PARAMETER_NAMES:
		for (size_t i = 0; i < m->response.names.count; i++)
			buffer_printf(b, "[%s] %d\n", m->response.names.items[i].name,
				m->response.names.items[i].writable);
		break;
	case CWMP_GET_PARAMETER_VALUES:
		tell_values(b, &m->response.values);
		break;
	case CWMP_SET_PARAMETER_VALUES:
	case CWMP_DELETE_OBJECT:
		buffer_printf(b, "%u\n", m->response.status);
		break;
	case CWMP_ADD_OBJECT:
		buffer_printf(b, "%u %u\n", m->response.add_object.instance_number,
			m->response.add_object.status);
		break;
	case CWMP_DOWNLOAD:
	case CWMP_UPLOAD:
		buffer_printf(b, "%u [%s] [%s]\n", m->response.transfer.status,
			m->response.transfer.start_time, m->response.transfer.complete_time);
		break;
	case CWMP_KICKED:
		buffer_printf(b, "[%s]\n", m->response.next_url);
		break;
	case CWMP_GET_PARAMETER_ATTRIBUTES:
		tell_attributes(b, &m->response.attributes);
		break;
	case CWMP_GET_QUEUED_TRANSFERS:
	case CWMP_GET_ALL_QUEUED_TRANSFERS:
		tell_queued(b, &m->response.queued);
		break;
	case CWMP_GET_OPTIONS:
		tell_options(b, &m->response.options);
		break;
	case CWMP_UNKNOWN_METHOD:
		buffer_printf(b, "[%s]\n", m->response.xml);
		break;
	default: /* a response without content */
		break;
	}
}

static inline void tell_fault(struct buffer *b, const struct cwmp_fault *fault)
{
	buffer_printf(b, "[%s] [%s] %d %u [%s]\n", fault->fault_code, fault->fault_string,
		fault->has_detail, fault->code, fault->text);
	for (size_t i = 0; i < fault->parameter_count; i++)
		buffer_printf(b, "[%s] %u [%s]\n", fault->parameters[i].name,
			fault->parameters[i].code, fault->parameters[i].text);
}

/* Appends to b, which the caller clears. */
static inline void tell_message(struct buffer *b, const struct cwmp_message *m)
{
	buffer_printf(b,
		"ns %d %s kind %d method %d %s id %s hold %d timeout %u versions %s use %s\n",
		m->ns, m->ns_uri ? m->ns_uri : "", m->kind, m->method,
		m->method_name ? m->method_name : "(none)", m->id ? m->id : "(none)",
		m->hold_requests, m->session_timeout,
		m->supported_versions ? m->supported_versions : "(none)",
		m->use_version ? m->use_version : "(none)");
	if (m->kind == CWMP_REQUEST)
		tell_request(b, m);
	else if (m->kind == CWMP_RESPONSE)
		tell_response(b, m);
	else
		tell_fault(b, &m->fault);
}

#endif
