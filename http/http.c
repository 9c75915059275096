/* http: what server and client share: default limits, header look-up and reason phrases. */
#include "http/http.h"

#include <string.h>
#include <strings.h>

#include "base/compiler.h"

const struct http_limits http_default_limits = {
	.header_bytes = 16 * 1024,
	.body_bytes = 4 * 1024 * 1024,
	.head_seconds = 15,
	.body_seconds = 60,
	.idle_seconds = 60,
	.write_seconds = 30,
	.write_bytes_per_second = 1024,
	.requests_per_connection = 1000,
	.connections = 10000,
	.connections_per_address = 100,
};

/* RFC 9110 section 15, and RFC 6585. */
static const struct {
	unsigned status;
	const char *phrase;
} reasons[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 305, "Use Proxy" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *http_header(const struct http_header *headers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(headers[i].name, name) == 0)
			return headers[i].value;
	}
	return NULL;
}

/* Devices write charset="utf-8", Charset=utf8 and text/xml;charset = utf-8 alike. */
char *http_charset(struct arena *arena, const char *content_type)
{
	static const char name[] = "charset";
	for (const char *at = content_type ? strchr(content_type, ';') : NULL; at;
		at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, strlen(name)) != 0)
			continue;
		at += strlen(name);
		at += strspn(at, " \t");
		if (*at != '=')
			continue;
		at += 1 + strspn(at + 1, " \t\"");
		const size_t length = strcspn(at, "; \t\"");
		return length ? arena_strndup(arena, at, length) : NULL;
	}
	return NULL;
}

const char *http_reason(unsigned status)
{
	for (size_t i = 0; i < LENGTH_OF(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].phrase;
	}
	return "Unknown";
}

bool http_status_is_bodyless(unsigned status)
{
	return status < 200 || status == 204 || status == 304;
}
