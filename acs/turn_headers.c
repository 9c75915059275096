/* turn_headers: what becomes of a request is decided by its headers, before its body is read.
 * Who is refused here costs neither memory nor parsing. */
#include <stdlib.h>
#include <string.h>

#include "acs/admission.h"
#include "acs/auth.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/turn.h"
#include "acs/turn_internal.h"

static void throw_away(struct http_request *request, const void *bytes, size_t length)
{
	(void)request, (void)bytes, (void)length;
}

/* To read so little as it is costs less than to look at the credentials twice. */
static bool is_small(const struct http_request *request)
{
	enum { SMALL_BODY = 16 * 1024 };
	const char *length = http_request_header(request, "Content-Length");
	return length && !http_request_header(request, "Content-Encoding") &&
	       strtoul(length, NULL, 10) <= SMALL_BODY;
}

/* A request that can only be challenged costs neither memory nor the work of inflating it. */
static bool is_worth_reading(struct loop *loop, struct http_request *request)
{
	struct http_authorization ignored;
	const struct server *server = loop->server;
	if (is_small(request))
		return true;
	return sessions_know(server->sessions, request_cookie(request), request->connection_id) ||
	       auth_screen_any(server, request_auth_schemes(server, request), request, time(NULL),
		       &ignored) == AUTH_ACCEPTED;
}

/* TR-069 3.4.1: only POST comes here. */
void turn_on_headers(struct http_request *request, void *arg)
{
	struct loop *loop = arg;
	const bool inflates = loop->server->config->cwmp.compression;
	const struct http_header allow = { "Allow", "POST" };
	const struct http_header accept = { "Accept-Encoding",
		inflates ? "gzip, deflate" : "identity" };
	const enum http_coding coding = http_coding_by_name(
		http_request_header(request, "Content-Encoding"));
	if (strcmp(request->method, "POST") != 0)
		http_reply(request, &(const struct http_response){
					    .status = 405, .headers = &allow, .header_count = 1 });
	else if (coding == HTTP_UNKNOWN_CODING || (coding != HTTP_IDENTITY && !inflates))
		http_reply(request, &(const struct http_response){
					    .status = 415, .headers = &accept, .header_count = 1 });
	else if (admission_refuses(loop, request))
		return;
	else if (is_worth_reading(loop, request))
		request->body_coding = coding;
	else
		request->on_body = throw_away;
}
