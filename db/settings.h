/* settings: documents that all nodes share. */
#ifndef DB_SETTINGS_H
#define DB_SETTINGS_H

#include "db/audit.h"

/* One row with the document as JSON text, or none. */
void settings_get(struct db_question *question, const char *name);
/* One row with the document as it is now. */
void settings_put(struct db_question *question, const struct audit_note *note, const char *name,
	const char *json);

#endif
