/* cwmp: names and facts of the protocol, as tables. */
#ifndef CWMP_CWMP_H
#define CWMP_CWMP_H

#include "base/arena.h"
#include "cwmp/message.h"

/* "urn:dslforum-org:cwmp-1-0" */
const char *cwmp_namespace_uri(enum cwmp_namespace ns);
/* "Inform"; "" for CWMP_UNKNOWN_METHOD */
const char *cwmp_method_name(enum cwmp_method method);
/* CWMP_UNKNOWN_METHOD for names we do not know. */
enum cwmp_method cwmp_method_by_name(const char *name);

/* The version that brought the method. */
enum cwmp_version cwmp_method_since(enum cwmp_method method);
/* "1.0" to "1.4" */
const char *cwmp_version_name(enum cwmp_version version);

/* "charset", "items"…: a word for logs and metrics. */
const char *cwmp_repair_name(enum cwmp_repair repair);
/* The names of a message's repairs with commas between them, from arena; "" for none. */
const char *cwmp_repairs_text(struct arena *arena, unsigned repairs);

/* The text that the schema gives for a fault code; "" for unknown ones. */
const char *cwmp_fault_text(unsigned code);
/* Maps a code that ns does not know to one that it does (for example 9015 in 1-0 to 9010). */
unsigned cwmp_fault_code_for(enum cwmp_namespace ns, unsigned code);
/* Fills a SOAP fault that answers request (its id, its namespace). text NULL: the table's. */
void cwmp_make_fault(struct cwmp_message *out, const struct cwmp_message *request, unsigned code,
	const char *text);
/* Fills the frame of a response to request (id, namespace, method); the caller fills the rest. */
void cwmp_make_response(struct cwmp_message *out, const struct cwmp_message *request);
/* Fills the frame of a request. */
void cwmp_make_request(
	struct cwmp_message *out, enum cwmp_namespace ns, enum cwmp_method method, const char *id);

/* "xsd:" type of any spelling ("xs:int", "SOAP-ENC:string", "string(64)"), a static text; NULL for
 * types that XML Schema does not have. */
const char *cwmp_type_normalise(const char *type);

/* True when value is in the lexical space of type (boolean, int, unsignedInt, long, unsignedLong,
 * dateTime, base64, hexBinary; every text is a string). */
bool cwmp_type_accepts(const char *type, const char *value);

/* Can an envelope carry the text as it is? UTF-8 without the characters that XML 1.0 forbids. */
bool cwmp_text_is_sendable(const char *text);

/* Can text stand as the content of an element: well-formed XML, none of whose elements is left
 * open? For vendor methods, whose arguments are sent as they were given. */
bool cwmp_xml_is_content(const char *text);

/* Is name (complete, or partial ending in '.') what a device could have: bytes and length as TR-106
 * says? */
bool cwmp_path_is_valid(const char *name);
bool cwmp_path_is_partial(const char *name); /* ends in '.' or is empty */

#define CWMP_UNKNOWN_TIME "0001-01-01T00:00:00Z"

#endif
