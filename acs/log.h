/* log: one line per event, key=value, to standard error.
 * Any thread may write; a line is written by one call. Values are quoted and escaped as needed. */
#ifndef ACS_LOG_H
#define ACS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* False for a name that is none of error, warning, info, debug. */
bool log_set_level(const char *name) MUST_CHECK;
bool log_is_on(enum log_level level);

struct log_field {
	const char *key;
	bool is_text;
	const char *text; /* NULL is written as "" */
	int64_t number;
};
#define LOG_TEXT(k, t) \
	{ \
		.key = (k), .is_text = true, .text = (t) \
	}
#define LOG_NUMBER(k, n) \
	{ \
		.key = (k), .number = (int64_t)(n) \
	}

void log_write(
	enum log_level level, const char *event, const struct log_field *fields, size_t count);

/* LOG_INFO("turn", LOG_TEXT("device", id), LOG_NUMBER("bytes", n)): time=… level=info event=turn device=… bytes=… */
#define LOG_AT(level, event, ...) \
	do { \
		if (log_is_on(level)) \
			log_write(level, event, (const struct log_field[]){ __VA_ARGS__ }, \
				sizeof((const struct log_field[]){ __VA_ARGS__ }) / \
					sizeof(struct log_field)); \
	} while (0)
#define LOG_ERROR(event, ...) LOG_AT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define LOG_WARNING(event, ...) LOG_AT(LOG_LEVEL_WARNING, event, __VA_ARGS__)
#define LOG_INFO(event, ...) LOG_AT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define LOG_DEBUG(event, ...) LOG_AT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
