/* plain: most of what a server reads are Informs, names and values, and most of these are plain: elements in
 * their order, texts of ASCII. Such a one is read downwards, each function taking what it stands before. */
#include "cwmp/plain.h"

#include <string.h>

#include "cwmp/cwmp.h"

enum { DEPTH = 6, FIRST_ROOM = 16, MOST_BYTES = 1024 * 1024 };

enum { NS_NONE, NS_ENVELOPE, NS_ENCODING, NS_XSI, NS_XSD, NS_CWMP, NS_COUNT };

struct reader {
	char *at; /* in a copy of the text, which ends in a NUL */
	struct arena *arena;
	size_t list_items;              /* limit */
	struct span prefixes[NS_COUNT]; /* "cwmp:"; the length is 0 while not declared */
	enum cwmp_namespace ns;
};

/* What may stand in a text: no markup, no '>', ASCII that XML can carry, and no CR. */
static const bool is_plain[256] = {
	['\t'] = true,
	['\n'] = true,
	[' ' ... '%'] = true,
	['\'' ... ';'] = true,
	['='] = true,
	['?' ... '~'] = true,
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(*r->at))
		r->at++;
}

static bool take(struct reader *r, const char *text, size_t length)
{
	if (strncmp(r->at, text, length) != 0)
		return false;
	r->at += length;
	return true;
}

static bool take_text(struct reader *r, const char *text)
{
	return take(r, text, strlen(text));
}

/* A prefix that was not declared is not taken for none. */
static bool take_name(struct reader *r, unsigned ns, const char *name)
{
	const struct span prefix = r->prefixes[ns];
	if (ns == NS_NONE)
		return take_text(r, name);
	return prefix.length && take(r, prefix.data, prefix.length) && take_text(r, name);
}

/* In a tag, behind a name or an attribute. */
static bool is_at_delimiter(const struct reader *r)
{
	return is_blank(*r->at) || *r->at == '/' || *r->at == '>';
}

/* ="value" */
static bool take_attribute_value(struct reader *r, char **value)
{
	if (!take_text(r, "=\""))
		return false;
	*value = r->at;
	while (is_plain[(unsigned char)*r->at] && *r->at >= ' ' && *r->at != '"')
		r->at++;
	if (*r->at != '"')
		return false;
	*r->at++ = '\0';
	return is_at_delimiter(r);
}

/* <name */
static bool take_open(struct reader *r, unsigned ns, const char *name)
{
	skip_blanks(r);
	return take_text(r, "<") && take_name(r, ns, name) && is_at_delimiter(r);
}

/* An attribute that may be absent: value stays as it is then. */
static bool take_attribute(struct reader *r, unsigned ns, const char *name, char **value)
{
	skip_blanks(r);
	char *begin = r->at;
	if (take_name(r, ns, name))
		return take_attribute_value(r, value);
	r->at = begin;
	return true;
}

static bool take_open_end(struct reader *r)
{
	skip_blanks(r);
	return take_text(r, ">");
}

/* <name> */
static bool take_begin(struct reader *r, unsigned ns, const char *name)
{
	return take_open(r, ns, name) && take_open_end(r);
}

static bool take_close(struct reader *r, unsigned ns, const char *name)
{
	skip_blanks(r);
	return take_text(r, "</") && take_name(r, ns, name) && take_open_end(r);
}

/* >text</name>, or /> */
static bool take_content(struct reader *r, unsigned ns, const char *name, char **text)
{
	static char empty[1];
	*text = empty;
	skip_blanks(r);
	if (take_text(r, "/>"))
		return true;
	if (!take_text(r, ">"))
		return false;
	char *begin = r->at;
	while (is_plain[(unsigned char)*r->at])
		r->at++;
	char *end = r->at;
	if (*end != '<' || !take_close(r, ns, name))
		return false;
	*end = '\0';
	*text = begin;
	return true;
}

/* <name>text</name> */
static bool take_element(struct reader *r, const char *name, char **text)
{
	return take_open(r, NS_NONE, name) && take_content(r, NS_NONE, name, text);
}

