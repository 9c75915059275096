/* cookie: what a client's Cookie header says, in any of the forms that clients use.
 * RFC 6265 would be stricter; devices write it as RFC 2109 or as they like. */
#include "http/cookie.h"

#include <stdbool.h>
#include <string.h>

char *http_cookie(struct arena *arena, const char *header, const char *name)
{
	static const char separators[] = ";, \t";
	const size_t length = strlen(name);
	for (const char *at = header; (at = strstr(at, name)) != NULL; at += length) {
		const bool is_whole = at == header || strchr(separators, at[-1]);
		if (!is_whole || at[length] != '=')
			continue;
		at += length + 1;
		at += *at == '"';
		return arena_strndup(arena, at, strcspn(at, "\";, \t"));
	}
	return NULL;
}
