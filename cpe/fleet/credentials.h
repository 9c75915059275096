/* credentials: how a device of a fleet proves to the ACS who it is.
 * Devices that know MD5 only are the rule, so that is what the fleet speaks; or Basic, where that may
 * be. A device keeps its nonce and counts its uses; all the rest of a challenge they share. */
#ifndef CPE_FLEET_CREDENTIALS_H
#define CPE_FLEET_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "base/crypto.h"
#include "http/http.h"

struct fleet;
struct fleet_device;

/* What the ACS's challenges have in common. Texts are owned. */
struct realm {
	bool is_basic, has_qop;
	char *name, *opaque; /* opaque NULL: the challenge has none */
	char *nonce;         /* of the latest challenge, for --share-nonces */
	char cnonce[17];
	char ha2[MD5_HEX_BYTES];
	struct buffer scratch;
};

void realm_clear(struct realm *realm);

/* Takes the challenge of a 401 for the device's next requests. False when it cannot be answered. */
bool credentials_take(struct fleet *fleet, struct fleet_device *device, struct arena *arena,
	const struct http_header *headers, size_t count) MUST_CHECK;
/* The Authorization header of the device's next POST, NULL while it has no challenge. Valid until the
 * next call, or as long as arena. */
const char *credentials_answer(
	struct fleet *fleet, struct fleet_device *device, struct arena *arena);
/* A device without a nonce takes that of the fleet's latest challenge, if there was one: an ACS whose
 * nonces are not bound to a device accepts it, and does not challenge devices that are new to us. */
void credentials_share(const struct fleet *fleet, struct fleet_device *device);
/* The next POST goes without one. */
void credentials_forget(struct fleet_device *device);
/* User name or password have changed. */
void credentials_changed(struct fleet_device *device);

#endif
