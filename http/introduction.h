/* introduction: a connection from a proxy that has yet to say for whom, before it becomes a connection.
 * It says so at once and in the clear, even where TLS follows. */
#ifndef HTTP_INTRODUCTION_H
#define HTTP_INTRODUCTION_H

#include "http/connection.h"

/* Takes the descriptor, and calls listener_admit() once it is known who comes. */
void introduction_begin(struct http_listener *listener, const struct arrival *arrival);
/* Closes those that are open. */
void introductions_end(struct http_listener *listener);

#endif
