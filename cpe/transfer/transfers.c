/* transfers: what the device does about its queue of downloads and uploads.
 * One runs at a time, between sessions; how it ended goes into a report for the ACS. */
#include "cpe/transfer/transfers.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/transfer/file_transfer.h"
#include "cpe/transfer/install.h"
#include "cpe/log.h"
#include "cpe/session/reports.h"
#include "cpe/transfer/upload.h"
#include "cpe/wall_clock.h"

/* Before a failed try of a ScheduleDownload is repeated. */
enum { RETRY_SECONDS = 5 };

struct transfers_runner {
	struct device *device;
	struct event *timer; /* the next transfer is due, or its window ends */
	struct file_transfer *active;
	struct transfer *transfer; /* the one of active */
	char *part;                /* where a download is written */
};

static char *part_path(const char *state_dir)
{
	char *path = NULL;
	if (asprintf(&path, "%s/download.part", state_dir) < 0)
		abort();
	return path;
}

void transfers_sweep(const char *state_dir)
{
	char *path = part_path(state_dir);
	unlink(path);
	free(path);
}

unsigned transfers_admit(const struct device *device, const char *url, const char *command_key)
{
	const struct state *state = &device->state;
	const unsigned fault = file_transfer_check_url(url);
	if (fault)
		return fault;
	if (strlen(command_key) > CWMP_COMMAND_KEY_MAX ||
		transfers_find(&state->transfers, command_key))
		return 9003; /* a CommandKey is not used again while its transfer is queued */
	const size_t waiting = transfers_count(&state->transfers) +
			       reports_count(state, CWMP_TRANSFER_COMPLETE);
	return waiting < TRANSFERS_MAX ? 0 : 9004;
}

/* The end of a transfer: a TransferComplete, and the transfer is gone. */
static void report_end(struct device *device, struct transfer *transfer, unsigned fault)
{
	const struct report report = {
		.method = CWMP_TRANSFER_COMPLETE,
		.m_event = transfer_event(transfer),
		.command_key = transfer->command_key,
		.may_follow = !transfer->is_delayed,
	};
	json_t *content = json_pack("{s:s,s:i,s:I,s:I,s:b,s:s,s:I,s:s}", "command_key",
		transfer->command_key, "fault", (int)fault, "started",
		(json_int_t)transfer->started, "completed", (json_int_t)transfer->completed,
		"is_download", transfer->kind != TRANSFER_UPLOAD, "file_type", transfer->file_type,
		"file_size", (json_int_t)transfer->file_size, "target_file_name",
		transfer->target_file_name);
	if (device->options->misbehave.no_transfer_complete)
		json_decref(content);
	else
		reports_add(device, &report, content);
	transfers_remove(&device->state.transfers, transfer);
}

void transfers_on_firmware_started(struct device *device, struct transfer *transfer)
{
	report_end(device, transfer, 0);
}

/* True when another try of a ScheduleDownload follows. */
static bool try_again(struct transfer *transfer, unsigned fault)
{
	if (!fault || !transfer->windows.count || !windows_retry(&transfer->windows))
		return false;
	transfer->phase = TRANSFER_QUEUED;
	transfer->not_before = time(NULL) + RETRY_SECONDS;
	return true;
}

static void end(struct transfers_runner *runner, struct transfer *transfer, unsigned fault)
{
	struct device *device = runner->device;
	const bool waits_for_reboot = !fault && transfer->version[0];
	if (waits_for_reboot)
		transfer->phase = TRANSFER_FETCHED;
	else if (!try_again(transfer, fault))
		report_end(device, transfer, fault);
	device_save(device);
	if (waits_for_reboot) {
		device_reboot(device, REBOOT_FIRMWARE, NULL);
		device_save(device);
	}
	device_on_work_done(device);
}

