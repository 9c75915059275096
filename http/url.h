/* url: http and https URLs taken apart, and percent-encoding. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct http_url {
	bool is_https;
	const char *host; /* IPv6 without brackets */
	uint16_t port;
	const char *authority; /* for the Host header: brackets kept, default port left out */
	const char *target;    /* path and query, at least "/" */
};

/* False for another scheme, userinfo, an empty host, a bad port, blanks or control characters. */
bool http_url_parse(struct arena *arena, const char *text, struct http_url *url) MUST_CHECK;
/* A Location header's value resolved against the URL that was asked. NULL when it is unusable. */
char *http_url_resolve(struct arena *arena, const struct http_url *base, const char *location);
/* Bytes outside [A-Za-z0-9_.~-] as %XX. */
char *http_percent_encode(struct arena *arena, const char *text);
/* NULL for a bad or NUL escape. */
char *http_percent_decode(struct arena *arena, const char *text);
/* The decoded value of a query's first parameter of that name ('+' as a blank), NULL without it. */
char *http_query_value(struct arena *arena, const char *query, const char *name);

#endif
