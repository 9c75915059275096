/* session: one connection of a fleet and the CWMP session that a device has on it.
 * A device may use any connection, as behind a carrier's NAT; a session stays on one. */
#ifndef CPE_FLEET_SESSION_H
#define CPE_FLEET_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "cpe/fleet/device.h"

struct fleet_session;

/* The connection with that number, without a session yet. */
struct fleet_session *fleet_session_new(struct fleet *fleet, uint32_t number);
/* Begins a session for device->reason; due_us is when it should have begun, by clock_us(): its latency
 * counts from there. dispatch_on_session_ended() follows, never from inside. */
void fleet_session_begin(
	struct fleet_session *session, struct fleet_device *device, uint64_t due_us);
/* Drops what is under way without telling anybody. */
void fleet_session_free(struct fleet_session *session);

#endif
