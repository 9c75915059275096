/* migrate: brings a database to this program's schema, forward only.
 * The files of migrations/ are built into the program. Blocks. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

/* Applies what is missing, each file in a transaction of its own under an advisory lock, and records
 * its name, its SHA-256 and the oldest server that can live with it. on_applied (may be NULL) is called after each.
 * False and a text in why when the database cannot be reached, a file fails, a recorded file has changed, or the
 * database is so much newer that this program cannot live with it. */
bool db_migrate(const char *url, void (*on_applied)(const char *name, void *arg), void *arg,
	char *why, size_t why_size) MUST_CHECK;
/* Does the schema have all that is ours, and nothing that we cannot live with? */
bool db_schema_is_current(const char *url, char *why, size_t why_size) MUST_CHECK;

#endif
