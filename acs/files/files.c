/* files: the listener that devices fetch from and upload to.
 * A link that is wrong, over or for nothing gets the same 404: nobody learns which names exist. */
#include "acs/files/files.h"

#include <string.h>
#include <time.h>

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
		file_refuse(request, 405, "");
	else
		request->body_limit = 0;
}

void files_on_request(struct http_request *request, void *arg)
{
	struct loop *loop = arg;
	const char *name;
	if (upload_is_meant(request)) {
		upload_received(request);
		return;
	}
	if (!file_link_check(request->arena, loop->server->link_key, FILE_LINK_DOWNLOAD,
		    request->path, time(NULL), &name)) {
		LOG_INFO("file", LOG_TEXT("peer", http_peer_address(request->arena, request)),
			LOG_NUMBER("status", 404), LOG_TEXT("outcome", "no valid link"));
		file_refuse(request, 404, "");
		return;
	}
	file_send(request, loop, name);
}
