/* cookies: what one CWMP session carries back to its ACS (RFC 6265, as far as it matters).
 * A Path is heeded when it is given; without one a cookie goes wherever its server is asked. */
#ifndef CPE_COOKIES_H
#define CPE_COOKIES_H

#include "base/arena.h"
#include "http/http.h"

enum { COOKIES_MAX = 20, COOKIE_BYTES_MAX = 4096 };

struct cookie {
	const char *authority; /* the server that set it */
	const char *name, *value;
	const char *path; /* "/" without one */
};

struct cookies {
	struct cookie items[COOKIES_MAX];
	size_t count;
};

/* Keeps what the Set-Cookie headers say; texts are taken from arena. */
void cookies_store(struct cookies *cookies, struct arena *arena, const char *authority,
	const struct http_header *headers, size_t count);
/* The value of the Cookie header for a request to that server and target, NULL for none. */
const char *cookies_text(const struct cookies *cookies, struct arena *arena, const char *authority,
	const char *target);

#endif
