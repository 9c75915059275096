/* rows: typed access to the result of a statement.
 * All columns arrive as text; the statement chose them, so a wrong type is a bug and asserts. */
#include "db/rows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

const struct db_rows *rows_of(struct arena *arena, const PGresult *result)
{
	struct db_rows *rows = ARENA_NEW(arena, struct db_rows);
	rows->rows = (size_t)PQntuples(result);
	rows->columns = (size_t)PQnfields(result);
	rows->affected = (size_t)strtoull(PQcmdTuples((PGresult *)result), NULL, 10);
	rows->cells = arena_array(arena, rows->rows * rows->columns, sizeof(*rows->cells));
	struct db_cell *cell = rows->cells;
	for (int row = 0; row < PQntuples(result); row++) {
		for (int column = 0; column < PQnfields(result); column++, cell++) {
			if (PQgetisnull(result, row, column))
				continue;
			cell->text = PQgetvalue(result, row, column);
			cell->length = (size_t)PQgetlength(result, row, column);
		}
	}
	return rows;
}

const struct db_rows *rows_copy(struct arena *arena, const struct db_rows *rows)
{
	struct db_rows *copy = arena_memdup(arena, rows, sizeof(*rows));
	const size_t count = rows->rows * rows->columns;
	copy->cells = arena_memdup(arena, rows->cells, count * sizeof(*rows->cells));
	for (size_t i = 0; i < count; i++)
		copy->cells[i].text = arena_strndup(
			arena, rows->cells[i].text, rows->cells[i].length);
	return copy;
}

static const struct db_cell *cell_at(const struct db_rows *rows, size_t row, size_t column)
{
	assert(row < rows->rows && column < rows->columns);
	return &rows->cells[row * rows->columns + column];
}

size_t db_row_count(const struct db_rows *rows)
{
	return rows->rows;
}

size_t db_affected(const struct db_rows *rows)
{
	return rows->affected;
}

bool db_is_null(const struct db_rows *rows, size_t row, size_t column)
{
	return !cell_at(rows, row, column)->text;
}

const char *db_get_text(const struct db_rows *rows, size_t row, size_t column)
{
	return cell_at(rows, row, column)->text;
}

int64_t db_get_int(const struct db_rows *rows, size_t row, size_t column)
{
	const char *text = db_get_text(rows, row, column);
	if (!text)
		return 0;
	char *end;
	errno = 0;
	const long long value = strtoll(text, &end, 10);
	assert(end != text && *end == '\0' && errno == 0);
	return value;
}

bool db_get_bool(const struct db_rows *rows, size_t row, size_t column)
{
	const char *text = db_get_text(rows, row, column);
	assert(!text || strcmp(text, "t") == 0 || strcmp(text, "f") == 0);
	return text && text[0] == 't';
}

/* bytea_output is hex, the default and set on every connection: \x and two digits a byte. */
const void *db_get_bytea(
	struct arena *arena, const struct db_rows *rows, size_t row, size_t column, size_t *length)
{
	const struct db_cell *cell = cell_at(rows, row, column);
	*length = 0;
	if (!cell->text)
		return NULL;
	assert(cell->length >= 2 && memcmp(cell->text, "\\x", 2) == 0);
	*length = cell->length / 2 - 1;
	void *bytes = arena_alloc(arena, *length + 1);
	const bool is_hex = hex_decode(cell->text + 2, bytes, *length);
	assert(is_hex);
	(void)is_hex;
	return bytes;
}
