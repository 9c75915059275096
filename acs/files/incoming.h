/* incoming: content on its way into the catalogue, from operators and devices alike.
 * Pieces collect to chunks of FILE_CHUNK_BYTES; while one is stored nothing more should be read. */
#ifndef ACS_FILES_INCOMING_H
#define ACS_FILES_INCOMING_H

#include "acs/loop.h"
#include "base/buffer.h"
#include "base/crypto.h"
#include "db/files.h"

struct incoming {
	struct file_new file; /* the receiver's, but for content_id, size and sha256 */
	struct sha256_stream *sha256;
	struct buffer chunk; /* what is not stored yet */
	int64_t chunks;      /* stored */
	bool is_finished;    /* it is the catalogue's */
};

/* Adds the question for room; incoming_begun() takes its result. */
void incoming_begin(struct incoming *in, struct db_question *question);
void incoming_begun(struct incoming *in, const struct db_rows *rows);
void incoming_add(struct incoming *in, const void *bytes, size_t length);
bool incoming_has_chunk(const struct incoming *in);
/* Adds the statement that stores the next chunk; incoming_drop_chunk() when it has been asked. */
void incoming_store_chunk(struct incoming *in, struct db_question *question);
void incoming_drop_chunk(struct incoming *in);
/* The last bytes have come: adds the statements that store them and put the file into the catalogue.
 * Last result: see files_finish(). */
void incoming_finish(
	struct incoming *in, struct db_question *question, const struct audit_note *note);
/* Drops the content unless it is finished. Does nothing before incoming_begin(). */
void incoming_release(struct incoming *in, struct loop *loop);

#endif
