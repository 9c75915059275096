/* settings: keys that nodes share or the data folder keeps, and what SIGHUP reads again. */
#ifndef ACS_SETTINGS_H
#define ACS_SETTINGS_H

#include "acs/server.h"

/* Fills the server's keys: nonces and links from the database (made there by whoever comes
 * first), secrets from the configuration or <data.dir>/secret.key (made when absent). Logs and
 * returns false on failure. */
bool settings_read_keys(struct server *server) MUST_CHECK;
/* Reads the key that seals secrets, for tools without a server. */
bool settings_read_secret_key(
	const struct config *config, uint8_t key[32], char *why, size_t why_size) MUST_CHECK;
/* SIGHUP: certificates and log level. What cannot be read stays as it was. */
void settings_reload(struct server *server);

#endif
