/* files: the catalogue of what devices may fetch, and its content in chunks.
 * file_loose lists content that no file owns, yet or any more, since when. */
#include "db/files.h"

#include <stdio.h>

#define FILE_JSON \
	"json_build_object('name', f.name, 'kind', f.kind, 'file_type', f.file_type, 'version', f.version," \
	" 'oui', f.oui, 'product_class', f.product_class, 'size', f.size, 'sha256', f.sha256," \
	" 'device', f.device," \
	" 'uploaded', " DB_TIME("f.uploaded") ")"

#define FACTS(f) \
	"jsonb_build_object('kind', " f ".kind, 'file_type', " f ".file_type, 'version', " f ".version," \
	" 'oui', " f ".oui, 'product_class', " f ".product_class, 'size', " f ".size," \
	" 'sha256', " f ".sha256)"

static const struct db_statement list = {
	.name = "files_list",
	.sql = "SELECT " FILE_JSON ", f.name FROM file f"
	       " WHERE f.name COLLATE \"C\" > $1 ORDER BY f.name COLLATE \"C\" LIMIT $2",
};

void files_list(struct db_question *question, const char *after, unsigned limit)
{
	DB_ADD(question, &list, db_text(after), db_int(question->arena, limit));
}

static const struct db_statement get = {
	.name = "files_get",
	.sql = "SELECT " FILE_JSON " FROM file f WHERE f.name = $1",
};

void files_get(struct db_question *question, const char *name)
{
	DB_ADD(question, &get, db_text(name));
}

static const struct db_statement delete = {
	.name = "files_delete",
	.sql = "WITH gone AS (DELETE FROM file WHERE name = $4 RETURNING *),"
	       " loose AS (INSERT INTO file_loose (content_id) SELECT content_id FROM gone),"
	       AUDITED_SETTING("gone", FACTS("gone"), "NULL::jsonb")
	       " SELECT FROM gone",
};

void files_delete(struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &delete, AUDIT_VALUES(question->arena, note), db_text(name));
}

static const struct db_statement begin_content = {
	.name = "files_begin_content",
	.sql = "INSERT INTO file_loose (content_id) VALUES (nextval('file_content_id'))"
	       " RETURNING content_id",
};

void files_begin_content(struct db_question *question)
{
	db_add(question, &begin_content, NULL, 0);
}

/* Only while the upload is alive; what drops it waits for the lock and then sees the chunk. */
static const struct db_statement add_chunk = {
	.name = "files_add_chunk",
	.sql = "INSERT INTO file_chunk (content_id, chunk, bytes)"
	       " SELECT content_id, $2, $3 FROM file_loose WHERE content_id = $1 FOR KEY SHARE",
};

void files_add_chunk(struct db_question *question, int64_t content_id, int64_t chunk, const void *bytes,
	size_t length)
{
	DB_ADD(question, &add_chunk, db_int(question->arena, content_id),
		db_int(question->arena, chunk), db_bytea(bytes, length));
}

static const struct db_statement end_loose = {
	.name = "files_end_loose",
	.sql = "DELETE FROM file_loose WHERE content_id = $1",
};
/* A statement of its own, so that it sees what the one before waited for. */
static const struct db_statement drop_chunks = {
	.name = "files_drop_chunks",
	.sql = "DELETE FROM file_chunk WHERE content_id = $1"
	       " AND NOT EXISTS (SELECT FROM file WHERE content_id = $1)",
};

void files_drop_content(struct db_question *question, int64_t content_id)
{
	DB_ADD(question, &end_loose, db_int(question->arena, content_id));
	DB_ADD(question, &drop_chunks, db_int(question->arena, content_id));
}

/* Two uploads of one name would each see no older content; one after the other, the second sees the first's. */
static const struct db_statement lock_name = {
	.name = "files_lock_name",
	.sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
};

static const struct db_statement finish = {
	.name = "files_finish",
	.sql = "WITH old AS (SELECT * FROM file WHERE name = $4),"
	       " owned AS (DELETE FROM file_loose WHERE content_id = $10 AND ($13::text IS NULL"
	       "  OR NOT EXISTS (SELECT FROM old WHERE device IS DISTINCT FROM $13)) RETURNING content_id),"
	       " f AS (INSERT INTO file (name, kind, file_type, version, oui, product_class, content_id,"
	       "   sha256, size, device) SELECT $4, $5, $6, $7, $8, $9, content_id, $11, $12, $13 FROM owned"
	       "  ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, file_type = excluded.file_type,"
	       "   version = excluded.version, oui = excluded.oui, product_class = excluded.product_class,"
	       "   content_id = excluded.content_id, sha256 = excluded.sha256, size = excluded.size,"
	       "   device = excluded.device, uploaded = now() RETURNING *),"
	       " loose AS (INSERT INTO file_loose (content_id) SELECT old.content_id FROM old, f),"
	       AUDITED_SETTING("f", "(SELECT " FACTS("old") " FROM old)", FACTS("f"))
	       " SELECT " FILE_JSON ", NOT EXISTS (SELECT FROM old) FROM f",
};

