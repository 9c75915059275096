/* datamodel_xml: a device's tree from an official data-model document (TR-106 annex A), by expat.
 * Only "full" documents will do, in which imports and components are written out. Tables have as
 * many rows as the model demands; what the ACS may create starts empty. */
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/model/datamodel.h"
#include "cpe/model/objects.h"
#include "cwmp/cwmp.h"

static const char services[] = "Device.Services.";

enum {
	DEPTH_MAX = 32,
	TYPES_MAX = 256,
	PATH_MAX_BYTES = 256,
	NODES_MAX = 200000,
	ROWS_MAX = 64, /* of one table, at the start */
};

/* Where in a document we are; what stands nowhere below is passed over with all it holds. */
enum place {
	OUTSIDE,
	IN_DOCUMENT,
	IN_DATA_TYPE,
	IN_MODEL,
	IN_OBJECT,
	IN_PARAMETER,
	IN_SYNTAX,
	IN_NOTHING,
};

struct data_type {
	char *name;
	const char *type; /* static, "xsd:string" */
};

/* A table that has rows from the start. */
struct table {
	struct node *node;
	unsigned rows;
};

struct reader {
	XML_Parser parser;
	struct datamodel *model;
	enum place places[DEPTH_MAX]; /* of the elements that are open */
	size_t depth;
	struct data_type types[TYPES_MAX];
	size_t type_count;
	const char *prefix;              /* "" or, for the model of a service, where services are */
	char *version;                   /* "2.11" of "Device:2.11" */
	struct node *object, *parameter; /* that are being read */
	bool is_list;                    /* the parameter's values have commas between them */
	struct table *tables;
	size_t table_count, node_count;
	bool has_model;
	char *why; /* of why_size bytes, empty while nothing is wrong */
	size_t why_size;
};

static void PRINTF_LIKE(2, 3) refuse(struct reader *r, const char *format, ...)
{
	va_list arguments;
	if (r->why[0])
		return;
	va_start(arguments, format);
	vsnprintf(r->why, r->why_size, format, arguments);
	va_end(arguments);
	XML_StopParser(r->parser, XML_FALSE);
}

/* "" for an attribute that is not there. */
static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (strcmp(attributes[i], name) == 0)
			return attributes[i + 1];
	return "";
}

static bool has_value(const XML_Char **attributes, const char *name, const char *value)
{
	return strcmp(attribute(attributes, name), value) == 0;
}

/* <import>, <component ref=…> and what extends another document's objects. */
static void refuse_reference(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)attributes;
	refuse(r, "not a full document: it has <%s>, which refers to others", name);
}

/* Types */

static const char *find_type(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->type_count; i++)
		if (strcmp(r->types[i].name, name) == 0)
			return r->types[i].type;
	return "xsd:string";
}

static void begin_data_type(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)name;
	if (r->type_count == TYPES_MAX) {
		refuse(r, "more than %d data types", TYPES_MAX);
		return;
	}
	const char *type = find_type(r, attribute(attributes, "base"));
	r->types[r->type_count++] = (struct data_type){
		.name = strdup(attribute(attributes, "name")),
		.type = type,
	};
}

static void set_base_type(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)attributes;
	const char *type = cwmp_type_normalise(name);
	if (type)
		r->types[r->type_count - 1].type = type;
}

/* Objects */

static char *version_of(const char *model_name)
{
	const char *colon = strchr(model_name, ':');
	return strdup(colon ? colon + 1 : "");
}

static void begin_model(struct reader *r, const XML_Char **attributes, const char *name)
{
	if (r->has_model) {
		refuse(r, "more than one model");
	} else if (*attribute(attributes, "base")) {
		refuse_reference(r, attributes, name);
	} else if (has_value(attributes, "isService", "true") ||
		   has_value(attributes, "isService", "1")) {
		r->prefix = services;
		datamodel_add_basics(r->model);
		r->object = datamodel_make(r->model, "Device.Services", true);
	}
	if (!r->has_model)
		r->version = version_of(attribute(attributes, "name"));
	r->has_model = true;
}

/* "Device.Row.1." for "Device.Row.{i}.": as names are in a device. out has room for name. */
static void number_rows(char *out, const char *name)
{
	static const char row[] = ".{i}.";
	while (*name) {
		const bool is_row = strncmp(name, row, strlen(row)) == 0;
		*out++ = *name;
		if (is_row)
			*out++ = '1';
		name += is_row ? strlen(row) - 1 : 1;
	}
	*out = '\0';
}

/* A path without its last '.', NULL when it is none. The caller frees it. */
static char *path_of(const struct reader *r, const char *name)
{
	const size_t length = strlen(name);
	char path[PATH_MAX_BYTES + 1];
	if (length < 2 || length > PATH_MAX_BYTES || name[length - 1] != '.')
		return NULL;
	number_rows(path, name);
	if (!cwmp_path_is_valid(path))
		return NULL;
	char *whole = NULL;
	if (asprintf(&whole, "%s%.*s", r->prefix, (int)(length - 1), name) < 0)
		abort();
	return whole;
}

