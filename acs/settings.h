/* settings: keys that nodes share or the data folder keeps, and what SIGHUP reads again. */
#ifndef ACS_SETTINGS_H
#define ACS_SETTINGS_H

#include "acs/server.h"
#include "db/db.h"

/* Fills the server's keys: nonces and links from the database (made there by whoever comes
 * first), secrets from the configuration or <data.dir>/secret.key (made when absent). Logs and
 * returns false on failure. */
bool settings_read_keys(struct server *server) MUST_CHECK;
/* Reads the key that seals secrets, for tools without a server. */
bool settings_read_secret_key(
	const struct config *config, uint8_t key[32], char *why, size_t why_size) MUST_CHECK;
/* Asks on a connection of its own and waits, before the loops run. The answer is copied into the server's
 * arena. */
struct db_answer settings_ask_at_start(
	const struct server *server, const struct db_question *question);
/* SIGHUP: certificates and log level. What cannot be read stays as it was. */
void settings_reload(struct server *server);

#endif
