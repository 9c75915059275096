/* log: one line per event, key=value, to standard error.
 * A line is put together first and written by one call, so that lines of threads never mix. */
#include "acs/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"

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

/* logfmt: quotes where a reader could be misled, escapes for what would break the line. */
static void append_value(struct buffer *line, const char *text)
{
	bool is_bare = *text != '\0';
	for (const char *c = text; *c && is_bare; c++)
		is_bare = !misleads(*c);
	if (!is_bare)
		buffer_append_text(line, "\"");
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			buffer_printf(line, "\\%c", *c);
		else if (*c == '\n')
			buffer_append_text(line, "\\n");
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			buffer_printf(line, "\\x%02x", (unsigned char)*c);
		else
			buffer_append(line, c, 1);
	}
	if (!is_bare)
		buffer_append_text(line, "\"");
}

static void append_time(struct buffer *line)
{
	struct timespec now;
	struct tm tm;
	char text[32];
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	buffer_printf(line, "time=%s.%03ldZ", text, now.tv_nsec / 1000000);
}

void log_write(
	enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	struct buffer line = { 0 };
	append_time(&line);
	buffer_printf(&line, " level=%s event=%s", level_names[level], event);
	for (size_t i = 0; i < count; i++) {
		const struct log_field *field = &fields[i];
		buffer_printf(&line, " %s=", field->key);
		if (field->is_text)
			append_value(&line, field->text ? field->text : "");
		else
			buffer_printf(&line, "%lld", (long long)field->number);
	}
	buffer_append_text(&line, "\n");
	const ssize_t written = write(STDERR_FILENO, line.data, line.length);
	(void)written; /* nobody to tell */
	buffer_clear(&line);
}
