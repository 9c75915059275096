/* inform_known: what a node remembers of a device's latest Inform: hashes, by which it sees what changed.
 * Private to rpc/ but for the struct, which acs keeps. */
#ifndef RPC_INFORM_KNOWN_H
#define RPC_INFORM_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/devices.h"
#include "db/parameters.h"

struct inform_known {
	uint8_t hash[DEVICE_HASH_BYTES]; /* of all below: device_live.inform_hash */
	uint64_t credential;             /* that the device proved itself with */
	uint64_t constant;      /* identity, and all that the device's row keeps but for the news */
	uint64_t news;          /* events, address, retries: told of one Inform only */
	const uint64_t *values; /* each of a name, its type and value; ascending */
	size_t count;
};

/* Of an Inform; parameters are sorted by name, credential is NULL when none was asked for. */
const struct inform_known *inform_known_of(struct arena *arena, const struct device_inform *inform,
	uint64_t news, const struct parameter *parameters, size_t count, const char *credential);
/* The same in bytes, for the database to keep; NULL when it is too much for a row that every Inform touches. */
struct db_bytes inform_known_bytes(struct arena *arena, const struct inform_known *known);
/* NULL where there is none. Its hash is that of what it holds. */
const struct inform_known *inform_known_from(struct arena *arena, struct db_bytes stored);
/* One text after the other; NULL is a text of its own. */
uint64_t inform_hash_text(uint64_t so_far, const char *text);
/* Is this parameter as it was then? */
bool inform_knows(const struct inform_known *known, const struct parameter *parameter) MUST_CHECK;

#endif
