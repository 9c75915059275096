/* file: whole files, read at once and replaced at once.
 * A replaced file is either the old or the new one, also after a power cut. */
#include "cpe/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(const char *path, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s: %s", path, strerror(errno));
	return false;
}

bool file_read(const char *path, struct buffer *content, char *why, size_t why_size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(path, why, why_size);
	char piece[16384];
	ssize_t n;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		buffer_append(content, piece, (size_t)n);
	if (n < 0)
		fail(path, why, why_size);
	close(fd);
	return n == 0;
}

bool file_write_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		const ssize_t n = write(fd, at, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

bool file_sync_folder(const char *path)
{
	char *copy = strdup(path);
	if (!copy)
		abort();
	const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return false;
	const bool ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

static bool write_synced(const char *path, const void *bytes, size_t length)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	const bool ok = file_write_all(fd, bytes, length) && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

bool file_replace(const char *path, const void *bytes, size_t length, char *why, size_t why_size)
{
	char *fresh = NULL;
	if (asprintf(&fresh, "%s.new", path) < 0)
		abort();
	const bool ok = write_synced(fresh, bytes, length) && rename(fresh, path) == 0 &&
			file_sync_folder(path);
	if (!ok)
		fail(path, why, why_size);
	free(fresh);
	return ok;
}
