/* audit: who changed what through the admin API.
 * The line is written by the statement that changes, so that neither is there without the other. */
#ifndef DB_AUDIT_H
#define DB_AUDIT_H

#include "db/db.h"

/* Who does what to what. In every audited statement these are $1, $2 and $3. */
struct audit_note {
	const char *actor;  /* name of the token */
	const char *action; /* "PUT /api/v1/files/{name}" */
	const char *target; /* what the route's path names, or NULL */
};
#define AUDIT_VALUES(note) db_text((note)->actor), db_text((note)->action), db_text((note)->target)

/* SQL for one more WITH part: notes the change when the part `changed` has a row. detail is a jsonb
 * expression over that row; never a secret. */
#define AUDITED(changed, detail) \
	" audited AS (INSERT INTO audit (actor, action, target, detail)" \
	" SELECT $1, $2, $3, " detail " FROM " changed " LIMIT 1)"

/* Newest first. Rows: JSON text, cursor. before: cursor of the last one seen, INT64_MAX for none. */
void audit_list(struct db_question *question, int64_t before, unsigned limit);

#endif
