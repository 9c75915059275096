/* device: one CPE, everything that it is and does, on one event loop.
 * Power on, sessions, transfers and reboots follow each other here; what each is stands elsewhere.
 */
#include "cpe/device.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "cpe/boot.h"
#include "cpe/connection_request.h"
#include "cpe/control.h"
#include "cpe/transfer/du_changes.h"
#include "cpe/log.h"
#include "cpe/schedule.h"
#include "cpe/session/session.h"
#include "cpe/timetable.h"
#include "cpe/transfer/transfers.h"

static void arm(struct event *timer, double seconds)
{
	const struct timeval wait = {
		.tv_sec = (time_t)seconds,
		.tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6),
	};
	event_add(timer, &wait);
}

void device_save(struct device *device)
{
	char why[256];
	if (state_save(&device->state, device->model, why, sizeof(why)))
		return;
	LOG(device->name, "state-not-saved", LOG_TEXT("why", why));
	exit(1);
}

void device_witness(struct device *device, const char *kind, json_t *entry)
{
	if (journal_add(device->journal, kind, entry))
		return;
	LOG(device->name, "journal-not-written", LOG_TEXT("kind", kind));
	exit(1);
}

const char *device_acs_url(const struct device *device)
{
	const struct node *node = datamodel_at(device->model, "ManagementServer.URL");
	return node && node->value[0] ? node->value : device->options->acs_url;
}

static void leave(struct device *device, int status)
{
	device->exit_status = status;
	event_base_loopbreak(device->base);
}

/* Sessions */

static void on_session_timer(evutil_socket_t fd, short what, void *arg)
{
	struct device *device = arg;
	(void)fd;
	(void)what;
	device->is_waiting_to_retry = false;
	if (!device->session && !device->is_down)
		device->session = session_start(device);
}

/* Seconds that DefaultActiveNotificationThrottle still keeps a session closed that only 4 VALUE
 * CHANGE asks for. */
static double throttle(const struct device *device)
{
	const double interval = (double)datamodel_number(
		device->model, "ManagementServer.DefaultActiveNotificationThrottle", 0);
	const double passed = (double)(clock_ms() - device->last_success) / 1000;
	if (!device->last_success || passed > interval ||
		!events_want_only_change(&device->state.events))
		return 0;
	return interval - passed;
}

void device_wake(struct device *device)
{
	if (device->session || device->is_down || device->is_waiting_to_retry ||
		!events_want_session(&device->state.events))
		return;
	arm(device->session_timer, throttle(device));
}

void device_wake_now(struct device *device)
{
	device->is_waiting_to_retry = false;
	device_wake(device);
}

bool device_is_busy(const struct device *device)
{
	return device->session || device->is_down;
}

static double random_fraction(void)
{
	uint32_t bits;
	random_bytes(&bits, sizeof(bits));
	return bits / (double)UINT32_MAX;
}

/* TR-069 3.2.1.1 */
static void wait_to_retry(struct device *device)
{
	const struct datamodel *model = device->model;
	const unsigned m = (unsigned)datamodel_number(
		model, "ManagementServer.CWMPRetryMinimumWaitInterval", 5);
	const unsigned k = (unsigned)datamodel_number(
		model, "ManagementServer.CWMPRetryIntervalMultiplier", 2000);
	const struct retry_bounds bounds = retry_bounds(device->state.retry_count, m, k);
	const double wait = device->options->retry_scale *
			    (bounds.least + random_fraction() * (bounds.most - bounds.least));
	LOG(device->name, "retry", LOG_NUMBER("retry_count", device->state.retry_count),
		LOG_NUMBER("wait_ms", wait * 1000));
	device->is_waiting_to_retry = true;
	arm(device->session_timer, wait);
}

static void stop_work(struct device *device)
{
	transfers_stop(device->transfers);
	du_changes_stop(device->du_changes);
}

static void run_work(struct device *device)
{
	transfers_run(device->transfers);
	du_changes_run(device->du_changes);
}

static bool goes_down(const struct device *device, bool has_succeeded)
{
	const enum reboot_reason reason = device->state.reboot;
	return reason != REBOOT_NONE &&
	       (has_succeeded || reason == REBOOT_LOCAL || reason == REBOOT_FIRMWARE);
}

static void go_down(struct device *device)
{
	LOG(device->name, "down", LOG_TEXT("reason", reboot_reason_name(device->state.reboot)),
		LOG_NUMBER("seconds", device->options->reboot_seconds));
	device->is_down = true;
	stop_work(device);
	arm(device->reboot_timer, device->options->reboot_seconds);
}

/* --once ends when nothing is left to do of what the session began. */
static bool is_done(const struct device *device)
{
	const struct state *state = &device->state;
	return device->options->once && transfers_count(&state->transfers) == 0 &&
	       json_array_size(state->reports) == 0 && json_array_size(state->du_changes) == 0;
}

static void on_success(struct device *device)
{
	device->state.retry_count = 0;
	device->last_success = clock_ms();
	boot_check_acs(device);
	device_save(device);
	if (is_done(device))
		leave(device, 0);
	else if (goes_down(device, true))
		go_down(device);
	else
		run_work(device);
	device_wake(device);
}

