/* why: the text that tells a caller what went wrong.
 * Private to db/; its blocking calls carry it as (char *why, size_t why_size). */
#ifndef DB_WHY_H
#define DB_WHY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct why {
	char *text;
	size_t size;
};

/* Always false, so that a failure is told and returned in one line. */
bool why_not(const struct why *why, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
