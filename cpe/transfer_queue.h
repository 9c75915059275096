/* transfer_queue: the downloads that the ACS asked for, from the request to
 * TransferCompleteResponse. The queue lasts over restarts as part of the state. */
#ifndef CPE_TRANSFER_QUEUE_H
#define CPE_TRANSFER_QUEUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "cwmp/message.h"

enum transfer_phase {
	TRANSFER_QUEUED,
	TRANSFER_FETCHED, /* firmware that waits for the reboot that starts it */
	TRANSFER_ENDED,   /* waits for TransferCompleteResponse */
};

struct transfer {
	TAILQ_ENTRY(transfer) link;
	enum transfer_phase phase;
	char *command_key, *file_type, *url, *username, *password, *target_file_name;
	uint64_t file_size; /* bytes announced, 0 unknown */
	time_t not_before;
	time_t started, completed; /* 0: never */
	unsigned fault;
	bool is_announced; /* the Inform of the session in progress carries its events */
	char *version;     /* of the firmware fetched, "" otherwise */
};
TAILQ_HEAD(transfers, transfer);

/* TR-069 A.3.2.8 asks for room for three at least. */
enum { TRANSFERS_MAX = 16 };

/* Appended to the queue, which owns it. */
struct transfer *transfers_add(
	struct transfers *transfers, const struct cwmp_download *request, time_t not_before);
/* Marks all that have ended as announced, when an Inform is built. */
void transfers_announce(struct transfers *transfers);
/* The first that is announced and waits for its TransferComplete, or NULL. */
struct transfer *transfers_announced(const struct transfers *transfers);
/* The first one in that phase, or NULL. */
struct transfer *transfers_first(const struct transfers *transfers, enum transfer_phase phase);
/* The queued one that is due first, or NULL. */
struct transfer *transfers_next_due(const struct transfers *transfers);
/* The one of that key that has not ended, or NULL. */
struct transfer *transfers_open(const struct transfers *transfers, const char *command_key);
size_t transfers_count(const struct transfers *transfers);
void transfers_remove(struct transfers *transfers, struct transfer *transfer);
void transfers_clear(struct transfers *transfers);

json_t *transfers_to_json(const struct transfers *transfers);
/* Leaves out entries that make no sense. */
void transfers_from_json(struct transfers *transfers, const json_t *array);

#endif
