/* transfer_queue: the downloads and uploads that the ACS asked for, until they have ended.
 * The queue lasts over restarts as part of the state. */
#include "cpe/transfer/transfer_queue.h"

#include <stdlib.h>
#include <string.h>

struct transfer *transfers_add(struct transfers *transfers, const struct transfer_request *request)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		abort();
	*transfer = (struct transfer){
		.kind = request->kind,
		.phase = TRANSFER_QUEUED,
		.command_key = strdup(request->command_key),
		.file_type = strdup(request->file_type),
		.url = strdup(request->url),
		.username = strdup(request->username),
		.password = strdup(request->password),
		.target_file_name = strdup(request->target_file_name),
		.file_size = request->file_size,
		.is_delayed = request->is_delayed,
		.not_before = request->not_before,
		.windows = request->windows,
		.version = strdup(""),
	};
	TAILQ_INSERT_TAIL(transfers, transfer, link);
	return transfer;
}

struct transfer *transfers_first(const struct transfers *transfers, enum transfer_phase phase)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		if (transfer->phase == phase)
			return transfer;
	return NULL;
}

struct transfer *transfers_find(const struct transfers *transfers, const char *command_key)
{
	struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		if (strcmp(transfer->command_key, command_key) == 0)
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

const char *transfer_event(const struct transfer *transfer)
{
	static const char *const events[] = {
		[TRANSFER_DOWNLOAD] = "M Download",
		[TRANSFER_SCHEDULED_DOWNLOAD] = "M ScheduleDownload",
		[TRANSFER_UPLOAD] = "M Upload",
	};
	return events[transfer->kind];
}

static json_t *transfer_to_json(const struct transfer *t)
{
	json_t *texts = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "command_key", t->command_key,
		"file_type", t->file_type, "url", t->url, "username", t->username, "password",
		t->password, "target_file_name", t->target_file_name, "version", t->version);
	json_object_update_new(
		texts, json_pack("{s:i,s:i,s:I,s:b,s:I,s:I,s:I,s:o}", "kind", (int)t->kind, "phase",
			       (int)t->phase, "file_size", (json_int_t)t->file_size, "delayed",
			       t->is_delayed, "not_before", (json_int_t)t->not_before, "started",
			       (json_int_t)t->started, "completed", (json_int_t)t->completed,
			       "windows", windows_to_json(&t->windows)));
	return texts;
}

json_t *transfers_to_json(const struct transfers *transfers)
{
	json_t *array = json_array();
	const struct transfer *transfer;
	TAILQ_FOREACH (transfer, transfers, link)
		json_array_append_new(array, transfer_to_json(transfer));
	return array;
}

static void add_from_json(struct transfers *transfers, json_t *entry)
{
	struct transfer_request request = { 0 };
	int kind, phase, is_delayed;
	json_int_t file_size, not_before, started, completed;
	const char *version;
	const json_t *windows;
	if (json_unpack(entry, "{s:i,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:b,s:I,s:I,s:I,s:s,s:o}",
		    "kind", &kind, "phase", &phase, "command_key", &request.command_key,
		    "file_type", &request.file_type, "url", &request.url, "username",
		    &request.username, "password", &request.password, "target_file_name",
		    &request.target_file_name, "file_size", &file_size, "delayed", &is_delayed,
		    "not_before", &not_before, "started", &started, "completed", &completed,
		    "version", &version, "windows", &windows) != 0 ||
		kind < 0 || kind > TRANSFER_UPLOAD || phase < 0 || phase > TRANSFER_FETCHED)
		return;
	request.kind = (enum transfer_kind)kind;
	request.file_size = (uint64_t)file_size;
	request.is_delayed = is_delayed;
	request.not_before = (time_t)not_before;
	windows_from_json(&request.windows, windows);
	struct transfer *transfer = transfers_add(transfers, &request);
	transfer->phase = phase == TRANSFER_FETCHED ? TRANSFER_FETCHED : TRANSFER_QUEUED;
	transfer->started = (time_t)started;
	transfer->completed = (time_t)completed;
	free(transfer->version);
	transfer->version = strdup(version);
}

void transfers_from_json(struct transfers *transfers, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		add_from_json(transfers, json_array_get(array, i));
}
