/* timetable: what the clock makes the device tell: periodic, scheduled and heartbeat Informs.
 * All times are taken from the tree and the state, so a restart loses none. */
#include "cpe/timetable.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/schedule.h"
#include "cpe/wall_clock.h"

enum { HEARTBEAT_LEAST_SECONDS = 30 };

struct timetable {
	struct device *device;
	struct event *periodic, *scheduled, *heartbeat;
	time_t periodic_due, heartbeat_due;
};

static void arm(struct event *timer, time_t at)
{
	const struct timeval wait = wall_clock_wait(at);
	event_add(timer, &wait);
}

/* A timer that is a little early must not come twice. */
static time_t since(time_t due)
{
	const time_t now = time(NULL);
	return due > now ? due : now;
}

static void tell(struct device *device, const char *code)
{
	if (device->is_down)
		return;
	events_add(&device->state.events, code, "");
	device_save(device);
	device_wake(device);
}

/* The first time after now that is a whole number of intervals away from a time in the tree. */
static time_t next_due(
	const struct device *device, unsigned interval, const char *phase_name, time_t now)
{
	time_t phase;
	if (!time_parse(datamodel_text(device->model, phase_name), &phase))
		phase = device->phase;
	return periodic_next(phase, interval, now);
}

/* Periodic */

static void follow_periodic(struct timetable *timetable, time_t now)
{
	const struct datamodel *model = timetable->device->model;
	const unsigned interval = (unsigned)datamodel_number(
		model, "ManagementServer.PeriodicInformInterval", 0);
	event_del(timetable->periodic);
	if (!interval || !datamodel_flag(model, "ManagementServer.PeriodicInformEnable"))
		return;
	timetable->periodic_due = next_due(
		timetable->device, interval, "ManagementServer.PeriodicInformTime", now);
	arm(timetable->periodic, timetable->periodic_due);
}

static void on_periodic(evutil_socket_t fd, short what, void *arg)
{
	struct timetable *timetable = arg;
	(void)fd;
	(void)what;
	follow_periodic(timetable, since(timetable->periodic_due));
	tell(timetable->device, "2 PERIODIC");
}

/* Heartbeat: HeartbeatPolicy of Device:2.12, where the model has it. */

static void follow_heartbeat(struct timetable *timetable, time_t now)
{
	const struct device *device = timetable->device;
	const unsigned interval = (unsigned)datamodel_number(
		device->model, "ManagementServer.HeartbeatPolicy.ReportingInterval", 0);
	event_del(timetable->heartbeat);
	if (interval < HEARTBEAT_LEAST_SECONDS || device->version->version < CWMP_1_4 ||
		!datamodel_flag(device->model, "ManagementServer.HeartbeatPolicy.Enable"))
		return;
	timetable->heartbeat_due = next_due(
		device, interval, "ManagementServer.HeartbeatPolicy.InitiationTime", now);
	arm(timetable->heartbeat, timetable->heartbeat_due);
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct timetable *timetable = arg;
	(void)fd;
	(void)what;
	follow_heartbeat(timetable, since(timetable->heartbeat_due));
	tell(timetable->device, "14 HEARTBEAT");
}

/* Scheduled */

static time_t due_time(const json_t *entry)
{
	return (time_t)json_integer_value(json_object_get(entry, "due"));
}

/* Turns what is due into events; the time of the next one, 0 for none. */
static time_t tell_due(struct state *state, time_t now)
{
	time_t next = 0;
	for (size_t i = json_array_size(state->scheduled_informs); i-- > 0;) {
		const json_t *entry = json_array_get(state->scheduled_informs, i);
		const time_t due = due_time(entry);
		if (due > now) {
			next = !next || due < next ? due : next;
			continue;
		}
		events_add(&state->events, "3 SCHEDULED", "");
		events_add(&state->events, "M ScheduleInform",
			json_string_value(json_object_get(entry, "command_key")));
		json_array_remove(state->scheduled_informs, i);
	}
	return next;
}

static void follow_scheduled(struct timetable *timetable)
{
	struct device *device = timetable->device;
	const size_t before = json_array_size(device->state.scheduled_informs);
	event_del(timetable->scheduled);
	if (!before || device->is_down)
		return;
	const time_t now = time(NULL);
	const time_t next = tell_due(&device->state, now);
	if (next)
		arm(timetable->scheduled, next);
	if (json_array_size(device->state.scheduled_informs) == before)
		return;
	device_save(device);
	device_wake(device);
}

static void on_scheduled(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	follow_scheduled(arg);
}

unsigned timetable_schedule(struct device *device, unsigned delay_seconds, const char *command_key)
{
	struct state *state = &device->state;
	if (delay_seconds == 0 || strlen(command_key) > CWMP_COMMAND_KEY_MAX)
		return 9003;
	if (json_array_size(state->scheduled_informs) >= SCHEDULED_INFORMS_MAX)
		return 9004;
	json_array_append_new(state->scheduled_informs,
		json_pack("{s:I,s:s}", "due", (json_int_t)wall_clock_after(delay_seconds),
			"command_key", command_key));
	follow_scheduled(device->timetable);
	return 0;
}

void timetable_follow(struct timetable *timetable)
{
	const time_t now = time(NULL);
	follow_periodic(timetable, now);
	follow_heartbeat(timetable, now);
	follow_scheduled(timetable);
}

struct timetable *timetable_new(struct device *device)
{
	struct timetable *timetable = calloc(1, sizeof(*timetable));
	if (!timetable)
		abort();
	timetable->device = device;
	timetable->periodic = evtimer_new(device->base, on_periodic, timetable);
	timetable->scheduled = evtimer_new(device->base, on_scheduled, timetable);
	timetable->heartbeat = evtimer_new(device->base, on_heartbeat, timetable);
	return timetable;
}

void timetable_free(struct timetable *timetable)
{
	if (!timetable)
		return;
	event_free(timetable->periodic);
	event_free(timetable->scheduled);
	event_free(timetable->heartbeat);
	free(timetable);
}
