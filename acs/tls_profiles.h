/* tls_profiles: the kinds of TLS listeners: which certificate each shows, and whose it asks for. */
#ifndef ACS_TLS_PROFILES_H
#define ACS_TLS_PROFILES_H

#include "acs/config.h"
#include "acs/server.h"

/* Reads the files of the profiles that have listeners, once the server has its keys. Logs and returns false on
 * failure. */
bool tls_profiles_open(struct server *server) MUST_CHECK;
/* SIGHUP: the files that `config` names now. What cannot be read stays as it was, and is logged. */
void tls_profiles_reload(struct server *server, const struct config *config);
void tls_profiles_close(struct server *server);

#endif
