/* device: one simulated CPE of the load generator and its sessions: Inform, empty POST, 204.
 * Every answer is read and checked; the first one that is not as it should be fails the session. */
#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "cwmp/codec.h"

struct device;

/* What all devices have in common. */
struct device_shared {
	struct event_base *base;
	struct cwmp_codec *codec;
	const char *url;
	const char *event;             /* of every Inform: "2 PERIODIC" */
	bool is_challenged_each_time;  /* else a nonce is used until the server refuses it */
	bool is_connected_each_time;   /* else the connection is kept */
	bool changes_values;           /* two of ten, others each time */
	uint64_t requests, challenges; /* so far */
};

/* The session is over; why is NULL when all went well. The device may begin its next one inside. */
typedef void device_done_fn(struct device *device, const char *why, void *arg);

/* Device number i has its own serial, password, connection and, in fifties, its own local address, so
 * that no limit on one address is met. shared is borrowed. */
struct device *device_new(struct device_shared *shared, unsigned number);
bool device_is_busy(const struct device *device);
/* Microseconds from the Inform's sending to the 204. */
uint64_t device_session_us(const struct device *device);
/* Sum of the values that change, as last sent: the server must have stored the same. */
uint64_t device_counter_sum(const struct device *device);
/* on_done is called from the loop, never from inside. */
void device_begin_session(struct device *device, device_done_fn *on_done, void *arg);
void device_free(struct device *device);

#endif
