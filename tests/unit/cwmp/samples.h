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

static inline void sample_request(struct cwmp_message *m)
{
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
		m->request.command_key = "42.1";
		break;
	case CWMP_GET_RPC_METHODS:
	case CWMP_FACTORY_RESET:
	case CWMP_UNKNOWN_METHOD:
	case CWMP_METHOD_COUNT:
		break;
	}
}

static inline void sample_response(struct cwmp_message *m)
{
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
		m->response.transfer = (struct cwmp_transfer_response){
			1,
			CWMP_UNKNOWN_TIME,
			CWMP_UNKNOWN_TIME,
		};
		break;
	case CWMP_TRANSFER_COMPLETE:
	case CWMP_REBOOT:
	case CWMP_FACTORY_RESET:
	case CWMP_UNKNOWN_METHOD:
	case CWMP_METHOD_COUNT:
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
		buffer_printf(b, "[%s]\n", m->request.command_key);
		break;
	case CWMP_GET_RPC_METHODS:
	case CWMP_FACTORY_RESET:
	case CWMP_UNKNOWN_METHOD:
	case CWMP_METHOD_COUNT:
		break;
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
		buffer_printf(b, "%u [%s] [%s]\n", m->response.transfer.status,
			m->response.transfer.start_time, m->response.transfer.complete_time);
		break;
	case CWMP_TRANSFER_COMPLETE:
	case CWMP_REBOOT:
	case CWMP_FACTORY_RESET:
	case CWMP_UNKNOWN_METHOD:
	case CWMP_METHOD_COUNT:
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
	buffer_printf(b, "ns %d kind %d method %d %s id %s hold %d timeout %u versions %s use %s\n",
		m->ns, m->kind, m->method, m->method_name ? m->method_name : "(none)",
		m->id ? m->id : "(none)", m->hold_requests, m->session_timeout,
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
