/* transfer_queue: the downloads and uploads that the ACS asked for, until they have ended.
 * The queue lasts over restarts as part of the state. */
#ifndef CPE_TRANSFER_QUEUE_H
#define CPE_TRANSFER_QUEUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "cpe/transfer/windows.h"
#include "cwmp/message.h"

enum transfer_kind { TRANSFER_DOWNLOAD, TRANSFER_SCHEDULED_DOWNLOAD, TRANSFER_UPLOAD };

enum transfer_phase {
	TRANSFER_QUEUED,
	TRANSFER_RUNNING, /* begins anew after a restart */
	TRANSFER_FETCHED, /* firmware that waits for the reboot that starts it */
};

/* What the ACS asked for; every method of its kind is brought into this form. */
struct transfer_request {
	enum transfer_kind kind;
	const char *command_key, *file_type, *url, *username, *password, *target_file_name;
	uint64_t file_size; /* bytes announced, 0 unknown */
	bool is_delayed;    /* DelaySeconds above 0, or windows: not within the session */
	time_t not_before;
	struct windows windows;
};

struct transfer {
	TAILQ_ENTRY(transfer) link;
	enum transfer_kind kind;
	enum transfer_phase phase;
	char *command_key, *file_type, *url, *username, *password, *target_file_name;
	uint64_t file_size;
	bool is_delayed;
	time_t not_before;
	struct windows windows;
	time_t started, completed; /* 0: never */
	char *version;             /* of the firmware fetched, "" otherwise */
};
TAILQ_HEAD(transfers, transfer);

/* TR-069 A.3.2.8 asks for room for three at least; reports that wait count as well. */
enum { TRANSFERS_MAX = 16 };

/* Appended to the queue, which owns it. */
struct transfer *transfers_add(struct transfers *transfers, const struct transfer_request *request);
/* The first one in that phase, or NULL. */
struct transfer *transfers_first(const struct transfers *transfers, enum transfer_phase phase);
/* The first one of that key, or NULL. */
struct transfer *transfers_find(const struct transfers *transfers, const char *command_key);
size_t transfers_count(const struct transfers *transfers);
void transfers_remove(struct transfers *transfers, struct transfer *transfer);
void transfers_clear(struct transfers *transfers);

/* "M Download", "M ScheduleDownload", "M Upload" */
const char *transfer_event(const struct transfer *transfer);

json_t *transfers_to_json(const struct transfers *transfers);
/* Leaves out entries that make no sense. */
void transfers_from_json(struct transfers *transfers, const json_t *array);

#endif
