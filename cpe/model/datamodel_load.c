/* datamodel_load: a device's tree from its CSV dump.
 * Rows stand in any order; objects that only appear inside longer names are made on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "cpe/model/csv.h"
#include "cpe/model/datamodel.h"
#include "cpe/file.h"
#include "cwmp/cwmp.h"

bool datamodel_is_header(const struct csv_row *row)
{
	static const char *const header[MODEL_COLUMNS] = { "Parameter", "Object", "Writable",
		"Value", "Value type" };
	if (row->count != MODEL_COLUMNS)
		return false;
	for (size_t i = 0; i < MODEL_COLUMNS; i++)
		if (strcmp(row->fields[i], header[i]) != 0)
			return false;
	return true;
}

static bool is_true(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

struct datamodel *datamodel_new(void)
{
	struct datamodel *model = calloc(1, sizeof(*model));
	if (!model)
		abort();
	model->top = node_new("", true);
	return model;
}

/* The part of the identity that a DeviceID row names, NULL for other rows. */
static const char **identity_field(struct datamodel *model, const char *name)
{
	struct cwmp_device_id *id = &model->identity;
	const struct {
		const char *name;
		const char **field;
	} fields[] = {
		{ "DeviceID.Manufacturer", &id->manufacturer },
		{ "DeviceID.OUI", &id->oui },
		{ "DeviceID.ProductClass", &id->product_class },
		{ "DeviceID.SerialNumber", &id->serial_number },
	};
	for (size_t i = 0; i < LENGTH_OF(fields); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].field;
	return NULL;
}

/* Notification that the models force or set at first (TR-181 and TR-098, activeNotify). */
static bool starts_active(const char *name)
{
	static const char *const active[] = { ".DeviceInfo.SoftwareVersion",
		".DeviceInfo.ProvisioningCode", ".ManagementServer.ConnectionRequestURL",
		".ManagementServer.ConnReqJabberID", ".ExternalIPAddress" };
	const size_t length = strlen(name);
	for (size_t i = 0; i < LENGTH_OF(active); i++) {
		const size_t ending = strlen(active[i]);
		if (length > ending && strcmp(name + length - ending, active[i]) == 0)
			return true;
	}
	return false;
}

struct node *datamodel_make(struct datamodel *model, const char *name, bool is_object)
{
	struct node *node = model->top;
	for (const char *at = name; *at;) {
		const size_t length = strcspn(at, ".");
		const bool is_last = at[length] == '\0';
		const bool wants_object = is_object || !is_last;
		struct node *child = node_child(node, at, length);
		if (!child) {
			char *segment = strndup(at, length);
			child = node_new(segment, wants_object);
			free(segment);
			node_add_child(node, child);
		}
		if (child->is_object != wants_object)
			return NULL;
		node = child;
		at += length + (is_last ? 0 : 1);
	}
	return node;
}

static void fill_parameter(struct node *node, const struct csv_row *row)
{
	node->type = cwmp_type_normalise(row->fields[MODEL_TYPE]);
	if (!node->type)
		node->type = "xsd:string";
	node->starts_active = starts_active(row->fields[MODEL_NAME]);
	node->notification = node->starts_active ? NOTIFICATION_ACTIVE : NOTIFICATION_OFF;
	node_show(node, row->fields[MODEL_VALUE]);
}

/* NULL, or what is wrong with the row. */
static const char *add_row(struct datamodel *model, const struct csv_row *row)
{
	if (row->count != MODEL_COLUMNS)
		return "a row needs five fields";
	const char *name = row->fields[MODEL_NAME];
	const char **identity = identity_field(model, name);
	if (identity) {
		free((char *)*identity);
		*identity = strdup(row->fields[MODEL_VALUE]);
		return NULL;
	}
	if (name[0] == '\0' || name[strlen(name) - 1] == '.' || strstr(name, ".."))
		return "not a name";
	struct node *node = datamodel_make(model, name, is_true(row->fields[MODEL_OBJECT]));
	if (!node)
		return "the name is both an object and a parameter";
	node->is_writable = is_true(row->fields[MODEL_WRITABLE]);
	if (!node->is_object)
		fill_parameter(node, row);
	return NULL;
}

const char *datamodel_check(struct datamodel *model)
{
	struct cwmp_device_id *id = &model->identity;
	const char **fields[] = { &id->manufacturer, &id->oui, &id->product_class,
		&id->serial_number };
	for (size_t i = 0; i < LENGTH_OF(fields); i++)
		if (!*fields[i])
			*fields[i] = strdup("");
	if (model->top->child_count != 1 || !model->top->children[0]->is_object)
		return "a model has one root object";
	return NULL;
}

static const char *read_rows(
	struct datamodel *model, struct csv_reader *reader, struct arena *arena)
{
	struct csv_row row;
	enum csv_result result = csv_next(reader, arena, &row);
	if (result == CSV_BAD)
		return reader->why;
	if (result != CSV_ROW || !datamodel_is_header(&row))
		return "the header is not Parameter,Object,Writable,Value,Value type";
	while ((result = csv_next(reader, arena, &row)) == CSV_ROW) {
		const char *wrong = add_row(model, &row);
		if (wrong)
			return wrong;
	}
	return result == CSV_BAD ? reader->why : datamodel_check(model);
}

struct datamodel *datamodel_parse(const void *csv, size_t length, char *why, size_t why_size)
{
	struct datamodel *model = datamodel_new();
	struct csv_reader reader;
	csv_open(&reader, csv, length);
	struct arena *arena = arena_new();
	const char *wrong = read_rows(model, &reader, arena);
	arena_free(arena);
	if (!wrong)
		return model;
	snprintf(why, why_size, "line %u: %s", reader.line, wrong);
	datamodel_free(model);
	return NULL;
}

static bool is_xml(const char *path)
{
	const size_t length = strlen(path);
	return length > 4 && strcasecmp(path + length - 4, ".xml") == 0;
}

struct datamodel *datamodel_load(const char *path, char *why, size_t why_size)
{
	struct buffer content = { 0 };
	if (!file_read(path, &content, why, why_size))
		return NULL;
	struct datamodel *model = (is_xml(path) ? datamodel_parse_xml : datamodel_parse)(
		content.data ? content.data : "", content.length, why, why_size);
	buffer_clear(&content);
	return model;
}
