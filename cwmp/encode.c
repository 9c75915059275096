/* encode: a message into an envelope.
 * Header, then the method's element or a fault; gSOAP keeps the order of the schema. */
#include "cwmp/codec.h"

#include <stdlib.h>
#include <string.h>

#include "cwmp/cwmp.h"
#include "cwmp/fault.h"
#include "cwmp/methods.h"

static struct cwmp__HeaderText *header_out(struct encoding *e, const char *text, char *must)
{
	struct cwmp__HeaderText *header = ARENA_NEW(e->arena, struct cwmp__HeaderText);
	header->__item = text_out(e, text);
	header->SOAP_ENV__mustUnderstand = must;
	return header;
}

/* TR-069 3.4.2: mustUnderstand is 1 for ID, HoldRequests and UseCWMPVersion only. */
static struct SOAP_ENV__Header *headers_out(struct encoding *e)
{
	static char one[] = "1";
	const struct cwmp_message *m = e->message;
	struct SOAP_ENV__Header *header = ARENA_NEW(e->arena, struct SOAP_ENV__Header);
	if (m->id)
		header->cwmp__ID = header_out(e, m->id, one);
	if (m->hold_requests >= 0)
		header->cwmp__HoldRequests = header_out(e, m->hold_requests ? "1" : "0", one);
	if (m->session_timeout > 0)
		header->cwmp__SessionTimeout = header_out(
			e, number_out(e, m->session_timeout), NULL);
	if (m->supported_versions)
		header->cwmp__SupportedCWMPVersions = header_out(e, m->supported_versions, NULL);
	if (m->use_version)
		header->cwmp__UseCWMPVersion = header_out(e, m->use_version, one);
	return header;
}

static bool has_headers(const struct cwmp_message *m)
{
	return m->id || m->hold_requests >= 0 || m->session_timeout > 0 || m->supported_versions ||
	       m->use_version;
}

static struct cwmp__SetParameterValuesFault *parameter_faults_out(struct encoding *e)
{
	const struct cwmp_fault *fault = &e->message->fault;
	struct cwmp__SetParameterValuesFault *faults = arena_array(
		e->arena, fault->parameter_count, sizeof(*faults));
	for (size_t i = 0; i < fault->parameter_count; i++) {
		const struct cwmp_parameter_fault *in = &fault->parameters[i];
		faults[i].ParameterName = text_out(e, in->name);
		faults[i].FaultCode = number_out(e, cwmp_fault_code_for(e->message->ns, in->code));
		faults[i].FaultString = text_out(e, in->text);
	}
	return faults;
}

/* SOAP's own codes, which come without detail, are qualified names; CWMP's are not. */
static char *fault_code_out(struct encoding *e, const struct cwmp_fault *fault)
{
	char *code = text_out(e, fault->fault_code);
	return fault->has_detail ? code : arena_printf(e->arena, "SOAP-ENV:%s", code);
}

static int encode_fault(struct encoding *e)
{
	const struct cwmp_fault *in = &e->message->fault;
	struct cwmp__Fault fault = {
		.FaultCode = number_out(e, cwmp_fault_code_for(e->message->ns, in->code)),
		.FaultString = text_out(e, in->text),
		.__size = (int)in->parameter_count,
		.SetParameterValuesFault = parameter_faults_out(e),
	};
	struct SOAP_ENV__Detail detail = { .cwmp__Fault = &fault };
	struct SOAP_ENV__Fault out = {
		.faultcode = fault_code_out(e, in),
		.faultstring = text_out(e, in->fault_string),
		.detail = in->has_detail ? &detail : NULL,
	};
	return soap_put_SOAP_ENV__Fault(e->soap, &out, "SOAP-ENV:Fault", NULL);
}

static int encode_method(struct encoding *e)
{
	const struct cwmp_message *m = e->message;
	bool is_response = m->kind == CWMP_RESPONSE;
	bool is_known = m->method != CWMP_UNKNOWN_METHOD;
	const char *name = is_known ? cwmp_method_name(m->method) : m->method_name;
	e->tag = arena_printf(e->arena, "cwmp:%s%s", name, is_response ? "Response" : "");
	const struct method *method = &cwmp_methods[m->method];
	return (is_response ? method->response : method->request)->encode(e);
}

/* soap_body_begin_out() would add an encodingStyle, which CWMP has no use for. */
static int encode_body(struct encoding *e)
{
	struct soap *soap = e->soap;
	soap->part = SOAP_IN_BODY;
	if (soap_element_begin_out(soap, "SOAP-ENV:Body", 0, NULL))
		return soap->error;
	if (e->message->kind == CWMP_FAULT ? encode_fault(e) : encode_method(e))
		return soap->error;
	return soap_body_end_out(soap);
}

static int encode_envelope(struct encoding *e)
{
	struct soap *soap = e->soap;
	if (soap_envelope_begin_out(soap) || soap_putheader(soap) || encode_body(e))
		return soap->error;
	return soap_envelope_end_out(soap);
}

static void encode(struct cwmp_codec *codec, const struct cwmp_message *message,
	const struct cwmp_encode_options *options, struct buffer *out)
{
	struct encoding e = {
		.soap = &codec->soap,
		.arena = arena_new(),
		.message = message,
		.booleans_as_words = options->booleans_as_words,
	};
	soap_writing_begin(codec, message->ns, message->ns_uri, !options->without_declaration, out);
	codec->soap.header = has_headers(message) ? headers_out(&e) : NULL;
	if (encode_envelope(&e) != SOAP_OK)
		abort(); /* writing to memory fails only when there is none */
	soap_writing_end(codec);
	arena_free(e.arena);
}

/* Letters and the like, which stand for themselves in XML. */
static bool is_bare(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || strchr("<>&\"'", *text))
			return false;
	return true;
}

/* Nothing in it differs from others of its namespace but the ID. */
static bool is_usual_inform_response(const struct cwmp_message *m)
{
	return m->kind == CWMP_RESPONSE && m->method == CWMP_INFORM && m->id && is_bare(m->id) &&
	       m->response.max_envelopes == 1 && !m->ns_uri && m->hold_requests < 0 &&
	       !m->session_timeout && !m->supported_versions && !m->use_version;
}

/* The most frequent answer by far: it is printed once, with a mark for an ID, and kept. */
static void encode_inform_response(struct cwmp_codec *codec, const struct cwmp_message *message,
	const struct cwmp_encode_options *options, struct buffer *out)
{
	static const char mark[] = "@ID@";
	struct buffer *kept = &codec->informed[message->ns][!options->without_declaration];
	if (!kept->data) {
		struct cwmp_message marked = *message;
		marked.id = mark;
		encode(codec, &marked, options, kept);
	}
	const char *at = strstr(kept->data, mark);
	buffer_append(out, kept->data, (size_t)(at - kept->data));
	buffer_append_text(out, message->id);
	buffer_append_text(out, at + strlen(mark));
}

void cwmp_encode(struct cwmp_codec *codec, const struct cwmp_message *message,
	const struct cwmp_encode_options *options, struct buffer *out)
{
	static const struct cwmp_encode_options usual = { 0 };
	if (is_usual_inform_response(message))
		encode_inform_response(codec, message, options ? options : &usual, out);
	else
		encode(codec, message, options ? options : &usual, out);
}
