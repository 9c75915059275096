/* dispatch: which device has the next session, and when.
 * Devices that want one (boot, retry, connection request) come first; then those that are drawn, one
 * after the other or at --rate. */
#ifndef CPE_FLEET_DISPATCH_H
#define CPE_FLEET_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "cpe/fleet/device.h"
#include "cpe/fleet/session.h"

struct dispatch;

struct dispatch *dispatch_new(struct fleet *fleet, uint32_t connections);
/* The first sessions begin; the loop breaks when all is done. */
void dispatch_start(struct dispatch *dispatch);
/* No new session begins; the loop breaks when those under way have ended. */
void dispatch_stop(struct dispatch *dispatch);
void dispatch_free(struct dispatch *dispatch);

/* The connection is free again. retry_seconds: what Retry-After said, 0 without it. */
void dispatch_on_session_ended(struct dispatch *dispatch, struct fleet_session *session,
	struct fleet_device *device, bool has_succeeded, unsigned retry_seconds);
/* orders_run() will be called for the device then, by clock_us(). */
void dispatch_at(struct dispatch *dispatch, struct fleet_device *device, uint64_t due_us);
/* An idle device that has events to tell gets a session as soon as there is a connection. */
void dispatch_wake(struct dispatch *dispatch, struct fleet_device *device);
/* A connection request, which cuts the wait for a retry short, too. False when the device is busy. */
bool dispatch_call(struct dispatch *dispatch, struct fleet_device *device) MUST_CHECK;
/* The device reboots by itself, after its session if there is one. */
void dispatch_reboot(struct dispatch *dispatch, struct fleet_device *device);
/* Sessions under way, and devices that wait for one. */
uint32_t dispatch_active(const struct dispatch *dispatch);
uint32_t dispatch_waiting(const struct dispatch *dispatch);
/* Seconds until every device of a storm had been in; negative while some have not. */
double dispatch_storm_seconds(const struct dispatch *dispatch);

#endif
