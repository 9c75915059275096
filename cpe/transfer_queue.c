/* transfer_queue: the downloads that the ACS asked for, from the request to
 * TransferCompleteResponse. The queue lasts over restarts as part of the state. */
#include "cpe/transfer_queue.h"

#include <stdlib.h>
#include <string.h>

struct transfer *transfers_add(
	struct transfers *transfers, const struct cwmp_download *request, time_t not_before)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		abort();
	*transfer = (struct transfer){
		.phase = TRANSFER_QUEUED,
		.command_key = strdup(request->command_key),
		.file_type = strdup(request->file_type),
		.url = strdup(request->url),
		.username = strdup(request->username),
		.password = strdup(request->password),
		.target_file_name = strdup(request->target_file_name),
		.file_size = request->file_size,
		.not_before = not_before,
		.version = strdup(""),
	};
	TAILQ_INSERT_TAIL(transfers, transfer, link);
	return transfer;
}

void transfers_announce(struct transfers *transfers)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		transfer->is_announced = transfer->phase == TRANSFER_ENDED;
}

struct transfer *transfers_announced(const struct transfers *transfers)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		if (transfer->is_announced)
			return transfer;
	return NULL;
}

struct transfer *transfers_first(const struct transfers *transfers, enum transfer_phase phase)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		if (transfer->phase == phase)
			return transfer;
	return NULL;
}

struct transfer *transfers_next_due(const struct transfers *transfers)
{
	struct transfer *transfer, *first = NULL;
	TAILQ_FOREACH (transfer, transfers, link)
		if (transfer->phase == TRANSFER_QUEUED &&
			(!first || transfer->not_before < first->not_before))
			first = transfer;
	return first;
}

struct transfer *transfers_open(const struct transfers *transfers, const char *command_key)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		if (transfer->phase != TRANSFER_ENDED &&
			strcmp(transfer->command_key, command_key) == 0)
			return transfer;
	return NULL;
}

size_t transfers_count(const struct transfers *transfers)
{
	size_t count = 0;
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		count++;
	return count;
}

void transfers_remove(struct transfers *transfers, struct transfer *transfer)
{
	TAILQ_REMOVE(transfers, transfer, link);
	free(transfer->command_key);
	free(transfer->file_type);
	free(transfer->url);
	free(transfer->username);
	free(transfer->password);
	free(transfer->target_file_name);
	free(transfer->version);
	free(transfer);
}

void transfers_clear(struct transfers *transfers)
{
	struct transfer *transfer;
	while ((transfer = TAILQ_FIRST(transfers)))
		transfers_remove(transfers, transfer);
}

json_t *transfers_to_json(const struct transfers *transfers)
{
	json_t *array = json_array();
	const struct transfer *t;
	TAILQ_FOREACH (t, transfers, link)
		json_array_append_new(array,
			json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:i,s:s}", "phase",
				(int)t->phase, "command_key", t->command_key, "file_type",
				t->file_type, "url", t->url, "username", t->username, "password",
				t->password, "target_file_name", t->target_file_name, "file_size",
				(json_int_t)t->file_size, "not_before", (json_int_t)t->not_before,
				"started", (json_int_t)t->started, "completed",
				(json_int_t)t->completed, "fault", (int)t->fault, "version",
				t->version));
	return array;
}

static void add_from_json(struct transfers *transfers, json_t *entry)
{
	struct cwmp_download request = { 0 };
	int phase, fault;
	json_int_t file_size, not_before, started, completed;
	const char *version;
	if (json_unpack(entry, "{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:i,s:s}", "phase",
		    &phase, "command_key", &request.command_key, "file_type", &request.file_type,
		    "url", &request.url, "username", &request.username, "password",
		    &request.password, "target_file_name", &request.target_file_name, "file_size",
		    &file_size, "not_before", &not_before, "started", &started, "completed",
		    &completed, "fault", &fault, "version", &version) != 0)
		return;
	request.file_size = (uint64_t)file_size;
	struct transfer *transfer = transfers_add(transfers, &request, (time_t)not_before);
	transfer->phase = (enum transfer_phase)phase;
	transfer->started = (time_t)started;
	transfer->completed = (time_t)completed;
	transfer->fault = (unsigned)fault;
	free(transfer->version);
	transfer->version = strdup(version);
}

void transfers_from_json(struct transfers *transfers, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		add_from_json(transfers, json_array_get(array, i));
}
