/* incoming: content on its way into the catalogue, from operators and devices alike.
 * Until it is finished it belongs to nobody, and files_sweep() finds what a crash left behind. */
#include "acs/files/incoming.h"

#include <string.h>

#include "acs/background.h"

void incoming_begin(struct incoming *in, struct db_question *question)
{
	in->sha256 = sha256_begin();
	files_begin_content(question);
}

void incoming_begun(struct incoming *in, const struct db_rows *rows)
{
	in->file.content_id = db_get_int(rows, 0, 0);
}

void incoming_add(struct incoming *in, const void *bytes, size_t length)
{
	sha256_add(in->sha256, bytes, length);
	buffer_append(&in->chunk, bytes, length);
	in->file.size += (int64_t)length;
}

bool incoming_has_chunk(const struct incoming *in)
{
	return in->chunk.length >= FILE_CHUNK_BYTES;
}

void incoming_store_chunk(struct incoming *in, struct db_question *question)
{
	files_add_chunk(
		question, in->file.content_id, in->chunks++, in->chunk.data, FILE_CHUNK_BYTES);
}

void incoming_drop_chunk(struct incoming *in)
{
	in->chunk.length -= FILE_CHUNK_BYTES;
	memmove(in->chunk.data, in->chunk.data + FILE_CHUNK_BYTES, in->chunk.length);
}

void incoming_finish(
	struct incoming *in, struct db_question *question, const struct audit_note *note)
{
	uint8_t digest[SHA256_BYTES];
	char *hex = arena_alloc(question->arena, SHA256_HEX_BYTES);
	sha256_end(in->sha256, digest);
	in->sha256 = NULL;
	hex_encode(digest, sizeof(digest), hex);
	in->file.sha256 = hex;
	if (in->chunk.length)
		files_add_chunk(question, in->file.content_id, in->chunks, in->chunk.data,
			in->chunk.length);
	files_finish(question, note, &in->file);
}

void incoming_release(struct incoming *in, struct loop *loop)
{
	sha256_free(in->sha256);
	buffer_clear(&in->chunk);
	if (in->is_finished || !in->file.content_id)
		return;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	files_drop_content(&question, in->file.content_id);
	background_ask(loop, arena, &question, "drop-upload", NULL);
}
