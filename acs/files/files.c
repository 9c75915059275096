/* files: the listener that devices fetch from and upload to.
 * A link that is wrong, over or for nothing gets the same 404: nobody learns which names exist. */
#include "acs/files/files.h"

#include <string.h>
#include <time.h>

#include "acs/files/proof.h"
#include "acs/files/send.h"
#include "acs/files/upload.h"
#include "acs/log.h"
#include "acs/server.h"

/* Only uploads have bodies that are worth reading. */
void files_on_headers(struct http_request *request, void *arg)
{
	if (upload_is_meant(request))
		upload_begin(request, arg);
	else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		file_refuse(request, arg, 405, "");
	else
		request->body_limit = 0;
}

static void refuse_link(struct http_request *request, struct loop *loop)
{
	LOG_INFO("file", LOG_TEXT("peer", http_peer_address(request->arena, request)),
		LOG_NUMBER("status", 404), LOG_TEXT("outcome", "no valid link"));
	file_refuse(request, loop, 404, "");
}

void files_on_request(struct http_request *request, void *arg)
{
	struct loop *loop = arg;
	if (upload_is_meant(request)) {
		upload_received(request);
		return;
	}
	struct file_link *link = ARENA_NEW(request->arena, struct file_link);
	struct http_authorization *authorization = ARENA_NEW(
		request->arena, struct http_authorization);
	if (!file_link_check(request->arena, loop->server->link_key, FILE_LINK_DOWNLOAD,
		    request->path, time(NULL), link))
		refuse_link(request, loop);
	else if (proof_screen(request, loop, authorization))
		file_send_by_link(request, loop, link, authorization);
}
