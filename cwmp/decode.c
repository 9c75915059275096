/* decode: an envelope into a message.
 * A plain message takes a short way. Others are read by gSOAP as they are; those that are rejected, or
 * that hold our elements in a qualified form, are read again with all prefixes taken away. */
#include "cwmp/codec.h"

#include <string.h>

#include "cwmp/cwmp.h"
#include "cwmp/methods.h"
#include "cwmp/plain.h"

#define RESPONSE_SUFFIX "Response"

/* One reading of the envelope. */
struct reading {
	struct decoding d;
	struct cwmp_codec *codec;
	enum cwmp_decode_result result;
	const char *why;
};

static struct cwmp_message *message_new(struct arena *arena)
{
	struct cwmp_message *message = ARENA_NEW(arena, struct cwmp_message);
	message->hold_requests = -1;
	return message;
}

static void reject(struct reading *r, const char *why)
{
	bool is_header = r->codec->soap.error == SOAP_MUSTUNDERSTAND;
	r->result = is_header ? CWMP_NOT_UNDERSTOOD : CWMP_MALFORMED;
	r->d.message->ns = soap_reading_namespace(r->codec);
	r->why = why;
}

static const char *header_in(struct reading *r, const struct cwmp__HeaderText *header)
{
	return header ? text_in(&r->d, header->__item) : NULL;
}

static void read_headers(struct reading *r, const struct SOAP_ENV__Header *header)
{
	struct cwmp_message *m = r->d.message;
	if (!header)
		return;
	m->id = header_in(r, header->cwmp__ID);
	if (header->cwmp__HoldRequests)
		m->hold_requests = boolean_in(&r->d, header->cwmp__HoldRequests->__item);
	if (header->cwmp__SessionTimeout)
		m->session_timeout = number_in(&r->d, header->cwmp__SessionTimeout->__item);
	m->supported_versions = header_in(r, header->cwmp__SupportedCWMPVersions);
	m->use_version = header_in(r, header->cwmp__UseCWMPVersion);
}

static void detail_in(struct reading *r, const struct cwmp__Fault *in)
{
	struct cwmp_fault *out = &r->d.message->fault;
	out->has_detail = true;
	out->code = number_in(&r->d, in->FaultCode);
	out->text = text_in(&r->d, in->FaultString);
	out->parameter_count = (size_t)in->__size;
	out->parameters = arena_array(r->d.arena, out->parameter_count, sizeof(*out->parameters));
	for (size_t i = 0; i < out->parameter_count; i++) {
		const struct cwmp__SetParameterValuesFault *fault = &in->SetParameterValuesFault[i];
		out->parameters[i] = (struct cwmp_parameter_fault){
			.name = token_in(&r->d, fault->ParameterName),
			.code = number_in(&r->d, fault->FaultCode),
			.text = text_in(&r->d, fault->FaultString),
		};
	}
}

static const char *local_name(const char *tag)
{
	const char *colon = strchr(tag, ':');
	return colon ? colon + 1 : tag;
}

/* A fault without FaultCode tells nothing and counts as one without detail. */
static bool read_fault(struct reading *r)
{
	const struct SOAP_ENV__Fault *in = soap_in_SOAP_ENV__Fault(r->d.soap, NULL, NULL, NULL);
	if (!in)
		return false;
	struct cwmp_fault *out = &r->d.message->fault;
	out->fault_code = local_name(token_in(&r->d, in->faultcode));
	out->fault_string = text_in(&r->d, in->faultstring);
	out->text = "";
	const struct SOAP_ENV__Detail *detail = in->detail;
	const struct cwmp__Fault *fault = detail ? detail->cwmp__Fault : NULL;
	if (detail && !fault)
		fault = detail->Fault;
	if (fault && !is_blank_text(fault->FaultCode))
		detail_in(r, fault);
	return true;
}

