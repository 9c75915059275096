/* secrets: what the server needs to open what is sealed, and the keys that all nodes share. */
#ifndef ACS_SECRETS_H
#define ACS_SECRETS_H

#include "acs/server.h"
#include "base/compiler.h"

struct buffer;

/* Fills the server's key ring, and its keys of nonces and links from the database, where whoever comes first puts
 * them, sealed. Logs and returns false on failure. */
bool secrets_open(struct server *server) MUST_CHECK;
/* SIGHUP: the key file again, and whether older servers are still to be expected. False, with a line in why, when
 * there are no good keys: all stays as it was. */
bool secrets_reload(struct server *server, struct buffer *why) MUST_CHECK;

/* A key of 64 hex digits as it stands in table setting under "keys". */
const char *secrets_seal_key(
	struct keyring *ring, struct arena *arena, const char *name, const char *hex);
/* The hex digits of either form; NULL when no key of the ring opens it. */
const char *secrets_unseal_key(
	struct keyring *ring, struct arena *arena, const char *name, const char *stored);
/* Is it the form of older servers, which read nothing else? */
bool secrets_key_is_clear(const char *stored);

#endif
