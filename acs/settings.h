/* settings: questions of the start, before any loop runs, and what SIGHUP reads again. */
#ifndef ACS_SETTINGS_H
#define ACS_SETTINGS_H

#include "acs/server.h"
#include "db/db.h"

/* Asks on a connection of its own and waits, before the loops run. The answer is copied into the server's
 * arena. */
struct db_answer settings_ask_at_start(
	const struct server *server, const struct db_question *question);
/* Tells the audit which settings the server begins with, where they differ from what it was told last. */
void settings_audit(const struct server *server);
/* SIGHUP: certificates, the key file and log level, if all is good; otherwise all stays as it was, and log and audit
 * tell why. */
void settings_reload(struct server *server);

#endif