static bool is_next(struct reader *r, const char *tag)
{
	skip_blanks(r);
	return strncmp(r->at, tag, strlen(tag)) == 0;
}

static bool cwmp_by_uri(const char *uri, enum cwmp_namespace *ns)
{
	for (int i = 0; i < CWMP_NS_COUNT; i++) {
		*ns = (enum cwmp_namespace)i;
		if (strcmp(cwmp_namespace_uri(*ns), uri) == 0)
			return true;
	}
	return false;
}

static const char encoding_uri[] = "http://schemas.xmlsoap.org/soap/encoding/";

/* NS_NONE for one that is not to be here. */
static unsigned namespace_by_uri(struct reader *r, const char *uri)
{
	static const char *const uris[] = {
		[NS_ENVELOPE] = "http://schemas.xmlsoap.org/soap/envelope/",
		[NS_ENCODING] = encoding_uri,
		[NS_XSI] = "http://www.w3.org/2001/XMLSchema-instance",
		[NS_XSD] = "http://www.w3.org/2001/XMLSchema",
	};
	for (unsigned ns = NS_ENVELOPE; ns < LENGTH_OF(uris); ns++)
		if (strcmp(uris[ns], uri) == 0)
			return ns;
	return cwmp_by_uri(uri, &r->ns) ? NS_CWMP : NS_NONE;
}

