/* list: texts joined by a separator, as settings have them. */
#include "base/list.h"

#include <string.h>

char *list_next(struct arena *arena, const char **at, char separator)
{
	const char ends[] = { separator, '\0' }, skipped[] = { separator, ' ', '\0' };
	const char *text = *at + strspn(*at, skipped);
	size_t length = strcspn(text, ends);
	*at = text + length;
	while (length && text[length - 1] == ' ')
		length--;
	return length ? arena_strndup(arena, text, length) : NULL;
}
