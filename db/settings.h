/* settings: documents that all nodes share. */
#ifndef DB_SETTINGS_H
#define DB_SETTINGS_H

#include "db/audit.h"

/* One row with the document as JSON text, or none. */
void settings_get(struct db_question *question, const char *name);
/* JSON texts; before and after are what the audit shows, without secrets. */
struct setting_change {
	const char *known; /* what was stored when before was made of it; NULL: nothing */
	const char *document, *before, *after;
};
/* One row with the document as it is now. The audit shows no before when what is stored has changed meanwhile. */
void settings_put(struct db_question *question, const struct audit_note *note, const char *name,
	const struct setting_change *change);
/* Stores an object, if it is not what is stored. The audit shows the members that have changed. */
void settings_keep(struct db_question *question, const struct audit_note *note, const char *name,
	const char *json);

#endif
