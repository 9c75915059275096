/* exchange: one HTTP request until its real answer: through a challenge and redirects.
 * Shared by sessions with the ACS and by downloads; does not send anything itself. */
#ifndef CPE_EXCHANGE_H
#define CPE_EXCHANGE_H

#include "base/arena.h"
#include "http/client.h"
#include "http/digest.h"
#include "http/url.h"

enum { REDIRECTS_MAX = 5 };

struct exchange {
	struct arena *arena; /* borrowed, lives as long as the exchange */
	struct http_url url; /* where the next request goes */
	const char *url_text;
	const char *username, *password;
	bool may_use_basic;               /* without TLS too */
	struct http_challenge *challenge; /* the one to answer, NULL before the first 401 */
	bool has_answered;                /* a challenge, with the request in progress */
	unsigned redirects;               /* of the request in progress */
};

/* False when the URL is unusable. Texts are borrowed. */
bool exchange_begin(struct exchange *exchange, struct arena *arena, const char *url) MUST_CHECK;
/* A new request to the same place: counts anew, keeps the challenge and the redirection. */
void exchange_next_request(struct exchange *exchange);
/* The Authorization header for the request, NULL for none. */
const char *exchange_authorization(struct exchange *exchange, const char *method);

enum exchange_verdict {
	EXCHANGE_ANSWERED, /* neither challenge nor redirect: the caller looks at the status */
	EXCHANGE_REPEAT,   /* send the same request again, to exchange->url_text */
	EXCHANGE_REFUSED,  /* a 401 that cannot be answered (again) */
	EXCHANGE_LOST,     /* a redirect too many, or to nowhere */
};
enum exchange_verdict exchange_judge(
	struct exchange *exchange, const struct http_client_response *response);

#endif
