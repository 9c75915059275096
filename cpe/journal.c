/* journal: what the ACS acknowledged and what the device executed.
 * Each line is one write and, where it must be on disk, one fdatasync. */
#include "cpe/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cpe/file.h"

struct journal {
	int fd;
	bool is_synced;
};

/* True when the file's last byte is not a line feed. */
static bool is_cut_short(int fd)
{
	char last;
	const off_t size = lseek(fd, 0, SEEK_END);
	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

struct journal *journal_open_file(const char *path, char *why, size_t why_size)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || (is_cut_short(fd) && !file_write_all(fd, "\n", 1))) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct journal *journal = calloc(1, sizeof(*journal));
	if (!journal)
		abort();
	journal->fd = fd;
	return journal;
}

struct journal *journal_open(const char *dir, char *why, size_t why_size)
{
	char *path = NULL;
	if (asprintf(&path, "%s/journal.jsonl", dir) < 0)
		abort();
	struct journal *journal = journal_open_file(path, why, why_size);
	free(path);
	if (journal)
		journal->is_synced = true;
	return journal;
}

static json_t *time_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct tm tm;
	gmtime_r(&now.tv_sec, &tm);
	char text[32];
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static int append_text(const char *text, size_t length, void *line)
{
	buffer_append(line, text, length);
	return 0;
}

bool journal_add(struct journal *journal, const char *kind, json_t *entry)
{
	json_t *object = json_pack("{s:o,s:s}", "time", time_now(), "kind", kind);
	json_object_update(object, entry);
	json_decref(entry);
	struct buffer line = { 0 };
	json_dump_callback(object, append_text, &line, JSON_COMPACT);
	json_decref(object);
	buffer_append_text(&line, "\n");
	const bool ok = file_write_all(journal->fd, line.data, line.length) &&
			(!journal->is_synced || fdatasync(journal->fd) == 0);
	buffer_clear(&line);
	return ok;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	close(journal->fd);
	free(journal);
}
