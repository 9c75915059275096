/* files: the catalogue of what devices may fetch, and its content in chunks.
 * Content has a number of its own and belongs to nobody until the last chunk is there. */
#ifndef DB_FILES_H
#define DB_FILES_H

#include "base/compiler.h"
#include "db/audit.h"

enum { FILE_CHUNK_BYTES = 256 * 1024 }; /* every chunk but the last has exactly that many */

/* By name. Rows: JSON text, cursor (the name). after: "" for the first page. */
void files_list(struct db_question *question, const char *after, unsigned limit);
/* One row with the file as JSON text, or none. */
void files_get(struct db_question *question, const char *name);
/* One row when there was such a file. */
void files_delete(struct db_question *question, const struct audit_note *note, const char *name);

/* An upload: one row with the content_id, then its chunks from 0 on, then files_finish() or
 * files_drop_content(). What is left behind by a crash goes with files_sweep(). */
void files_begin_content(struct db_question *question);
/* bytes stay borrowed until db_ask(). */
void files_add_chunk(struct db_question *question, int64_t content_id, int64_t chunk,
	const void *bytes, size_t length);
void files_drop_content(struct db_question *question, int64_t content_id);

struct file_new {
	const char *name, *kind, *file_type;
	const char *version, *oui, *product_class; /* or NULL */
	const char *device; /* public id of the one that uploaded it, or NULL */
	int64_t content_id;
	const char *sha256; /* hex */
	int64_t size;
};
/* Puts the content under the name, in place of an older one; a device's only in place of its own. Last
 * result: one row with JSON text, and whether the name is new; none when the content was dropped meanwhile, or
 * the name is not the device's. */
void files_finish(
	struct db_question *question, const struct audit_note *note, const struct file_new *file);

/* Whose a link is. */
struct file_device {
	const char *id; /* public */
	const char *oui, *product_class, *serial_number;
};
/* From the row of either question below, copied to arena. Its first four columns are those of
 * auth_credential_read(). */
void file_device_read(struct arena *arena, const struct db_rows *rows, struct file_device *out);

/* What the open Upload task says that puts its file under a name. */
struct upload_order {
	struct file_device device;
	const char *file_type, *version;
	bool is_taken; /* the name, by a file that is not the device's */
};
/* One row, or none, as for a device that is blocked or quarantined. */
void files_find_upload(struct db_question *question, const char *name, int64_t device_id);
/* Copied to arena. False when no Upload under way is for this file. */
bool upload_order_read(
	struct arena *arena, const struct db_rows *rows, struct upload_order *out) MUST_CHECK;

/* What serving a file needs. */
struct file_content {
	int64_t content_id;
	int64_t size;
	char sha256[65];
};
/* Likewise. device_id 0 is an operator, who is no device. */
void files_find_content(struct db_question *question, const char *name, int64_t device_id);
/* False when there is no such file. */
bool file_content_read(const struct db_rows *rows, struct file_content *out) MUST_CHECK;
/* One row with the bytes from offset on (db_get_bytea), at most `most`, and not beyond the end of a
 * chunk; none when the content is gone. */
void files_get_piece(
	struct db_question *question, int64_t content_id, int64_t offset, int64_t most);

/* Deletes content that has belonged to no file for a day: uploads that broke off, and what was
 * replaced (those who were fetching it have finished). */
void files_sweep(struct db_question *question);

#endif
