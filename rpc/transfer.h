/* transfer: what Download, Upload and ScheduleDownload have in common.
 * Private to rpc/. */
#ifndef RPC_TRANSFER_H
#define RPC_TRANSFER_H

#include "rpc/method.h"

/* Where a device fetches a file, and what it is told of it. */
struct transfer_source {
	const char *file_type, *url, *username, *password, *target_file_name;
	uint64_t file_size;
};

/* "file", or "file_type" and "url"; with "username", "password", "file_size", "target_file_name". */
bool transfer_check_source(struct arena *arena, const json_t *arguments, const char **why);
/* "url": absolute, of at most max bytes, without a user name in it (TR-069 A.3.2.8, A.4.1.10). */
bool transfer_check_url(struct arena *arena, const json_t *arguments, size_t max, const char **why);
/* life: seconds that the transfer may take to begin. */
bool transfer_fill_source(struct rpc_turn *turn, const struct rpc_task *task, unsigned life,
	struct transfer_source *out, const char **why) MUST_CHECK;
/* A link of ours, for a transfer that may take life seconds to begin. False when it does not fit. */
bool transfer_link(const struct rpc_turn *turn, bool is_upload, const char *name, unsigned life,
	struct rpc_link *out) MUST_CHECK;

/* Is this official file type as old as the device's version? A vendor's own always passes. */
bool transfer_type_is_known(
	struct rpc_turn *turn, bool is_upload, const char *file_type, const char **why) MUST_CHECK;

/* The responses of Download and Upload: Status, StartTime, CompleteTime. */
void transfer_respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end);

enum { TRANSFER_DELAY_MAX = 30 * 86400 };

#endif
