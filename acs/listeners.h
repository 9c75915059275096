/* listeners: where devices and operators reach the server, and what each listener allows. */
#ifndef ACS_LISTENERS_H
#define ACS_LISTENERS_H

#include <stdbool.h>

#include "base/compiler.h"

struct loop;
struct server;

/* "cwmp_tls" */
const char *listener_name(int listener);
/* Limits of the configuration for each, before anything else of the server is made. */
void listeners_set_limits(struct server *server);
/* Opens the server's sockets. False: one could not be, and the log tells why. */
bool listeners_bind(struct server *server) MUST_CHECK;
/* Accepts on a loop, on its thread, until listeners_close(). */
void listeners_open(struct loop *loop);
void listeners_close(struct loop *loop);
/* " cwmp=http://127.0.0.1:7547/ admin=…" to stdout. */
void listeners_print(const struct server *server);

#endif