static bool spans_are_equal(struct span a, struct span b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static bool is_declared(const struct reader *r, struct span prefix)
{
	for (unsigned ns = NS_ENVELOPE; ns < NS_COUNT; ns++)
		if (spans_are_equal(r->prefixes[ns], prefix))
			return true;
	return false;
}

/* xmlns:prefix="uri". Where the '=' was, a ':' makes the prefix what stands before names. */
static bool take_declaration(struct reader *r)
{
	if (!take_text(r, "xmlns:"))
		return false;
	char *uri, *prefix = r->at, *end = prefix + strcspn(prefix, "=:<>&\"' \t\r\n");
	r->at = end;
	if (end == prefix || !take_attribute_value(r, &uri))
		return false;
	*end = ':';
	const struct span declared = { prefix, (size_t)(end + 1 - prefix) };
	const unsigned ns = namespace_by_uri(r, uri);
	if (ns == NS_NONE || r->prefixes[ns].length || is_declared(r, declared))
		return false;
	r->prefixes[ns] = declared;
	return true;
}

static bool is_encoding_style(const char *style)
{
	return !style || strcmp(style, encoding_uri) == 0;
}

/* The envelope's prefix stands before its declaration. */
static bool take_envelope(struct reader *r)
{
	char *style = NULL, *prefix = r->at + 1, *colon = strchr(r->at, ':');
	if (!colon || colon < prefix)
		return false;
	const struct span own = { prefix, (size_t)(colon + 1 - prefix) };
	r->prefixes[NS_ENVELOPE] = own;
	if (!take_open(r, NS_ENVELOPE, "Envelope") ||
		!take_attribute(r, NS_ENVELOPE, "encodingStyle", &style) ||
		!is_encoding_style(style))
		return false;
	r->prefixes[NS_ENVELOPE] = (struct span){ 0 };
	for (skip_blanks(r); *r->at && *r->at != '>'; skip_blanks(r))
		if (!take_declaration(r))
			return false;
	return spans_are_equal(r->prefixes[NS_ENVELOPE], own) && take_open_end(r);
}

/* Headers other than the ID are rare. */
static bool take_header(struct reader *r, struct SOAP_ENV__Header *header)
{
	struct cwmp__HeaderText *id = header->cwmp__ID = ARENA_NEW(
		r->arena, struct cwmp__HeaderText);
	return take_begin(r, NS_ENVELOPE, "Header") && take_open(r, NS_CWMP, "ID") &&
	       take_attribute(r, NS_ENVELOPE, "mustUnderstand", &id->SOAP_ENV__mustUnderstand) &&
	       take_content(r, NS_CWMP, "ID", &id->__item) && take_close(r, NS_ENVELOPE, "Header");
}

static bool take_device(struct reader *r, struct cwmp__DeviceIdStruct **out)
{
	struct cwmp__DeviceIdStruct *device = *out = ARENA_NEW(
		r->arena, struct cwmp__DeviceIdStruct);
	return take_begin(r, NS_NONE, "DeviceId") &&
	       take_element(r, "Manufacturer", &device->Manufacturer) &&
	       take_element(r, "OUI", &device->OUI) &&
	       take_element(r, "ProductClass", &device->ProductClass) &&
	       take_element(r, "SerialNumber", &device->SerialNumber) &&
	       take_close(r, NS_NONE, "DeviceId");
}

/* Room for one more item in a list that has `count`. NULL: there are too many. */
static void *list_grow(struct reader *r, void *items, int count, size_t size)
{
	const size_t used = (size_t)count;
	if (used >= r->list_items)
		return NULL;
	if (used >= FIRST_ROOM ? (used & (used - 1)) != 0 : used > 0)
		return items; /* room doubles */
	void *grown = arena_array(r->arena, used ? 2 * used : FIRST_ROOM, size);
	if (used)
		memcpy(grown, items, used * size);
	return grown;
}

/* "SOAP-ENC:Array", whatever the prefix is here. */
static bool is_array(const struct reader *r, const char *type)
{
	const struct span prefix = r->prefixes[NS_ENCODING];
	return !type || (prefix.length && strncmp(type, prefix.data, prefix.length) == 0 &&
				strcmp(type + prefix.length, "Array") == 0);
}

static bool take_list_open(struct reader *r, const char *name, char **array_type)
{
	char *type = NULL;
	return take_open(r, NS_NONE, name) && take_attribute(r, NS_XSI, "type", &type) &&
	       is_array(r, type) && take_attribute(r, NS_ENCODING, "arrayType", array_type) &&
	       take_open_end(r);
}

/* <name><item>…</item>…</name> */
struct list {
	char *array_type;
	int count;
	void *items;
};

typedef bool take_item_fn(struct reader *r, void *item);

static bool take_list(
	struct reader *r, const char *name, size_t size, take_item_fn *take_item, struct list *out)
{
	*out = (struct list){ 0 };
	if (!take_list_open(r, name, &out->array_type))
		return false;
	while (!is_next(r, "</")) {
		out->items = list_grow(r, out->items, out->count, size);
		if (!out->items || !take_item(r, (char *)out->items + size * (size_t)out->count++))
			return false;
	}
	return take_close(r, NS_NONE, name);
}

static bool take_event(struct reader *r, void *item)
{
	struct cwmp__EventStruct *event = item;
	return take_begin(r, NS_NONE, "EventStruct") &&
	       take_element(r, "EventCode", &event->EventCode) &&
	       take_element(r, "CommandKey", &event->CommandKey) &&
	       take_close(r, NS_NONE, "EventStruct");
}

static bool take_events(struct reader *r, struct cwmp__EventList **out)
{
	struct list list;
	if (!take_list(r, "Event", sizeof(struct cwmp__EventStruct), take_event, &list))
		return false;
	*out = ARENA_NEW(r->arena, struct cwmp__EventList);
	**out = (struct cwmp__EventList){ .SOAP_ENC__arrayType = list.array_type,
		.__size = list.count,
		.EventStruct = list.items };
	return true;
}

static bool take_value(struct reader *r, struct cwmp__Value **out)
{
	struct cwmp__Value *value = *out = ARENA_NEW(r->arena, struct cwmp__Value);
	return take_open(r, NS_NONE, "Value") &&
	       take_attribute(r, NS_XSI, "type", &value->xsi__type) &&
	       take_content(r, NS_NONE, "Value", &value->__item);
}

static bool take_parameter_value(struct reader *r, void *item)
{
	struct cwmp__ParameterValueStruct *parameter = item;
	return take_begin(r, NS_NONE, "ParameterValueStruct") &&
	       take_element(r, "Name", &parameter->Name) && take_value(r, &parameter->Value) &&
	       take_close(r, NS_NONE, "ParameterValueStruct");
}

static bool take_parameter_values(struct reader *r, struct cwmp__ParameterValueList **out)
{
	struct list list;
	if (!take_list(r, "ParameterList", sizeof(struct cwmp__ParameterValueStruct),
		    take_parameter_value, &list))
		return false;
	*out = ARENA_NEW(r->arena, struct cwmp__ParameterValueList);
	**out = (struct cwmp__ParameterValueList){ .SOAP_ENC__arrayType = list.array_type,
		.__size = list.count,
		.ParameterValueStruct = list.items };
	return true;
}

static bool take_parameter_info(struct reader *r, void *item)
{
	struct cwmp__ParameterInfoStruct *parameter = item;
	return take_begin(r, NS_NONE, "ParameterInfoStruct") &&
	       take_element(r, "Name", &parameter->Name) &&
	       take_element(r, "Writable", &parameter->Writable) &&
	       take_close(r, NS_NONE, "ParameterInfoStruct");
}

static bool take_parameter_infos(struct reader *r, struct cwmp__ParameterInfoList **out)
{
	struct list list;
	if (!take_list(r, "ParameterList", sizeof(struct cwmp__ParameterInfoStruct),
		    take_parameter_info, &list))
		return false;
	*out = ARENA_NEW(r->arena, struct cwmp__ParameterInfoList);
	**out = (struct cwmp__ParameterInfoList){ .SOAP_ENC__arrayType = list.array_type,
		.__size = list.count,
		.ParameterInfoStruct = list.items };
	return true;
}

static bool take_inform(struct reader *r, struct plain *out)
{
	struct cwmp__Inform *inform = &out->inform;
	return take_device(r, &inform->DeviceId) && take_events(r, &inform->Event) &&
	       take_element(r, "MaxEnvelopes", &inform->MaxEnvelopes) &&
	       take_element(r, "CurrentTime", &inform->CurrentTime) &&
	       take_element(r, "RetryCount", &inform->RetryCount) &&
	       take_parameter_values(r, &inform->ParameterList);
}

static bool take_values(struct reader *r, struct plain *out)
{
	return take_parameter_values(r, &out->values);
}

static bool take_names(struct reader *r, struct plain *out)
{
	return take_parameter_infos(r, &out->names);
}

/* What is read in this way. */
static const struct plain_method {
	const char *name;
	bool (*take)(struct reader *r, struct plain *out);
} methods[] = {
	[PLAIN_INFORM] = { "Inform", take_inform },
	[PLAIN_VALUES] = { "GetParameterValuesResponse", take_values },
	[PLAIN_NAMES] = { "GetParameterNamesResponse", take_names },
};

static bool take_method(struct reader *r, struct plain *out)
{
	char *begin = r->at;
	for (size_t i = 0; i < LENGTH_OF(methods); i++, r->at = begin) {
		if (!take_begin(r, NS_CWMP, methods[i].name))
			continue;
		out->message = (enum plain_message)i;
		out->name = methods[i].name;
		return methods[i].take(r, out) && take_close(r, NS_CWMP, methods[i].name);
	}
	return false;
}

static bool take_body_open(struct reader *r)
{
	char *style = NULL;
	return take_open(r, NS_ENVELOPE, "Body") &&
	       take_attribute(r, NS_ENVELOPE, "encodingStyle", &style) &&
	       is_encoding_style(style) && take_open_end(r);
}

bool plain_read(
	struct span root, const struct cwmp_limits *limits, struct arena *arena, struct plain *out)
{
	*out = (struct plain){ 0 };
	if (limits->depth < DEPTH || root.length > limits->text_bytes || root.length > MOST_BYTES)
		return false;
	char *text = arena_strndup(arena, root.data, root.length);
	struct reader r = { .at = text, .arena = arena, .list_items = limits->list_items };
	const bool is_plain_text = take_envelope(&r) && take_header(&r, &out->header) &&
				   take_body_open(&r) && take_method(&r, out) &&
				   take_close(&r, NS_ENVELOPE, "Body") &&
				   take_close(&r, NS_ENVELOPE, "Envelope");
	out->ns = r.ns;
	return is_plain_text && r.at == text + root.length;
}
