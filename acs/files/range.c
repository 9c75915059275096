/* range: the Range header (RFC 9110, 14.1.2) with a single range of bytes.
 * Devices use it to go on where a download broke off. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acs/files/send.h"

/* Digits up to the next other character; -1 for none or too many. */
static int64_t read_number(const char **text)
{
	char *end;
	if (**text < '0' || **text > '9')
		return -1;
	errno = 0;
	const long long number = strtoll(*text, &end, 10);
	*text = end;
	return errno ? -1 : number;
}

/* "-500": the last 500 bytes. */
static enum range_kind read_suffix(const char *text, int64_t size, int64_t *first, int64_t *length)
{
	const int64_t wanted = read_number(&text);
	if (wanted < 0 || *text)
		return RANGE_NONE;
	if (wanted == 0 || size == 0)
		return RANGE_UNSATISFIABLE;
	*length = wanted < size ? wanted : size;
	*first = size - *length;
	return RANGE_SINGLE;
}

enum range_kind range_read(const char *header, int64_t size, int64_t *first, int64_t *length)
{
	static const char unit[] = "bytes=";
	if (!header || strncasecmp(header, unit, strlen(unit)) != 0)
		return RANGE_NONE;
	const char *text = header + strlen(unit);
	if (*text == '-')
		return read_suffix(text + 1, size, first, length);
	*first = read_number(&text);
	if (*first < 0 || *text++ != '-')
		return RANGE_NONE;
	int64_t last = *text ? read_number(&text) : size - 1;
	if (*text || (last < *first && last != size - 1))
		return RANGE_NONE;
	if (*first >= size)
		return RANGE_UNSATISFIABLE;
	last = last < size ? last : size - 1;
	*length = last - *first + 1;
	return RANGE_SINGLE;
}
