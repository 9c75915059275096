/* admission: new Informs for which there is no room are told to come back, before anything of them is read.
 * Refusing must stay far cheaper than serving: no body, no decoding, no line in the log. */
#include "acs/admission.h"

#include <stdio.h>

#include "acs/log.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/tally.h"
#include "acs/turn_internal.h"
#include "base/clock.h"
#include "http/digest.h"

/* Seconds in which the answer to a challenge of ours is expected. */
enum { ANSWER_SECONDS = 5 };

static bool answers_challenge(const struct server *server, const struct http_request *request)
{
	struct http_authorization told;
	return http_authorization_parse(
		       request->arena, http_request_header(request, "Authorization"), &told) &&
	       told.nonce &&
	       digest_nonce_check(server->challenge_key, told.nonce, time(NULL), ANSWER_SECONDS) ==
		       NONCE_FRESH;
}

static bool is_overloaded(struct loop *loop, const struct http_request *request)
{
	const uint64_t now_us = clock_us();
	const uint64_t waited_us = (uint64_t)http_request_waited_ms(request) * 1000;
	const enum overload_lane lane = request->is_first ? LANE_NEW_CONNECTION
							  : LANE_KEPT_CONNECTION;
	overload_arrived(&loop->overload, lane, now_us, waited_us);
	tally_observe(TALLY_ARRIVAL, waited_us);
	if (!overload_refuses(&loop->overload, lane, now_us, false))
		return false;
	return !answers_challenge(loop->server, request) ||
	       overload_refuses(&loop->overload, lane, now_us, true);
}

static void refuse(struct loop *loop, struct http_request *request, enum tally_limit limit)
{
	static const char text[] = "too busy, please come back later\n";
	char seconds[16];
	snprintf(seconds, sizeof(seconds), "%u", loop_retry_after(loop));
	const struct http_header headers[] = {
		{ "Content-Type", "text/plain; charset=utf-8" },
		{ "Retry-After", seconds },
	};
	tally_limit(limit);
	http_reply(request, &(const struct http_response){ .status = 503,
				    .headers = headers,
				    .header_count = LENGTH_OF(headers),
				    .body = text,
				    .body_length = sizeof(text) - 1,
				    .close = true });
}

/* An empty POST begins no session; the challenge that it may want is cheap. */
bool admission_refuses(struct loop *loop, struct http_request *request)
{
	struct sessions *sessions = loop->server->sessions;
	if (!request->has_body)
		return false;
	const bool is_full = sessions_are_full(sessions);
	if (!is_overloaded(loop, request) && !is_full)
		return false;
	if (sessions_have_open(sessions, request_cookie(request), request->connection_id))
		return false;
	refuse(loop, request, is_full ? LIMIT_SESSIONS : LIMIT_OVERLOAD);
	return true;
}

uint64_t admission_log(const struct server *server, uint64_t told)
{
	unsigned waiting = 0, room = 0;
	const uint64_t refused = tally_limit_hits(LIMIT_OVERLOAD) +
				 tally_limit_hits(LIMIT_SESSIONS);
	for (unsigned i = 0; i < server->loop_count; i++) {
		waiting += server->loops[i].overload.waiting;
		room += server->loops[i].overload.room;
	}
	if (refused != told)
		LOG_WARNING("overload", LOG_NUMBER("refused", refused - told),
			LOG_NUMBER("sessions", sessions_count(server->sessions)),
			LOG_NUMBER("waiting", waiting), LOG_NUMBER("room", room));
	return refused;
}