void files_finish(struct db_question *question, const struct audit_note *note, const struct file_new *file)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &lock_name, db_text(file->name));
	DB_ADD(question, &finish, AUDIT_VALUES(question->arena, note), db_text(file->name), db_text(file->kind),
		db_text(file->file_type), db_text(file->version), db_text(file->oui),
		db_text(file->product_class), db_int(arena, file->content_id), db_text(file->sha256),
		db_int(arena, file->size), db_text(file->device));
}

#define DEVICE_COLUMNS \
	"c.username, c.realm, c.ha1_md5, c.ha1_sha256, d.id, d.oui, d.product_class, d.serial_number"
enum { AFTER_DEVICE = 8 };

void file_device_read(struct arena *arena, const struct db_rows *rows, struct file_device *out)
{
	*out = (struct file_device){
		.id = arena_strdup(arena, db_get_text(rows, 0, 4)),
		.oui = arena_strdup(arena, db_get_text(rows, 0, 5)),
		.product_class = arena_strdup(arena, db_get_text(rows, 0, 6)),
		.serial_number = arena_strdup(arena, db_get_text(rows, 0, 7)),
	};
}

/* The name is the task's own unless the operator chose one; of several the latest counts. */
static const struct db_statement find_upload = {
	.name = "files_find_upload",
	.sql = "SELECT " DEVICE_COLUMNS ", t.arguments ->> 'file_type', d.software_version,"
	       "  EXISTS (SELECT FROM file f WHERE f.name = $1 AND f.device IS DISTINCT FROM d.id)"
	       " FROM task t JOIN device d USING (device_id) LEFT JOIN credential c USING (device_id)"
	       " WHERE t.device_id = $2 AND t.state = 'sent' AND t.method = 'Upload'"
	       "  AND NOT t.arguments ? 'url' AND d.admission = 'active'"
	       "  AND coalesce(t.arguments ->> 'file_name', 'upload-' || t.task_id) = $1"
	       " ORDER BY t.task_id DESC LIMIT 1",
};

void files_find_upload(struct db_question *question, const char *name, int64_t device_id)
{
	DB_ADD(question, &find_upload, db_text(name), db_int(question->arena, device_id));
}

bool upload_order_read(
	struct arena *arena, const struct db_rows *rows, struct upload_order *out)
{
	if (db_row_count(rows) == 0)
		return false;
	*out = (struct upload_order){
		.file_type = arena_strdup(arena, db_get_text(rows, 0, AFTER_DEVICE)),
		.version = arena_strdup(arena, db_get_text(rows, 0, AFTER_DEVICE + 1)),
		.is_taken = db_get_bool(rows, 0, AFTER_DEVICE + 2),
	};
	file_device_read(arena, rows, &out->device);
	return true;
}

static const struct db_statement find_content = {
	.name = "files_find_content",
	.sql = "SELECT " DEVICE_COLUMNS ", f.content_id, f.size, f.sha256"
	       " FROM file f LEFT JOIN device d ON d.device_id = $2"
	       " LEFT JOIN credential c ON c.device_id = $2"
	       " WHERE f.name = $1 AND ($2 = 0 OR d.admission = 'active')",
};

void files_find_content(struct db_question *question, const char *name, int64_t device_id)
{
	DB_ADD(question, &find_content, db_text(name), db_int(question->arena, device_id));
}

bool file_content_read(const struct db_rows *rows, struct file_content *out)
{
	if (db_row_count(rows) == 0)
		return false;
	*out = (struct file_content){
		.content_id = db_get_int(rows, 0, AFTER_DEVICE),
		.size = db_get_int(rows, 0, AFTER_DEVICE + 1),
	};
	snprintf(out->sha256, sizeof(out->sha256), "%s", db_get_text(rows, 0, AFTER_DEVICE + 2));
	return true;
}

/* Chunks are stored EXTERNAL, uncompressed: a part of one is read without the rest. */
static const struct db_statement get_piece = {
	.name = "files_get_piece",
	.sql = "SELECT substring(bytes FROM $3::int FOR $4::int) FROM file_chunk"
	       " WHERE content_id = $1 AND chunk = $2",
};

void files_get_piece(struct db_question *question, int64_t content_id, int64_t offset, int64_t most)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &get_piece, db_int(arena, content_id),
		db_int(arena, offset / FILE_CHUNK_BYTES), db_int(arena, offset % FILE_CHUNK_BYTES + 1),
		db_int(arena, most));
}

static const struct db_statement sweep = {
	.name = "files_sweep",
	.sql = "WITH gone AS (DELETE FROM file_loose WHERE since < now() - interval '1 day'"
	       "  RETURNING content_id)"
	       " DELETE FROM file_chunk USING gone WHERE file_chunk.content_id = gone.content_id",
};

void files_sweep(struct db_question *question)
{
	db_add(question, &sweep, NULL, 0);
}
