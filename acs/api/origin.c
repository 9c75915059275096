/* origin: did a browser call because a page of somebody else's told it to?
 * Programs send none of these headers but Host, and are never asked for them. */
#include "acs/api/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

enum { MOST_NAME = 256 };

/* "name", "name:port" or "[v6]:port"; without port and brackets. False when it is too long. */
static bool host_name(const char *host, char name[MOST_NAME])
{
	const bool has_brackets = *host == '[';
	const size_t length = has_brackets ? strcspn(++host, "]") : strcspn(host, ":");
	if (length >= MOST_NAME)
		return false;
	memcpy(name, host, length);
	name[length] = '\0';
	return true;
}

static bool is_listed(const char *name, const char *hosts)
{
	static const char separators[] = ", \t";
	while (*(hosts += strspn(hosts, separators))) {
		const size_t length = strcspn(hosts, separators);
		if (length == strlen(name) && strncasecmp(hosts, name, length) == 0)
			return true;
		hosts += length;
	}
	return false;
}

static bool is_address(const char *name)
{
	struct in6_addr address;
	return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

bool origin_host_is_known(const struct http_request *request, const char *hosts)
{
	const char *host = request->host;
	char name[MOST_NAME];
	if (!host)
		return true; /* no browser */
	return host_name(host, name) &&
	       (is_address(name) || strcasecmp(name, "localhost") == 0 || is_listed(name, hosts));
}

static bool may_change(const char *method)
{
	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

/* "https://acs.example.com:7557" */
static bool is_ours(const char *origin, const char *host, const char *hosts)
{
	const char *scheme_end = strstr(origin, "://");
	char name[MOST_NAME];
	if (!scheme_end)
		return false;
	const char *authority = scheme_end + 3;
	return (host && strcasecmp(authority, host) == 0) ||
	       (host_name(authority, name) && is_listed(name, hosts));
}

bool origin_is_own(const struct http_request *request, const char *hosts)
{
	const char *site = http_request_header(request, "Sec-Fetch-Site");
	const char *origin = http_request_header(request, "Origin");
	if (!may_change(request->method))
		return true;
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	return !origin || is_ours(origin, request->host, hosts);
}

bool origin_is_forwarded(const struct http_request *request)
{
	static const char *const names[] = { "Forwarded", "X-Forwarded-For", "X-Real-IP", "Via" };
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (http_request_header(request, names[i]))
			return true;
	return false;
}
