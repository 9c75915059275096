/* health: what monitoring asks, and the API's own description.
 * GET /healthz, /readyz, /metrics, /api/v1/openapi.json. */
#include "acs/api/internal.h"
#include "acs/api/openapi.h"
#include "acs/gauges.h"
#include "acs/metrics.h"
#include "acs/tally.h"

/* The loop turns, or nobody would answer. */
void health_get(struct api_call *call)
{
	api_reply_json(call, 200, "{\"status\":\"ok\"}");
}

void ready_get(struct api_call *call)
{
	if (server_is_ready(call->loop->server))
		api_reply_json(call, 200, "{\"status\":\"ready\"}");
	else
		api_reply_unavailable(call, API_RETRY_SECONDS, "the database does not answer");
}

void metrics_get(struct api_call *call)
{
	struct buffer out = { 0 };
	metrics_write(&out);
	tally_write(&out);
	gauges_write(call->loop->server, &out);
	gauges_sample(call->loop);
	char *text = arena_strndup(call->arena, out.data, out.length);
	buffer_clear(&out);
	api_reply_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

void openapi_get(struct api_call *call)
{
	api_reply_json(call, 200, openapi_document);
}
