/* tally: what the hot path counts, for Prometheus: turns, their times, sessions, limits, caches.
 * Each thread adds to memory of its own, without a lock; reading adds the threads' numbers up. */
#ifndef ACS_TALLY_H
#define ACS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "cwmp/message.h"

enum tally_histogram {
	TALLY_ARRIVAL, /* microseconds, as the next four */
	TALLY_DECODE,
	TALLY_DATABASE, /* from asking a question to its answer */
	TALLY_ENCODE,
	TALLY_TURN,
	TALLY_BATCH, /* Informs in one statement */
	TALLY_HISTOGRAM_COUNT,
};

/* How a session ended. */
enum tally_session {
	TALLY_SESSION_ENDED, /* by the 204, or as its device's quirks say */
	TALLY_SESSION_SUPERSEDED,
	TALLY_SESSION_TIMEOUT,
	TALLY_SESSION_BROKEN_OFF,
	TALLY_SESSION_END_COUNT,
};

/* Called as the setting that holds it is; without its section where several listeners have one. */
enum tally_limit {
	LIMIT_OVERLOAD,
	LIMIT_SESSIONS,
	LIMIT_INFORMS_OF_DEVICE,
	LIMIT_BOOTS_OF_DEVICE,
	LIMIT_XML_DEPTH,
	LIMIT_XML_TEXT,
	LIMIT_XML_ITEMS,
	LIMIT_PARSE,
	LIMIT_DATABASE,
	LIMIT_WORKER_JOBS,
	LIMIT_TASKS_OF_DEVICE,
	LIMIT_TASKS_OF_SESSION,
	LIMIT_CONNECTION_REQUESTS,
	LIMIT_DOWNLOADS,
	LIMIT_DOWNLOADS_OF_DEVICE,
	LIMIT_AUDIT_REFUSALS,
	LIMIT_ADMIN_FAILURES,
	LIMIT_PASSWORDS,
	LIMIT_CONNECTIONS,
	LIMIT_CONNECTIONS_OF_ADDRESS,
	LIMIT_DESCRIPTORS,
	LIMIT_HEADER_BYTES,
	LIMIT_BODY_BYTES,
	LIMIT_BODIES,
	LIMIT_HEAD_SECONDS,
	LIMIT_BODY_SECONDS,
	LIMIT_WRITE_SECONDS,
	LIMIT_COUNT,
};

enum tally_cache { CACHE_INFORM, CACHE_CREDENTIAL, CACHE_COUNT };

/* method: CWMP_METHOD_COUNT is an empty POST. status: that of HTTP; 0 when the peer was gone before
 * the answer. */
void tally_turn(unsigned method, unsigned status);
void tally_fault(unsigned code); /* that we sent: 8000 to 8006 */
void tally_session_begun(void);
void tally_session_over(enum tally_session how);
/* Its word, for the log. */
const char *tally_session_word(enum tally_session how);
void tally_limit(enum tally_limit limit);
void tally_cache(enum tally_cache cache, bool is_hit);
void tally_observe(enum tally_histogram histogram, uint64_t value);

/* Its setting. */
const char *tally_limit_word(enum tally_limit limit);
/* How often the limit was hit, by all threads. */
uint64_t tally_limit_hits(enum tally_limit limit);
/* All of it in Prometheus' text format. */
void tally_write(struct buffer *out);

#endif
