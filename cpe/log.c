/* log: one line per event, key=value, to standard error.
 * A line is written by one call; values are quoted where they need it. */
#include "cpe/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cpe/file.h"

static void append_quoted(struct buffer *line, const char *text)
{
	buffer_append_text(line, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_printf(line, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			buffer_printf(line, "\\x%02x", (unsigned)(unsigned char)*text);
		else
			buffer_append(line, text, 1);
	}
	buffer_append_text(line, "\"");
}

static void append_text(struct buffer *line, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/@+%,[]?&";
	if (*text && text[strspn(text, plain)] == '\0')
		buffer_append_text(line, text);
	else
		append_quoted(line, text);
}

static void append_time(struct buffer *line)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct tm tm;
	gmtime_r(&now.tv_sec, &tm);
	char text[32];
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	buffer_printf(line, "time=%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static void append_field(struct buffer *line, const struct log_field *field)
{
	buffer_printf(line, " %s=", field->key);
	if (field->text)
		append_text(line, field->text);
	else
		buffer_printf(line, "%lld", field->number);
}

void log_write(const char *device, const char *event, const struct log_field *fields, size_t count)
{
	struct buffer line = { 0 };
	append_time(&line);
	append_field(&line, &(struct log_field)LOG_TEXT("event", event));
	if (device)
		append_field(&line, &(struct log_field)LOG_TEXT("device", device));
	for (size_t i = 0; i < count; i++)
		append_field(&line, &fields[i]);
	buffer_append_text(&line, "\n");
	const bool written = file_write_all(STDERR_FILENO, line.data, line.length);
	(void)written; /* nowhere left to say so */
	buffer_clear(&line);
}
