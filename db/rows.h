/* rows: one statement's result as a table of texts.
 * Private to db/; libpq's result stays the owner of the texts unless they were copied. */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <libpq-fe.h>

#include "db/db.h"

struct db_cell {
	const char *text; /* NULL is SQL's NULL */
	size_t length;
};

struct db_rows {
	size_t rows, columns;
	size_t affected;
	struct db_cell *cells; /* row after row */
};

/* A view in arena; the texts are borrowed from result. */
const struct db_rows *rows_of(struct arena *arena, const PGresult *result);
/* A copy in arena that borrows nothing. */
const struct db_rows *rows_copy(struct arena *arena, const struct db_rows *rows);

#endif