static void on_done(unsigned fault, uint64_t bytes, void *arg)
{
	struct transfers_runner *runner = arg;
	struct device *device = runner->device;
	struct transfer *transfer = runner->transfer;
	runner->active = NULL;
	runner->transfer = NULL;
	transfer->completed = time(NULL);
	if (!fault && transfer->kind != TRANSFER_UPLOAD)
		fault = install_file(device, transfer, runner->part);
	transfers_sweep(device->state.dir);
	device_witness(device, "transfer",
		json_pack("{s:s,s:s,s:s,s:i,s:I}", "command_key", transfer->command_key,
			"file_type", transfer->file_type, "url", transfer->url, "fault", (int)fault,
			"bytes", (json_int_t)bytes));
	LOG(device->name, "transfer-ended", LOG_TEXT("command_key", transfer->command_key),
		LOG_NUMBER("fault", fault), LOG_NUMBER("bytes", bytes));
	end(runner, transfer, fault);
}

static void start(struct transfers_runner *runner, struct transfer *transfer)
{
	struct file_transfer_request request = {
		.url = transfer->url,
		.username = transfer->username,
		.password = transfer->password,
		.path = runner->part,
		.expected_bytes = transfer->file_size,
	};
	struct buffer content = { 0 };
	if (transfer->kind == TRANSFER_UPLOAD) {
		upload_content(runner->device->model, runner->device->state.dir,
			transfer->file_type, &content);
		request.put = &content;
	}
	transfer->phase = TRANSFER_RUNNING;
	transfer->started = time(NULL);
	runner->transfer = transfer;
	const struct device *device = runner->device;
	const struct file_transfer_place place = {
		.base = device->base,
		.dns = device->dns,
		.tls = device->tls,
		.name = device->name,
	};
	runner->active = file_transfer_start(&place, &request, on_done, runner);
	buffer_clear(&content);
}

/* When something is next to be done about a queued transfer; 9020 is told for missed windows. */
static time_t due_time(struct transfer *transfer, time_t now, bool *is_missed)
{
	time_t until = transfer->not_before;
	*is_missed = false;
	if (!transfer->windows.count)
		return until;
	switch (windows_check(&transfer->windows, now, &until)) {
	case WINDOWS_MISSED:
		*is_missed = true;
		return now;
	case WINDOWS_OPEN:
		return transfer->not_before;
	case WINDOWS_WAIT:
		break;
	}
	return until;
}

/* Reports what missed its windows; the first of the others, NULL when none is queued. */
static struct transfer *next_due(struct transfers_runner *runner, time_t now, time_t *due)
{
	struct transfers *queue = &runner->device->state.transfers;
	struct transfer *transfer, *following, *first = NULL;
	for (transfer = TAILQ_FIRST(queue); transfer; transfer = following) {
		following = TAILQ_NEXT(transfer, link);
		bool is_missed;
		const time_t time = due_time(transfer, now, &is_missed);
		if (transfer->phase != TRANSFER_QUEUED)
			continue;
		if (is_missed) {
			report_end(runner->device, transfer, 9020);
			device_save(runner->device);
		} else if (!first || time < *due) {
			first = transfer;
			*due = time;
		}
	}
	return first;
}

/* Transfers wait for the end of a session, TR-069 A.3.2.8 leaves that to the device. */
void transfers_run(struct transfers_runner *runner)
{
	struct device *device = runner->device;
	if (runner->active || device_is_busy(device))
		return;
	const time_t now = time(NULL);
	time_t due = 0;
	struct transfer *next = next_due(runner, now, &due);
	if (!next)
		return;
	const struct timeval wait = wall_clock_wait(due);
	if (due > now)
		event_add(runner->timer, &wait);
	else
		start(runner, next);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct transfers_runner *runner = arg;
	(void)fd;
	(void)what;
	transfers_run(runner);
	device_wake(runner->device);
}

void transfers_stop(struct transfers_runner *runner)
{
	file_transfer_free(runner->active);
	runner->active = NULL;
	if (runner->transfer)
		runner->transfer->phase = TRANSFER_QUEUED;
	runner->transfer = NULL;
	event_del(runner->timer);
	transfers_sweep(runner->device->state.dir);
}

struct transfers_runner *transfers_runner_new(struct device *device)
{
	struct transfers_runner *runner = calloc(1, sizeof(*runner));
	if (!runner)
		abort();
	runner->device = device;
	runner->timer = evtimer_new(device->base, on_timer, runner);
	runner->part = part_path(device->state.dir);
	return runner;
}

void transfers_runner_free(struct transfers_runner *runner)
{
	if (!runner)
		return;
	transfers_stop(runner);
	event_free(runner->timer);
	free(runner->part);
	free(runner);
}
