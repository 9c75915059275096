/* descriptors: of those that the system allows, how many may be connections. */
#ifndef ACS_DESCRIPTORS_H
#define ACS_DESCRIPTORS_H

struct server;

/* Every connection is a descriptor: takes as many as the system allows, and returns their number. */
unsigned descriptors_raise(void);
/* Of so many, those that connections of one event loop may take: a reserve stays for all else, but where
 * there are few of them half are for connections. The server's loops have been counted. */
unsigned descriptors_of_connections(const struct server *server, unsigned descriptors);

#endif
