/* upload: what the device sends when the ACS asks for a file, TR-069 A.4.1.5.
 * Its configuration is the CSV that a Download takes back; its log is the end of the journal. */
#include "cpe/transfer/upload.h"

#include <string.h>

#include "base/compiler.h"
#include "cpe/file.h"

enum { LOG_BYTES = 256 * 1024 };

typedef void content_fn(const struct datamodel *model, const char *state_dir, struct buffer *out);

static void append_field(struct buffer *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		buffer_append_text(out, text);
		return;
	}
	buffer_append_text(out, "\"");
	for (; *text; text++)
		buffer_append(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buffer_append_text(out, "\"");
}

static void append_parameter(struct buffer *out, struct arena *arena, const struct node *node)
{
	append_field(out, node_path(arena, node));
	buffer_append_text(out, ",false,true,");
	append_field(out, node_readable(node));
	buffer_printf(out, ",%s\n", node->type);
}

static void append_writable(struct buffer *out, struct arena *arena, const struct node *node)
{
	if (node->is_template)
		return;
	if (!node->is_object && node->is_writable)
		append_parameter(out, arena, node);
	for (size_t i = 0; i < node->child_count; i++)
		append_writable(out, arena, node->children[i]);
}

static void configuration(const struct datamodel *model, const char *state_dir, struct buffer *out)
{
	struct arena *arena = arena_new();
	(void)state_dir;
	buffer_append_text(out, "Parameter,Object,Writable,Value,Value type\n");
	append_writable(out, arena, datamodel_root(model));
	arena_free(arena);
}

/* Whole lines only. */
static void append_end(const struct buffer *whole, struct buffer *out)
{
	size_t start = whole->length > LOG_BYTES ? whole->length - LOG_BYTES : 0;
	while (start > 0 && start < whole->length && whole->data[start - 1] != '\n')
		start++;
	buffer_append(out, whole->data + start, whole->length - start);
}

static void journal(const struct datamodel *model, const char *state_dir, struct buffer *out)
{
	(void)model;
	if (!state_dir)
		return;
	struct arena *arena = arena_new();
	struct buffer whole = { 0 };
	char why[160];
	if (file_read(
		    arena_printf(arena, "%s/journal.jsonl", state_dir), &whole, why, sizeof(why)) &&
		whole.length)
		append_end(&whole, out);
	buffer_clear(&whole);
	arena_free(arena);
}

/* Types that end in a blank are followed by the instance of a row in DeviceInfo. */
static const struct upload_type {
	const char *name;
	enum cwmp_version since;
	content_fn *content;
	const char *queued; /* its name in GetAllQueuedTransfers */
} types[] = {
	{ "1 Vendor Configuration File", CWMP_1_0, configuration, "3 Vendor Configuration File" },
	{ "2 Vendor Log File", CWMP_1_0, journal, "4 Vendor Log File" },
	{ "3 Vendor Configuration File ", CWMP_1_2, configuration, "6 Vendor Configuration File " },
	{ "4 Vendor Log File ", CWMP_1_2, journal, "7 Vendor Log File " },
	{ "X ", CWMP_1_0, journal, "X " },
};

static bool fits(const char *name, const char *file_type)
{
	const size_t length = strlen(name);
	const char *rest = file_type + length;
	if (strncmp(name, file_type, length) != 0)
		return false;
	if (name[length - 1] != ' ')
		return *rest == '\0';
	return *rest && (name[0] == 'X' || rest[strspn(rest, "0123456789")] == '\0');
}

static const struct upload_type *find_type(const char *file_type)
{
	for (size_t i = 0; i < LENGTH_OF(types); i++)
		if (fits(types[i].name, file_type))
			return &types[i];
	return NULL;
}

bool upload_is_possible(const char *file_type, enum cwmp_version version)
{
	const struct upload_type *type = find_type(file_type);
	return type && type->since <= version;
}

void upload_content(const struct datamodel *model, const char *state_dir, const char *file_type,
	struct buffer *out)
{
	const struct upload_type *type = find_type(file_type);
	if (type)
		type->content(model, state_dir, out);
}

const char *upload_queued_type(struct arena *arena, const char *file_type)
{
	const struct upload_type *type = find_type(file_type);
	if (!type)
		return file_type;
	return arena_printf(arena, "%s%s", type->queued, file_type + strlen(type->name));
}
