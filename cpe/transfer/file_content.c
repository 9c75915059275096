/* file_content: what a downloaded file says: a firmware's version, the values of a configuration.
 * Pure; what becomes of it is install.c's, or a fleet's. */
#include "cpe/transfer/file_content.h"

#include <ctype.h>
#include <string.h>

#include "cpe/model/csv.h"
#include "cpe/model/parameters.h"

enum { VERSION_MAX = 64 };

bool file_type_is_firmware(const char *file_type)
{
	return strcmp(file_type, "1 Firmware Upgrade Image") == 0;
}

bool file_type_is_configuration(const char *file_type)
{
	return strcmp(file_type, "3 Vendor Configuration File") == 0;
}

const char *firmware_version(char *head)
{
	static const char mark[] = "CPE-FIRMWARE ";
	if (strncmp(head, mark, sizeof(mark) - 1) != 0)
		return NULL;
	char *version = head + sizeof(mark) - 1;
	const size_t length = strcspn(version, "\r\n");
	version[length] = '\0';
	if (length == 0 || length > VERSION_MAX)
		return NULL;
	for (size_t i = 0; i < length; i++)
		if (!isprint((unsigned char)version[i]))
			return NULL;
	return version;
}

static void read_value(const struct datamodel *model, const struct csv_row *row,
	configuration_value_fn *on_value, void *arg)
{
	if (row->count != MODEL_COLUMNS)
		return;
	const struct cwmp_value value = {
		.name = row->fields[MODEL_NAME],
		.value = row->fields[MODEL_VALUE],
		.type = row->fields[MODEL_TYPE],
	};
	if (parameters_check(model, &value, WRITER_ACS) != 0)
		return;
	struct node *node = datamodel_find(model, value.name);
	if (node_is_hidden(node) && !value.value[0])
		return; /* a dump shows secrets empty; they stay */
	on_value(node, value.value, arg);
}

/* on_value NULL: only to see whether it is sound. */
static bool each_row(const struct datamodel *model, const struct buffer *content,
	configuration_value_fn *on_value, void *arg)
{
	struct csv_reader reader;
	struct csv_row row;
	csv_open(&reader, content->data, content->length);
	struct arena *arena = arena_new();
	enum csv_result result = csv_next(&reader, arena, &row);
	const bool has_header = result == CSV_ROW && datamodel_is_header(&row);
	while (has_header && (result = csv_next(&reader, arena, &row)) == CSV_ROW)
		if (on_value)
			read_value(model, &row, on_value, arg);
	arena_free(arena);
	return has_header && result == CSV_END;
}

bool configuration_each(const struct datamodel *model, const struct buffer *content,
	configuration_value_fn *on_value, void *arg)
{
	if (!content->length || !each_row(model, content, NULL, NULL))
		return false;
	return each_row(model, content, on_value, arg);
}