static unsigned rows_of(const struct reader *r, const XML_Char **attributes)
{
	const unsigned long rows = strtoul(attribute(attributes, "minEntries"), NULL, 10);
	/* A file that describes nothing but a service is of a device that has it. */
	const bool is_service = r->prefix[0] && r->table_count == 0;
	if (rows == 0 && is_service)
		return 1;
	return rows < ROWS_MAX ? (unsigned)rows : ROWS_MAX;
}

static void note_table(struct reader *r, struct node *row, const XML_Char **attributes)
{
	struct node *table = row->parent;
	table->is_writable = row->is_writable;
	r->tables = reallocarray(r->tables, r->table_count + 1, sizeof(*r->tables));
	if (!r->tables)
		abort();
	const unsigned rows = rows_of(r, attributes);
	r->tables[r->table_count++] = (struct table){ table, rows };
}

static void begin_object(struct reader *r, const XML_Char **attributes, const char *name)
{
	if (*attribute(attributes, "base")) {
		refuse_reference(r, attributes, name);
		return;
	}
	char *path = path_of(r, attribute(attributes, "name"));
	r->object = path ? datamodel_make(r->model, path, true) : NULL;
	free(path);
	if (!r->object || ++r->node_count > NODES_MAX) {
		refuse(r, "not an object's name: %s", attribute(attributes, "name"));
		return;
	}
	if (!r->object->is_template)
		return;
	r->object->is_writable = has_value(attributes, "access", "readWrite");
	note_table(r, r->object, attributes);
}

/* Parameters */

static bool is_active(const XML_Char **attributes)
{
	return has_value(attributes, "activeNotify", "forceEnabled") ||
	       has_value(attributes, "activeNotify", "forceDefaultEnabled");
}

static bool is_parameter_name(struct reader *r, const char *name)
{
	return r->object && *name && !strchr(name, '.') && cwmp_path_is_valid(name) &&
	       ++r->node_count <= NODES_MAX && !node_child(r->object, name, strlen(name));
}

/* Published documents have names with a blank at their end. */
static void trim_name(char *out, size_t size, const char *name)
{
	const size_t length = strcspn(name, " \t\n");
	snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), name);
}

static void begin_parameter(struct reader *r, const XML_Char **attributes, const char *name)
{
	char own[PATH_MAX_BYTES];
	trim_name(own, sizeof(own), attribute(attributes, "name"));
	r->parameter = NULL;
	if (*attribute(attributes, "base")) {
		refuse_reference(r, attributes, name);
		return;
	}
	if (has_value(attributes, "status", "deleted"))
		return;
	if (!is_parameter_name(r, own)) {
		refuse(r, "not a parameter's name: %s", own);
		return;
	}
	r->parameter = node_new(own, false);
	r->parameter->type = "xsd:string";
	r->parameter->is_writable = has_value(attributes, "access", "readWrite");
	r->parameter->starts_active = is_active(attributes);
	if (r->parameter->starts_active)
		r->parameter->notification = NOTIFICATION_ACTIVE;
	node_add_child(r->object, r->parameter);
}

static void begin_syntax(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)name;
	r->is_list = false;
	if (!r->parameter)
		return;
	r->parameter->is_hidden = has_value(attributes, "hidden", "true") ||
				  has_value(attributes, "secured", "true");
}

static void set_type(struct reader *r, const char *type)
{
	if (!r->parameter || !type || r->is_list)
		return;
	r->parameter->type = type;
	node_show(r->parameter, r->parameter->initial ? r->parameter->initial : type_default(type));
}

static void set_plain_type(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)attributes;
	set_type(r, cwmp_type_normalise(name));
}

static void set_named_type(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)name;
	set_type(r, find_type(r, attribute(attributes, "ref")));
}

/* The values' type follows, but with commas between them they are a string. */
static void set_list(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)attributes;
	(void)name;
	r->is_list = true; /* of strings, as far as CWMP is concerned */
}

static void set_default(struct reader *r, const XML_Char **attributes, const char *name)
{
	(void)name;
	if (!r->parameter || has_value(attributes, "status", "deleted"))
		return;
	const char *value = attribute(attributes, "value");
	if (!cwmp_type_accepts(r->parameter->type, value))
		return;
	free(r->parameter->initial);
	r->parameter->initial = strdup(value);
	node_show(r->parameter, value);
}

/* The document */

