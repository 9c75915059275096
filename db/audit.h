/* audit: who did what from where, to what, on which device, and what became of it.
 * A change is noted by the statement that makes it, so that neither is there without the other. */
#ifndef DB_AUDIT_H
#define DB_AUDIT_H

#include "db/db.h"

struct audit_note {
	const char *actor;   /* name of the token or user, or a word that is nobody's */
	const char *action;  /* "PUT /api/v1/files/{name}" */
	const char *target;  /* what the route's path names, or NULL */
	const char *address; /* the peer's; NULL: from the machine itself */
	const char *device;  /* public id, or NULL */
};

/* $1, $2 and $3 of every audited statement. */
#define AUDIT_VALUES(arena, note) \
	db_text((note)->actor), db_text((note)->action), audit_where(arena, note)
/* Target, address and device. */
struct db_value audit_where(struct arena *arena, const struct audit_note *note);

/* SQL for one more WITH part: notes the change when the part `changed` has a row. detail is a jsonb
 * expression over that row; never a secret. */
#define AUDITED(changed, detail) AUDIT_ENTRY(changed, AUDIT_DEVICE, detail, "NULL::jsonb", "NULL::jsonb")
/* The same of a setting: before and after are jsonb expressions for what it was and what it became. */
#define AUDITED_SETTING(changed, before, after) \
	AUDIT_ENTRY(changed, AUDIT_DEVICE, "NULL::jsonb", before, after)
/* Where the note does not know the device: a text expression for it. */
#define AUDITED_ON(changed, device, detail) \
	AUDIT_ENTRY(changed, device, detail, "NULL::jsonb", "NULL::jsonb")

/* One entry for each row, on the device that is the text expression `device`. */
#define AUDITED_EACH(changed, device, after) \
	AUDIT_ENTRIES(changed, device, device, "NULL::jsonb", "NULL::jsonb", after) ")"

#define AUDIT_TARGET "($3::text[])[1]"
#define AUDIT_ADDRESS "($3::text[])[2]::inet"
#define AUDIT_DEVICE "($3::text[])[3]"
#define AUDIT_ENTRIES(changed, target, device, detail, before, after) \
	" audited AS (INSERT INTO audit (actor, action, target, address, device, detail, before, after)" \
	" SELECT $1, $2, " target ", " AUDIT_ADDRESS ", " device ", " detail ", " before ", " after \
	" FROM " changed
#define AUDIT_ENTRY(changed, device, detail, before, after) \
	AUDIT_ENTRIES(changed, AUDIT_TARGET, device, detail, before, after) " LIMIT 1)"

/* Adds the statement that notes what is no change of the database. outcome: 'done', 'refused' or 'failed';
 * detail: JSON text, or NULL. */
void audit_add(struct db_question *question, const struct audit_note *note, const char *outcome,
	const char *detail);

/* NULL: any. */
struct audit_filter {
	const char *device, *address, *actor, *action, *outcome;
	const char *since, *until; /* RFC 3339; until is not included */
};

/* Newest first. Rows of the last result: JSON text, cursor. after: cursor of the last one seen, "" for none. */
void audit_list(struct db_question *question, const struct audit_filter *filter, const char *after,
	unsigned limit);

#endif
