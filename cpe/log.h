/* log: one line per event, key=value, to standard error.
 * A line is written by one call; values are quoted where they need it. */
#ifndef CPE_LOG_H
#define CPE_LOG_H

#include <stddef.h>

struct log_field {
	const char *key;
	const char *text; /* NULL: number is the value */
	long long number;
};
#define LOG_TEXT(k, t) \
	{ \
		.key = (k), .text = log_text(t) \
	}
#define LOG_NUMBER(k, n) \
	{ \
		.key = (k), .number = (long long)(n) \
	}

/* What a value of NULL reads as. */
static inline const char *log_text(const char *text)
{
	return text ? text : "";
}

/* device may be NULL. */
void log_write(const char *device, const char *event, const struct log_field *fields, size_t count);

/* LOG(device->name, "inform", LOG_NUMBER("retry_count", n)): time=… event=inform device=…
 * retry_count=… */
#define LOG(device, event, ...) \
	log_write(device, event, (const struct log_field[]){ __VA_ARGS__ }, \
		sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