static void on_failure(struct device *device)
{
	const bool is_retried = events_on_session_failed(&device->state.events);
	device->state.retry_count++;
	device_save(device);
	if (device->options->once)
		leave(device, 1);
	else if (goes_down(device, false))
		go_down(device);
	else if (is_retried)
		wait_to_retry(device);
	else
		device_wake(device);
}

void device_on_session_ended(struct device *device, const char *reason)
{
	LOG(device->name, "session-ended", LOG_TEXT("outcome", reason ? "failed" : "ok"),
		LOG_TEXT("reason", reason));
	if (reason)
		on_failure(device);
	else
		on_success(device);
}

/* Reboots */

static void on_reboot_timer(evutil_socket_t fd, short what, void *arg)
{
	struct device *device = arg;
	(void)fd;
	(void)what;
	device->is_down = false;
	device_start(device);
}

void device_reboot(struct device *device, enum reboot_reason reason, const char *command_key)
{
	static const int strength[REBOOT_REASONS] = {
		[REBOOT_LOCAL] = 1,
		[REBOOT_FIRMWARE] = 2,
		[REBOOT_BY_ACS] = 3,
		[REBOOT_FACTORY_RESET] = 4,
	};
	struct state *state = &device->state;
	if (strength[reason] >= strength[state->reboot])
		state->reboot = reason;
	if (command_key)
		json_array_append_new(state->reboot_command_keys, json_string(command_key));
	if (!device->session && !device->is_down)
		go_down(device);
}

void device_start(struct device *device)
{
	device->offered = version_by_name(device->options->cwmp_version);
	device->version = device->offered;
	device->is_uncompressed = false;
	boot(device);
	device->is_waiting_to_retry = false;
	device->last_success = 0;
	device->phase = time(NULL);
	device_reconfigure(device);
	run_work(device);
	device_wake(device);
}

/* Changes of values */

void device_reconfigure(struct device *device)
{
	timetable_follow(device->timetable);
	connection_request_follow(device->connection_request);
}

void device_change(struct device *device, struct node *node, const char *value, enum notice notice)
{
	if (!node_set(node, value))
		return;
	const bool is_active = node->notification == NOTIFICATION_ACTIVE ||
			       (notice == NOTICE_ALWAYS && !node->has_attributes);
	if (!is_active && !node_is_passive(node))
		return;
	struct arena *arena = arena_new();
	events_add_change(&device->state.events, node_path(arena, node), !is_active);
	arena_free(arena);
}

void device_on_work_done(struct device *device)
{
	if (is_done(device)) /* a download that ends in silence, --misbehave no-transfer-complete */
		leave(device, 0);
	run_work(device);
	device_wake(device);
}

/* Life */

static char *make_name(const struct cwmp_device_id *id)
{
	char *name = NULL;
	if (asprintf(&name, "%s-%s%s%s", id->oui, id->product_class,
		    id->product_class[0] ? "-" : "", id->serial_number) < 0)
		abort();
	return name;
}

static bool open_files(struct device *device, char *why, size_t why_size)
{
	const struct options *options = device->options;
	if (!state_open(&device->state, options->state_dir, why, why_size))
		return false;
	transfers_sweep(options->state_dir);
	device->journal = journal_open(options->state_dir, why, why_size);
	if (!device->journal || !boot_load_model(device, why, why_size))
		return false;
	device->name = make_name(&device->model->identity);
	if (options->trace_dir) {
		device->trace = trace_open(options->trace_dir, why, why_size);
		if (!device->trace)
			return false;
	}
	return device_load_trust(device, why, why_size);
}

static bool open_doors(struct device *device, char *why, size_t why_size)
{
	device->connection_request = connection_request_open(device, why, why_size);
	if (!device->connection_request)
		return false;
	device->transfers = transfers_runner_new(device);
	device->du_changes = du_runner_new(device);
	device->control = control_open(device, why, why_size);
	return device->control != NULL;
}

struct device *device_new(const struct device_shared *shared, char *why, size_t why_size)
{
	struct device *device = calloc(1, sizeof(*device));
	if (!device)
		abort();
	device->options = shared->options;
	device->base = shared->base;
	device->dns = shared->dns;
	device->codec = shared->codec;
	device->offered = device->version = version_by_name(device->options->cwmp_version);
	device->session_timer = evtimer_new(device->base, on_session_timer, device);
	device->reboot_timer = evtimer_new(device->base, on_reboot_timer, device);
	device->timetable = timetable_new(device);
	if (open_files(device, why, why_size) && open_doors(device, why, why_size))
		return device;
	device_free(device);
	return NULL;
}

void device_free(struct device *device)
{
	if (!device)
		return;
	session_free(device->session);
	transfers_runner_free(device->transfers);
	du_runner_free(device->du_changes);
	timetable_free(device->timetable);
	control_close(device->control);
	connection_request_close(device->connection_request);
	event_free(device->session_timer);
	event_free(device->reboot_timer);
	http_tls_free(device->tls);
	trace_close(device->trace);
	journal_close(device->journal);
	datamodel_free(device->model);
	state_close(&device->state);
	free(device->name);
	free(device);
}
