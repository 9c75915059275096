/* exchange: one HTTP request until its real answer: through a challenge and redirects.
 * Shared by sessions with the ACS and by downloads; does not send anything itself. */
#include "cpe/session/exchange.h"

#include <string.h>

bool exchange_begin(struct exchange *exchange, struct arena *arena, const char *url)
{
	exchange->arena = arena;
	exchange->url_text = arena_strdup(arena, url);
	return http_url_parse(arena, exchange->url_text, &exchange->url);
}

void exchange_next_request(struct exchange *exchange)
{
	exchange->has_answered = false;
	exchange->redirects = 0;
}

const char *exchange_authorization(struct exchange *exchange, const char *method)
{
	if (!exchange->challenge)
		return NULL;
	return http_challenge_answer(exchange->arena, exchange->challenge, method,
		exchange->url.target, exchange->username, exchange->password);
}

static enum exchange_verdict on_challenge(
	struct exchange *exchange, const struct http_client_response *response)
{
	if (exchange->has_answered || !exchange->username[0])
		return EXCHANGE_REFUSED;
	exchange->challenge = http_challenge_choose(exchange->arena, response->headers,
		response->header_count, exchange->url.is_https || exchange->may_use_basic);
	exchange->has_answered = true;
	return exchange->challenge ? EXCHANGE_REPEAT : EXCHANGE_REFUSED;
}

static enum exchange_verdict on_redirect(
	struct exchange *exchange, const struct http_client_response *response)
{
	const char *location = http_header(response->headers, response->header_count, "Location");
	const char *target = location ? http_url_resolve(exchange->arena, &exchange->url, location)
				      : NULL;
	struct http_url url;
	if (++exchange->redirects > REDIRECTS_MAX || !target ||
		!http_url_parse(exchange->arena, target, &url))
		return EXCHANGE_LOST;
	if (strcmp(url.authority, exchange->url.authority) != 0) {
		exchange->challenge = NULL; /* another server has challenges of its own */
		exchange->has_answered = false;
	}
	exchange->url = url;
	exchange->url_text = target;
	return EXCHANGE_REPEAT;
}

enum exchange_verdict exchange_judge(
	struct exchange *exchange, const struct http_client_response *response)
{
	switch (response->status) {
	case 401:
		return on_challenge(exchange, response);
	case 301:
	case 302:
	case 307:
	case 308:
		return on_redirect(exchange, response);
	default:
		return EXCHANGE_ANSWERED;
	}
}
