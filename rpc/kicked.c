/* kicked: a user came to the device's kick URL; we say where the browser goes next (TR-069 A.4.2.1).
 * That is Next under normal conditions, or the operator's own page. */
#include "rpc/method.h"

#include <string.h>

/* A page of the web, or a path on the site where the user is: nothing that a browser would execute. */
static bool is_page(const char *url)
{
	const size_t to_colon = strcspn(url, ":/?#");
	return strlen(url) <= CWMP_LONG_URL_MAX &&
	       (url[to_colon] != ':' || strncmp(url, "http://", 7) == 0 ||
		       strncmp(url, "https://", 8) == 0);
}

static const char *next_url(const struct rpc_turn *turn)
{
	const char *configured = turn->settings->kicked_next_url;
	return *configured ? configured : turn->in->request.kicked.next;
}

static enum rpc_next ask(struct rpc_turn *turn)
{
	const struct cwmp_kicked *told = &turn->in->request.kicked;
	struct arena *arena = turn->arena;
	if (!is_page(next_url(turn))) {
		cwmp_make_fault(&turn->out, turn->in, 8003, "Next is no URL of a web page");
		turn->outcome = "fault 8003";
		return RPC_REPLY;
	}
	devices_require_epoch(&turn->question, turn->session->device_id, turn->session->epoch);
	note_event(turn, "kicked",
		json_pack("{s:s, s:s, s:s, s:s}", "command", event_text(arena, told->command),
			"referer", event_text(arena, told->referer), "argument",
			event_text(arena, told->argument), "next", event_text(arena, told->next)),
		false);
	return RPC_ASK;
}

static enum rpc_next answered(struct rpc_turn *turn, const struct db_answer *answer)
{
	answer_noted(turn, answer);
	turn->out.response.next_url = next_url(turn);
	return RPC_REPLY;
}

const struct rpc_cpe_method kicked_method = {
	.method = CWMP_KICKED,
	.ask = ask,
	.answer = answered,
};
