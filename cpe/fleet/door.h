/* door: the one HTTP port at which the ACS knocks for all devices of a fleet, TR-069 3.2.2.
 * Each device has its path, its serial number, and its credentials. */
#ifndef CPE_FLEET_DOOR_H
#define CPE_FLEET_DOOR_H

#include <stddef.h>

struct door;
struct fleet;

/* Listens at --listen. NULL and why. */
struct door *door_open(struct fleet *fleet, char *why, size_t why_size);
/* "http://HOST:PORT/", as long as the door is open. */
const char *door_url(const struct door *door);
/* NULL is allowed. */
void door_close(struct door *door);

#endif
