/* cookie: what a client's Cookie header says, in any of the forms that clients use. */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include "base/arena.h"

/* The value of the cookie of that name, quotes removed; NULL without it. Cookies joined by ';' or
 * ',', and attributes of RFC 2109 ($Version, $Path) around them, are allowed for. */
char *http_cookie(struct arena *arena, const char *header, const char *name);

#endif