static const struct element {
	enum place in;
	const char *name; /* NULL: any */
	enum place is;
	void (*begin)(struct reader *r, const XML_Char **attributes, const char *name);
} elements[] = {
	{ OUTSIDE, "document", IN_DOCUMENT, NULL },
	{ IN_DOCUMENT, "import", IN_NOTHING, refuse_reference },
	{ IN_DOCUMENT, "component", IN_NOTHING, refuse_reference },
	{ IN_DOCUMENT, "dataType", IN_DATA_TYPE, begin_data_type },
	{ IN_DATA_TYPE, NULL, IN_NOTHING, set_base_type },
	{ IN_DOCUMENT, "model", IN_MODEL, begin_model },
	{ IN_MODEL, "component", IN_NOTHING, refuse_reference },
	{ IN_MODEL, "object", IN_OBJECT, begin_object },
	{ IN_MODEL, "parameter", IN_PARAMETER, begin_parameter },
	{ IN_OBJECT, "component", IN_NOTHING, refuse_reference },
	{ IN_OBJECT, "parameter", IN_PARAMETER, begin_parameter },
	{ IN_PARAMETER, "syntax", IN_SYNTAX, begin_syntax },
	{ IN_SYNTAX, "default", IN_NOTHING, set_default },
	{ IN_SYNTAX, "dataType", IN_NOTHING, set_named_type },
	{ IN_SYNTAX, "list", IN_NOTHING, set_list },
	{ IN_SYNTAX, NULL, IN_NOTHING, set_plain_type },
};

static const char *local_name(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

static const struct element *find_element(enum place in, const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(elements); i++)
		if (elements[i].in == in &&
			(!elements[i].name || strcmp(elements[i].name, name) == 0))
			return &elements[i];
	return NULL;
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = arg;
	const enum place in = r->depth ? r->places[r->depth - 1] : OUTSIDE;
	const char *local = local_name(name);
	const struct element *element = find_element(in, local);
	if (r->depth == DEPTH_MAX) {
		refuse(r, "elements nest too deeply");
		return;
	}
	if (in == OUTSIDE && !element) {
		refuse(r, "not a data-model document: it begins with <%s>", name);
		return;
	}
	r->places[r->depth] = element ? element->is : IN_NOTHING;
	if (element && element->begin)
		element->begin(r, attributes, local);
	r->depth++;
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	(void)name;
	r->depth--;
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_internal_subset)
{
	struct reader *r = arg;
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	refuse(r, "a document type declaration");
}

static void parse(struct reader *r, const void *xml, size_t length)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (length > INT32_MAX)
		refuse(r, "the file is too large");
	else if (XML_Parse(r->parser, xml, (int)length, true) != XML_STATUS_OK)
		refuse(r, "line %lu: %s", XML_GetCurrentLineNumber(r->parser),
			XML_ErrorString(XML_GetErrorCode(r->parser)));
}

static size_t count_nodes(const struct node *node)
{
	size_t count = 1;
	for (size_t i = 0; i < node->child_count; i++)
		count += count_nodes(node->children[i]);
	return count;
}

/* Inner tables come behind outer ones: from the end backwards, every row copies full ones. */
static void furnish(struct reader *r)
{
	for (size_t i = r->table_count; i > 0 && !r->why[0]; i--) {
		const struct table *table = &r->tables[i - 1];
		r->node_count += table->rows * count_nodes(table->node);
		if (r->node_count > NODES_MAX)
			refuse(r, "more than %d objects and parameters", NODES_MAX);
		else if (table->rows > 0)
			objects_furnish(table->node, table->rows);
	}
}

/* Facts that a document leaves to the device. */
static void describe(struct reader *r)
{
	static const char *const versions[] = { "DeviceInfo.SoftwareVersion",
		"DeviceInfo.HardwareVersion", "DeviceInfo.SpecVersion" };
	for (size_t i = 0; i < LENGTH_OF(versions); i++)
		if (!*datamodel_text(r->model, versions[i]))
			datamodel_show(r->model, versions[i], "1.0");
	if (r->prefix[0])
		return;
	char summary[200];
	snprintf(summary, sizeof(summary), "%s:%s[]()", datamodel_root(r->model)->name, r->version);
	datamodel_show(r->model, "DeviceSummary", summary);
	datamodel_show(r->model, "RootDataModelVersion", r->version);
}

static void reader_clear(struct reader *r)
{
	for (size_t i = 0; i < r->type_count; i++)
		free(r->types[i].name);
	free(r->tables);
	free(r->version);
	XML_ParserFree(r->parser);
}

struct datamodel *datamodel_parse_xml(const void *xml, size_t length, char *why, size_t why_size)
{
	struct reader r = {
		.parser = XML_ParserCreate(NULL),
		.model = datamodel_new(),
		.prefix = "",
		.why = why,
		.why_size = why_size,
	};
	if (!r.parser)
		abort();
	why[0] = '\0';
	parse(&r, xml, length);
	furnish(&r);
	const char *wrong = why[0] ? NULL : datamodel_check(r.model);
	if (wrong)
		refuse(&r, "%s", wrong);
	else if (!why[0])
		describe(&r);
	reader_clear(&r);
	if (!why[0])
		return r.model;
	datamodel_free(r.model);
	return NULL;
}
