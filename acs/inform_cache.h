/* inform_cache: what this node remembers of each device's latest Inform, and the credential that went with it.
 * Nothing in it is to be believed before a touch has hit (db/inform_touch.h): only then was it still true. */
#ifndef ACS_INFORM_CACHE_H
#define ACS_INFORM_CACHE_H

#include <stdint.h>

#include "acs/auth.h"
#include "base/arena.h"
#include "rpc/inform_known.h"

struct inform_cache;

/* Of about so many bytes; of devices that were not seen for long nothing is remembered then. Any thread may use it. */
struct inform_cache *inform_cache_new(uint64_t bytes);
void inform_cache_free(struct inform_cache *cache);
/* Copies to arena. *known is NULL when nothing is remembered; *credential also when none was asked for. */
void inform_cache_find(struct inform_cache *cache, int64_t device_id, struct arena *arena,
	const struct inform_known **known, const struct auth_credential **credential);
/* Copies; in place of what was remembered of the device. */
void inform_cache_put(struct inform_cache *cache, int64_t device_id, const struct inform_known *known,
	const struct auth_credential *credential);
/* For metrics. */
uint64_t inform_cache_bytes(struct inform_cache *cache);

#endif
