/* csv: rows of comma-separated text (RFC 4180), as device trees are dumped.
 * LF and CRLF both end a row; inside quotes they belong to the value. */
#include "cpe/model/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"

void csv_open(struct csv_reader *reader, const void *bytes, size_t length)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	const char *text = bytes;
	*reader = (struct csv_reader){ .at = text, .end = text + length, .next_line = 1 };
	if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0)
		reader->at += 3;
}

/* The quotation mark has been read. */
static bool read_quoted(struct csv_reader *reader, struct buffer *field)
{
	while (reader->at < reader->end) {
		const char c = *reader->at++;
		if (c == '"') {
			if (reader->at == reader->end || *reader->at != '"')
				return true;
			reader->at++;
		}
		reader->next_line += c == '\n';
		buffer_append(field, &c, 1);
	}
	reader->why = "a quoted field does not end";
	return false;
}

static bool is_end_of_row(const struct csv_reader *reader)
{
	return reader->at == reader->end || *reader->at == '\n' || *reader->at == '\r';
}

static bool read_field(struct csv_reader *reader, struct buffer *field)
{
	buffer_reset(field);
	if (reader->at < reader->end && *reader->at == '"') {
		reader->at++;
		if (!read_quoted(reader, field))
			return false;
		if (!is_end_of_row(reader) && *reader->at != ',') {
			reader->why = "text follows a quoted field";
			return false;
		}
		return true;
	}
	const char *start = reader->at;
	while (!is_end_of_row(reader) && *reader->at != ',')
		reader->at++;
	buffer_append(field, start, (size_t)(reader->at - start));
	return true;
}

static void skip_end_of_row(struct csv_reader *reader)
{
	if (reader->at < reader->end && *reader->at == '\r')
		reader->at++;
	if (reader->at < reader->end && *reader->at == '\n') {
		reader->at++;
		reader->next_line++;
	}
}

static void skip_blank_rows(struct csv_reader *reader)
{
	while (reader->at < reader->end && is_end_of_row(reader))
		skip_end_of_row(reader);
}

static bool read_row(
	struct csv_reader *reader, struct arena *arena, struct csv_row *row, struct buffer *field)
{
	for (;;) {
		if (row->count == CSV_FIELDS_MAX) {
			reader->why = "too many fields";
			return false;
		}
		if (!read_field(reader, field))
			return false;
		row->fields[row->count++] = arena_strndup(
			arena, field->data ? field->data : "", field->length);
		if (is_end_of_row(reader))
			return true;
		reader->at++;
	}
}

enum csv_result csv_next(struct csv_reader *reader, struct arena *arena, struct csv_row *row)
{
	row->count = 0;
	skip_blank_rows(reader);
	if (reader->at == reader->end)
		return CSV_END;
	reader->line = reader->next_line;
	struct buffer field = { 0 };
	const bool ok = read_row(reader, arena, row, &field);
	buffer_clear(&field);
	skip_end_of_row(reader);
	return ok ? CSV_ROW : CSV_BAD;
}
