/* inform_touch: the cheap way of an Inform whose device tells little or nothing new.
 * Touches of many devices travel as one statement, see db/batch.h. */
#ifndef DB_INFORM_TOUCH_H
#define DB_INFORM_TOUCH_H

#include "db/batch.h"
#include "db/devices.h"
#include "db/parameters.h"

/* It counts only while the stored hash is the known one: then nobody else has written a parameter of the
 * device since, and its credential is still the one in the hash. */
struct inform_touch {
	struct batch_entry entry; /* first, so that the batch finds the touch by it */
	int64_t device_id;
	uint8_t known_hash[DEVICE_HASH_BYTES], hash[DEVICE_HASH_BYTES]; /* before, and after */
	struct db_bytes known; /* as struct device_inform has it, when the hash is another one; else NULL */
	/* What the device's row says of this very Inform; events NULL: the same as before. */
	const char *events; /* JSON */
	const char *source_address;
	int64_t retry_count;
	/* Values that changed. One that is not stored yet makes the touch miss. */
	const struct parameter *changed;
	size_t changed_count;
};

batch_ask_fn inform_touches_ask;
/* False when the touch has missed: nothing of it is written. */
bool inform_touch_read(const struct db_answer *answer, int row, struct device_session *out) MUST_CHECK;

#endif
