/* csv: rows of comma-separated text (RFC 4180), as device trees are dumped.
 * A quoted field may hold commas, doubled quotes and line breaks. */
#ifndef CPE_CSV_H
#define CPE_CSV_H

#include <stddef.h>

#include "base/arena.h"

enum csv_result { CSV_ROW, CSV_END, CSV_BAD };

struct csv_reader {
	const char *at, *end;
	unsigned line;   /* of the row read last */
	const char *why; /* after CSV_BAD */
	unsigned next_line;
};

enum { CSV_FIELDS_MAX = 16 };

struct csv_row {
	const char *fields[CSV_FIELDS_MAX];
	size_t count;
};

/* Reads from bytes, which are borrowed; a byte order mark is skipped. */
void csv_open(struct csv_reader *reader, const void *bytes, size_t length);
/* The next row that is not blank; its fields are taken from arena. */
enum csv_result csv_next(struct csv_reader *reader, struct arena *arena, struct csv_row *row);

#endif
