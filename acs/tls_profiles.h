/* tls_profiles: the kinds of TLS listeners: which certificate each shows, and whose it asks for. */
#ifndef ACS_TLS_PROFILES_H
#define ACS_TLS_PROFILES_H

#include "acs/config.h"
#include "acs/server.h"

struct buffer;

/* Reads the files of the profiles that have listeners, once the server has its keys. Logs and returns false on
 * failure. */
bool tls_profiles_open(struct server *server) MUST_CHECK;
/* Can a server with these settings open them? why gets a line for each profile that it cannot. */
bool tls_profiles_check(const struct config *config, struct buffer *why) MUST_CHECK;
/* SIGHUP: reads the files that `config` names now, and changes nothing yet. fresh, empty before, is given back to one
 * of those below, also when this is false. */
bool tls_profiles_read(const struct server *server, const struct config *config,
	struct http_tls *fresh[TLS_PROFILE_COUNT], struct buffer *why) MUST_CHECK;
void tls_profiles_take(struct server *server, struct http_tls *fresh[TLS_PROFILE_COUNT]);
void tls_profiles_drop(struct http_tls *fresh[TLS_PROFILE_COUNT]);
void tls_profiles_close(struct server *server);

#endif