/* "InformResponse" is a response of "Inform". */
static void name_method(struct cwmp_message *m, struct arena *arena, const char *name)
{
	size_t length = strlen(name), suffix = strlen(RESPONSE_SUFFIX);
	bool is_response = length > suffix && strcmp(name + length - suffix, RESPONSE_SUFFIX) == 0;
	m->kind = is_response ? CWMP_RESPONSE : CWMP_REQUEST;
	m->method_name = arena_strndup(arena, name, is_response ? length - suffix : length);
	m->method = cwmp_method_by_name(m->method_name);
}

static bool read_method(struct reading *r)
{
	struct cwmp_message *m = r->d.message;
	const struct method *method = &cwmp_methods[m->method];
	return (m->kind == CWMP_RESPONSE ? method->response : method->request)->decode(&r->d);
}

static bool read_body(struct reading *r)
{
	struct soap *soap = r->d.soap;
	struct cwmp_message *m = r->d.message;
	if (soap_peek_element(soap)) {
		bool is_empty = soap->error == SOAP_NO_TAG;
		reject(r, is_empty ? "the Body is empty" : soap_reading_error(r->codec));
		return false;
	}
	m->ns = soap_reading_namespace(r->codec);
	m->ns_uri = arena_strdup(r->d.arena, soap_reading_unknown_uri(r->codec));
	const char *name = local_name(soap->tag);
	bool is_fault = strcmp(name, "Fault") == 0;
	if (is_fault)
		m->kind = CWMP_FAULT;
	else
		name_method(m, r->d.arena, name);
	if (is_fault ? !read_fault(r) : !read_method(r)) {
		reject(r, soap_reading_error(r->codec));
		return false;
	}
	return true;
}

static bool read_end(struct reading *r)
{
	struct soap *soap = r->d.soap;
	if (soap_peek_element(soap) == SOAP_OK) {
		reject(r, "more than one element in the Body");
		return false;
	}
	if (soap_body_end_in(soap) || soap_envelope_end_in(soap)) {
		reject(r, soap_reading_error(r->codec));
		return false;
	}
	if (soap_peek_element(soap) != SOAP_EOF || r->codec->over_budget) {
		reject(r, "something follows the Envelope");
		return false;
	}
	soap->error = SOAP_OK;
	return true;
}

/* All was read; is all there? */
static void conclude(struct reading *r)
{
	r->result = CWMP_DECODED;
	if (r->d.missing) {
		r->result = CWMP_INVALID_ARGUMENTS;
		r->why = arena_printf(r->d.arena, "%s is missing", r->d.missing);
	}
}

static void read_envelope(struct reading *r)
{
	struct soap *soap = r->d.soap;
	bool is_begun = soap_envelope_begin_in(soap) == SOAP_OK;
	if (is_begun && soap->version == 2) {
		soap->error = SOAP_VERSIONMISMATCH;
		is_begun = false;
	}
	if (!is_begun || soap_recv_header(soap) || soap_body_begin_in(soap)) {
		reject(r, soap_reading_error(r->codec));
		return;
	}
	read_headers(r, soap->header);
	if (r->codec->not_understood) {
		soap->error = SOAP_MUSTUNDERSTAND;
		reject(r, soap_reading_error(r->codec));
		return;
	}
	if (!read_body(r) || !read_end(r))
		return;
	if (r->codec->skipped)
		note_repair(&r->d, CWMP_REPAIR_IGNORED);
	conclude(r);
}

static struct reading reading_new(struct cwmp_codec *codec, struct arena *arena, struct span text)
{
	return (struct reading){
		.d = {
			.soap = &codec->soap,
			.arena = arena,
			.message = message_new(arena),
			.text = text,
		},
		.codec = codec,
	};
}

static struct reading read_text(
	struct cwmp_codec *codec, struct arena *arena, struct span text, soap_mode mode)
{
	struct reading r = reading_new(codec, arena, text);
	if (soap_reading_begin(codec, text, mode))
		read_envelope(&r);
	else
		reject(&r, soap_reading_error(codec));
	return r;
}

