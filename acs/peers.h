/* peers: what the nodes on one database tell each other, so that a call on one node hears of a session on another.
 * A notice is a hint: whoever misses one finds the same in the database, only later. */
#ifndef ACS_PEERS_H
#define ACS_PEERS_H

#include <stdint.h>

#include "acs/loop.h"

struct peers;

/* Listens on this loop, before it runs. */
struct peers *peers_open(struct loop *loop);
/* When all loops have stopped, before they are cleared. NULL is allowed. */
void peers_close(struct peers *peers);

/* Each is told on the loop's own thread, after the commit, and goes on in the background. */

/* A task waits for the device: an open session of it elsewhere asks for it at once. */
void peers_tell_queued(struct loop *loop, int64_t device_id);
/* A task has come to its end for which a call waits on that node, perhaps our own. */
void peers_tell_finished(struct loop *loop, int64_t node, int64_t task_id);
/* Whoever waits here for the device's next session hears of one that begins elsewhere in that time. */
void peers_watch_session(struct loop *loop, int64_t device_id, unsigned seconds);
/* The table of quirks, or of device classes, was changed. */
void peers_tell_quirks(struct loop *loop);
void peers_tell_device_classes(struct loop *loop);

#endif
