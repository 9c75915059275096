/* log: one line per event, key=value, to standard error.
 * A line is put together first and written by one call, so that lines of threads never mix. */
#include "acs/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"

enum { USUAL_BYTES = 512 };

static enum log_level threshold = LOG_LEVEL_INFO;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

bool log_set_level(const char *name)
{
	for (unsigned i = 0; i < LENGTH_OF(level_names); i++) {
		if (strcmp(level_names[i], name) != 0)
			continue;
		__atomic_store_n(&threshold, (enum log_level)i, __ATOMIC_RELAXED);
		return true;
	}
	return false;
}

bool log_is_on(enum log_level level)
{
	return level <= __atomic_load_n(&threshold, __ATOMIC_RELAXED);
}

static bool misleads(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f || c == '=' || c == '"' || c == '\\';
}

static bool is_bare(const char *text)
{
	for (const char *c = text; *c; c++)
		if (misleads(*c))
			return false;
	return *text != '\0';
}

static void append_escaped(struct buffer *line, char c)
{
	if (c == '"' || c == '\\')
		buffer_printf(line, "\\%c", c);
	else if (c == '\n')
		buffer_append_text(line, "\\n");
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		buffer_printf(line, "\\x%02x", (unsigned char)c);
	else
		buffer_append(line, &c, 1);
}

/* logfmt: quotes where a reader could be misled, escapes for what would break the line. */
static void append_value(struct buffer *line, const char *text)
{
	if (is_bare(text)) {
		buffer_append_text(line, text);
		return;
	}
	buffer_append(line, "\"", 1);
	for (const char *c = text; *c; c++)
		append_escaped(line, *c);
	buffer_append(line, "\"", 1);
}

/* Taking a time apart costs more than the rest of a line, so each thread keeps the second's text. */
static void append_time(struct buffer *line)
{
	static _Thread_local time_t second = -1;
	static _Thread_local char text[32];
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != second) {
		struct tm tm;
		strftime(text, sizeof(text), "time=%Y-%m-%dT%H:%M:%S.", gmtime_r(&now.tv_sec, &tm));
		second = now.tv_sec;
	}
	const int ms = (int)(now.tv_nsec / 1000000);
	const char digits[] = { (char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
		(char)('0' + ms % 10), 'Z' };
	buffer_append_text(line, text);
	buffer_append(line, digits, sizeof(digits));
}

static void append_pair(struct buffer *line, const char *key, const char *value)
{
	buffer_append(line, " ", 1);
	buffer_append_text(line, key);
	buffer_append(line, "=", 1);
	buffer_append_text(line, value);
}

void log_write(
	enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	struct buffer line = { 0 };
	buffer_reserve(&line, USUAL_BYTES);
	append_time(&line);
	append_pair(&line, "level", level_names[level]);
	append_pair(&line, "event", event);
	for (size_t i = 0; i < count; i++) {
		const struct log_field *field = &fields[i];
		append_pair(&line, field->key, "");
		if (field->is_text)
			append_value(&line, field->text ? field->text : "");
		else
			buffer_append_number(&line, field->number);
	}
	buffer_append(&line, "\n", 1);
	const ssize_t written = write(STDERR_FILENO, line.data, line.length);
	(void)written; /* nobody to tell */
	buffer_clear(&line);
}
