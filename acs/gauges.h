/* gauges: how the process stands right now, for Prometheus: sessions, queues, database, memory. */
#ifndef ACS_GAUGES_H
#define ACS_GAUGES_H

#include "acs/loop.h"
#include "base/buffer.h"

/* Asks the database how many tasks are open, for the next gauges_write(). On the loop's own thread. */
void gauges_sample(struct loop *loop);
/* Appends all gauges in Prometheus' text format. From any thread. */
void gauges_write(struct server *server, struct buffer *out);

#endif
