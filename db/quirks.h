/* quirks: the table of device quirks, which every node keeps a copy of. */
#ifndef DB_QUIRKS_H
#define DB_QUIRKS_H

#include "base/compiler.h"
#include "db/audit.h"

/* A row as operators see it. NULL patterns match all. */
struct quirk_description {
	const char *name, *manufacturer, *oui, *product_class, *software_version;
	const char *settings; /* JSON */
	const char *note;
	bool is_enabled;
	int64_t position; /* rows that match are merged in this order */
};

/* By position. Rows: JSON text. */
void quirks_list(struct db_question *question);
/* One row as JSON text, or none. */
void quirks_get(struct db_question *question, const char *name);
/* One row: JSON text as it is now; was there none of this name? */
void quirks_put(struct db_question *question, const struct audit_note *note,
	const struct quirk_description *quirk);
/* Takes the operator's row away, so that a shipped one of that name counts again. One row when there
 * was one: is there a shipped one? */
void quirks_delete(struct db_question *question, const struct audit_note *note, const char *name);

/* The enabled rows in the order in which they are merged, unless the table is still at `version`; -1
 * asks in any case. */
void quirks_load(struct db_question *question, int64_t version);
/* False when the table is still at the version asked with. Rows to read follow: *count of them. */
bool quirks_loaded(const struct db_rows *rows, int64_t *version, size_t *count) MUST_CHECK;
/* Texts are borrowed from rows. */
void quirks_read_row(const struct db_rows *rows, size_t row, struct quirk_description *out);

#endif
