/* trace: every envelope sent and received as a file of its own, NNNNNN-sent-Inform.xml.
 * Numbers go on where the files of an earlier run end. */
#include "cpe/trace.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpe/file.h"
#include "cpe/log.h"

struct trace {
	char *dir;
	unsigned long last;
};

static unsigned long highest_number(DIR *dir)
{
	unsigned long highest = 0;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		const unsigned long number = strtoul(entry->d_name, NULL, 10);
		if (isdigit((unsigned char)entry->d_name[0]) && number > highest)
			highest = number;
	}
	return highest;
}

struct trace *trace_open(const char *path, char *why, size_t why_size)
{
	DIR *dir = mkdir(path, 0700) == 0 || errno == EEXIST ? opendir(path) : NULL;
	if (!dir) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct trace *trace = calloc(1, sizeof(*trace));
	if (!trace)
		abort();
	trace->dir = strdup(path);
	trace->last = highest_number(dir);
	closedir(dir);
	return trace;
}

/* Method names come from the peer: only what is safe in a file name is kept. */
static void plain_name(const char *name, char *out, size_t room)
{
	size_t length = 0;
	for (; *name && length + 1 < room; name++)
		if (isalnum((unsigned char)*name) || *name == '_')
			out[length++] = *name;
	out[length] = '\0';
}

void trace_envelope(struct trace *trace, enum trace_direction direction, const char *name,
	const void *bytes, size_t length)
{
	if (!trace)
		return;
	char plain[80], *path = NULL;
	plain_name(name, plain, sizeof(plain));
	if (asprintf(&path, "%s/%06lu-%s-%s.xml", trace->dir, ++trace->last,
		    direction == TRACE_SENT ? "sent" : "received", plain) < 0)
		abort();
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !file_write_all(fd, bytes, length))
		LOG(NULL, "trace-failed", LOG_TEXT("file", path),
			LOG_TEXT("error", strerror(errno)));
	if (fd >= 0)
		close(fd);
	free(path);
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	free(trace->dir);
	free(trace);
}