static bool deserves_second_reading(const struct reading *first)
{
	const struct cwmp_codec *codec = first->codec;
	if (codec->over_budget || codec->soap.error == SOAP_VERSIONMISMATCH)
		return false;
	return first->result != CWMP_DECODED || codec->skipped_ours;
}

/* The second reading counts when it got further than the first. */
static bool is_better(const struct reading *second, const struct reading *first)
{
	return second->result == CWMP_DECODED ||
	       (second->result == CWMP_INVALID_ARGUMENTS && first->result != CWMP_DECODED);
}

static const char nesting[] = "elements nest too deeply";

/* What can be mended in the text alone; NULL, or why it cannot. */
static const char *prepare(struct cwmp_codec *codec, struct arena *arena, struct span *text,
	const char *charset, unsigned *repairs)
{
	const char *why = repair_envelope(
		text, charset, &codec->converted, &codec->repaired, repairs);
	if (why)
		return why;
	if (repair_nests_deeper(*text, codec->limits.depth))
		return nesting;
	repair_ends(text, &codec->escaped);
	const char *before = text->data;
	why = repair_references(text, &codec->joined, arena, repairs);
	bool has_grown = text->data != before;
	if (!why && has_grown && repair_nests_deeper(*text, codec->limits.depth))
		return nesting;
	return why;
}

static struct reading read_prepared(struct cwmp_codec *codec, struct arena *arena, struct span text)
{
	struct reading first = read_text(codec, arena, text, 0);
	if (!deserves_second_reading(&first))
		return first;
	soap_reading_end(codec);
	unsigned repairs = 1u << CWMP_REPAIR_NAMESPACES;
	repair_tags(&text, &codec->retagged, &repairs);
	struct reading second = read_text(codec, arena, text, SOAP_XML_IGNORENS);
	second.d.message->repairs |= repairs;
	return is_better(&second, &first) ? second : first;
}

static void read_plain_method(struct reading *r, const struct plain *plain)
{
	switch (plain->message) {
	case PLAIN_INFORM:
		inform_in(&r->d, &plain->inform);
		break;
	case PLAIN_VALUES:
		get_parameter_values_response_in(&r->d, plain->values);
		break;
	case PLAIN_NAMES:
		get_parameter_names_response_in(&r->d, plain->names);
		break;
	}
}

/* False when it has to be read in the usual way. */
static bool read_plain(struct reading *r, const char *charset)
{
	struct plain plain;
	struct cwmp_message *m = r->d.message;
	if (!repair_find_root(&r->d.text, charset) ||
		!plain_read(r->d.text, &r->codec->limits, r->d.arena, &plain))
		return false;
	m->ns = plain.ns;
	name_method(m, r->d.arena, plain.name);
	read_headers(r, &plain.header);
	read_plain_method(r, &plain);
	conclude(r);
	return true;
}

static struct reading read_bytes(
	struct cwmp_codec *codec, struct arena *arena, struct span text, const char *charset)
{
	struct reading plain = reading_new(codec, arena, text);
	if (read_plain(&plain, charset))
		return plain;
	unsigned repairs = 0;
	soap_budget_begin(codec, text.length);
	struct reading reading = {
		.d.message = message_new(arena),
		.result = CWMP_MALFORMED,
		.why = prepare(codec, arena, &text, charset, &repairs),
	};
	if (!reading.why) {
		reading = read_prepared(codec, arena, text);
		reading.d.message->limit = soap_reading_limit(codec);
		soap_reading_end(codec);
	} else if (reading.why == nesting) {
		reading.d.message->limit = CWMP_LIMIT_DEPTH;
	}
	reading.d.message->repairs |= repairs;
	return reading;
}

enum cwmp_decode_result cwmp_decode(struct cwmp_codec *codec, struct arena *arena,
	const void *bytes, size_t length, const char *charset, struct cwmp_message *out,
	const char **why)
{
	struct reading reading = read_bytes(codec, arena, (struct span){ bytes, length }, charset);
	soap_scratch_end(codec);
	*out = *reading.d.message;
	*why = reading.why;
	return reading.result;
}
