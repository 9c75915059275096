/* supervision: signals and timers of the process. */
#ifndef ACS_SUPERVISION_H
#define ACS_SUPERVISION_H

struct server;
struct supervision;

/* Never NULL. On the first loop, which tells the others to stop. */
struct supervision *supervision_begin(struct server *server);
/* When all loops have stopped. */
void supervision_end(struct supervision *supervision);

#endif
