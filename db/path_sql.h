/* path_sql: how statements look names up in the dictionary, and the names of what is stored.
 * Private to db/. A few are looked up one by one: a plan made while the dictionary is short would read it whole. */
#ifndef DB_PATH_SQL_H
#define DB_PATH_SQL_H

/* More than these are joined as the planner likes: where the dictionary is hardly longer than a device's tree, reading it
 * whole takes a third of the time. */
enum { FEW_PATHS = 200 };

/* The row of table path, as `path`, for a row with a name, or with a path_id; OFFSET 0 has it looked up by itself. */
#define PATH_OF_NAME(row) "LATERAL (SELECT path_id FROM path WHERE path.name = " row " OFFSET 0) AS path"
#define PATH_OF_ID(row) "LATERAL (SELECT name FROM path WHERE path.path_id = " row ".path_id OFFSET 0) AS path"

#endif
