/* migration_files: the files of migrations/, as the build put them into the program.
 * Private to db/; in the order of their names, which is that of their application. */
#ifndef DB_MIGRATION_FILES_H
#define DB_MIGRATION_FILES_H

#include <stddef.h>

struct migration_file {
	const char *name; /* "0001_devices", without .sql */
	const char *sql;  /* NUL-terminated beyond length */
	size_t length;
};

extern const struct migration_file migration_files[];
extern const size_t migration_files_count;

#endif
