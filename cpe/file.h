/* file: whole files, read at once and replaced at once.
 * A replaced file is either the old or the new one, also after a power cut. */
#ifndef CPE_FILE_H
#define CPE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"

/* Appends the file's bytes to content. */
bool file_read(const char *path, struct buffer *content, char *why, size_t why_size) MUST_CHECK;
/* Writes path.new, syncs it, renames it over path and syncs the folder. Mode 0600. */
bool file_replace(
	const char *path, const void *bytes, size_t length, char *why, size_t why_size) MUST_CHECK;
/* Syncs the folder that holds path, so that a rename or a removal in it lasts. */
bool file_sync_folder(const char *path) MUST_CHECK;
bool file_write_all(int fd, const void *bytes, size_t length) MUST_CHECK;

#endif
