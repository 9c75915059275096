/* device_classes: how devices of a kind prove who they are, in a table which every node keeps a copy of. */
#ifndef DB_DEVICE_CLASSES_H
#define DB_DEVICE_CLASSES_H

#include "base/compiler.h"
#include "db/audit.h"
#include "db/credentials.h"

/* A row of the table. NULL patterns match all; NULL settings are as configured. */
struct device_class_row {
	const char *name;
	int64_t position; /* of two rows that match and set the same, the later counts */
	const char *oui, *product_class, *serial_number;
	const char *auth;          /* "none", "basic", "digest" */
	const char *unknown;       /* "accept", "quarantine", "refuse" */
	const char *nonce_counter; /* "true", "false" */
	struct auth_credential shared;
	const char *note; /* not NULL */
};

/* By position. Rows: JSON text, without the hashes. */
void device_classes_list(struct db_question *question);
/* One row as JSON text, or none. */
void device_classes_get(struct db_question *question, const char *name);
/* One row: JSON text as it is now; was there none of this name? */
void device_classes_put(struct db_question *question, const struct audit_note *note,
	const struct device_class_row *row);
/* One row when there was one. */
void device_classes_delete(
	struct db_question *question, const struct audit_note *note, const char *name);

/* The rows by position, unless the table is still at `version`; -1 asks in any case. */
void device_classes_load(struct db_question *question, int64_t version);
/* False when the table is still at the version asked with. Rows to read follow: *count of them. */
bool device_classes_loaded(const struct db_rows *rows, int64_t *version, size_t *count) MUST_CHECK;
/* Texts are copied to arena; without the note. */
void device_classes_read_row(
	struct arena *arena, const struct db_rows *rows, size_t row, struct device_class_row *out);

#endif
