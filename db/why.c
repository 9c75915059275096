/* why: the text that tells a caller what went wrong.
 * Cut at the caller's size; a trailing newline, as libpq's texts have, is dropped. */
#include "db/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool why_not(const struct why *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why->text, why->size, format, args);
	va_end(args);
	const size_t length = strlen(why->text);
	if (length && why->text[length - 1] == '\n')
		why->text[length - 1] = '\0';
	return false;
}
