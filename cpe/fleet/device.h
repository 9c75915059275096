/* device: what one device of a fleet has of its own.
 * A hundred thousand of them live in one array, so that a byte here counts. */
#ifndef CPE_FLEET_DEVICE_H
#define CPE_FLEET_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "cpe/fleet/mix.h"

struct fleet;
struct fleet_extra;

/* Where a device stands; dispatch.c changes it. */
enum device_state {
	DEVICE_IDLE,
	DEVICE_QUEUED,  /* wants a session as soon as there is a connection */
	DEVICE_BUSY,    /* in a session */
	DEVICE_WAITING, /* until it tries again after a failed session */
	DEVICE_DOWN,    /* reboots */
};

struct fleet_device {
	struct fleet_extra *extra; /* what only some have; NULL without */
	char *nonce;               /* of the challenge last seen, NULL without one */
	uint64_t wake_us;          /* it wakes then, or is queued since then; by clock_us() */
	uint64_t periodic_us; /* the next 2 PERIODIC with --periodic, 0 for none; by clock_us() */
	uint32_t nonce_count;
	uint32_t changes;  /* sessions that gave counters new values */
	uint32_t sessions; /* begun; numbers the Informs */
	uint16_t retry_count;
	uint8_t state;  /* enum device_state */
	uint8_t reason; /* enum fleet_reason: of the next session, or the one under way */
	bool is_in;     /* a storm is over for it */
	bool has_ha1;
	char ha1[MD5_HEX_BYTES]; /* with the realm of the challenge */
};

enum { DEVICE_SERIAL_BYTES = 16, DEVICE_ID_BYTES = 256, DEVICE_TEXT_BYTES = 512 };

/* The number that its serial number shows: --first-serial and its place in the fleet. */
uint32_t device_number(const struct fleet *fleet, const struct fleet_device *device);
/* "F00000042" */
void device_serial(const struct fleet *fleet, const struct fleet_device *device,
	char serial[DEVICE_SERIAL_BYTES]);
/* OUI-ProductClass-Serial, as the ACS names it: fleet->id_prefix and the serial number. */
void device_id(
	const struct fleet *fleet, const struct fleet_device *device, char id[DEVICE_ID_BYTES]);
/* ConnectionRequestURL; without --listen one where nobody listens. */
void device_request_url(
	const struct fleet *fleet, const struct fleet_device *device, char url[DEVICE_TEXT_BYTES]);
/* The device with that serial number, NULL for one that the fleet does not have. */
struct fleet_device *device_by_serial(const struct fleet *fleet, const char *serial);
/* The template with {serial} and {id} replaced; out has room for size bytes, what does not fit is cut
 * off. NULL gives "". */
void device_expand(const struct fleet *fleet, const struct fleet_device *device,
	const char *template, char *out, size_t size);
/* The value of a counter (model.h) as it is now. */
uint64_t device_counter(
	const struct fleet *fleet, const struct fleet_device *device, unsigned counter);

#endif
