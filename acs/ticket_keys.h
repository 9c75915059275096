/* ticket_keys: the keys of TLS session tickets, drawn by lot for each period and the same on all nodes. */
#ifndef ACS_TICKET_KEYS_H
#define ACS_TICKET_KEYS_H

#include "acs/server.h"

struct ticket_keys;

/* Asks for the keys of this period, the one before and the one to come, and makes them where there are none. Logs and
 * returns NULL on failure. */
struct ticket_keys *ticket_keys_open(struct server *server) MUST_CHECK;
void ticket_keys_close(struct ticket_keys *keys);
/* For TLS contexts, which must be gone before they are closed. */
struct http_ticket_keys *ticket_keys_shared(const struct ticket_keys *keys);
/* Each second, on the first loop: asks for the next key once a period has begun. */
void ticket_keys_renew(struct server *server);

#endif
