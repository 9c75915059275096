/* dispatch: which device has the next session, and when.
 * One function, run(), gives out free connections; all that happens ends there. */
#include "cpe/fleet/dispatch.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cpe/fleet/due.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/journal.h"
#include "cpe/fleet/periodic.h"
#include "cpe/schedule.h"

enum { DRAWS_MAX = 32, MICROSECONDS = 1000000 };

struct dispatch {
	struct fleet *fleet;
	struct fleet_session **sessions; /* one for each connection */
	struct fleet_session **free;     /* those without a device: a ring, used in turn */
	uint32_t connections, free_at, free_count;
	uint32_t *ready; /* devices that are DEVICE_QUEUED: a ring */
	uint32_t ready_at, ready_count;
	uint32_t idle_count; /* devices that are DEVICE_IDLE */
	struct due due;      /* of those that wait or are down */
	struct event *arrival, *due_timer, *end;
	uint64_t random; /* state of the generator */
	uint64_t started_us, begun, drawn;
	uint32_t storm_left; /* devices of a storm that are not in yet */
	uint64_t storm_us;   /* how long that took; 0 while there are any, or without a storm */
	bool is_stopping;
};

/* SplitMix64: what matters here is that a seed gives the same draws everywhere. */
static uint64_t draw_bits(struct dispatch *dispatch)
{
	uint64_t bits = dispatch->random += UINT64_C(0x9e3779b97f4a7c15);
	bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
	return bits ^ (bits >> 31);
}

static double draw_fraction(struct dispatch *dispatch)
{
	return (double)(draw_bits(dispatch) >> 11) / (double)(UINT64_C(1) << 53);
}

static void set_state(
	struct dispatch *dispatch, struct fleet_device *device, enum device_state state)
{
	dispatch->idle_count -= device->state == DEVICE_IDLE;
	dispatch->idle_count += state == DEVICE_IDLE;
	device->state = (uint8_t)state;
}

static void add_timer(struct event *timer, uint64_t microseconds)
{
	const struct timeval length = { (time_t)(microseconds / MICROSECONDS),
		(suseconds_t)(microseconds % MICROSECONDS) };
	event_add(timer, &length);
}

static uint64_t time_until(uint64_t moment, uint64_t now)
{
	return moment > now ? moment - now : 0;
}

/* Free connections and devices that are ready */

static void give_back(struct dispatch *dispatch, struct fleet_session *session)
{
	const uint32_t at = (dispatch->free_at + dispatch->free_count++) % dispatch->connections;
	dispatch->free[at] = session;
}

static struct fleet_session *take_connection(struct dispatch *dispatch)
{
	struct fleet_session *session = dispatch->free[dispatch->free_at];
	dispatch->free_at = (dispatch->free_at + 1) % dispatch->connections;
	dispatch->free_count--;
	return session;
}

static void make_ready(struct dispatch *dispatch, struct fleet_device *device)
{
	const uint32_t room = dispatch->fleet->device_count;
	const uint32_t at = (uint32_t)(((uint64_t)dispatch->ready_at + dispatch->ready_count++) %
				       room);
	set_state(dispatch, device, DEVICE_QUEUED);
	device->wake_us = clock_us();
	dispatch->ready[at] = (uint32_t)(device - dispatch->fleet->devices);
}

static struct fleet_device *take_ready(struct dispatch *dispatch)
{
	struct fleet *fleet = dispatch->fleet;
	struct fleet_device *device = &fleet->devices[dispatch->ready[dispatch->ready_at]];
	dispatch->ready_at = (dispatch->ready_at + 1) % fleet->device_count;
	dispatch->ready_count--;
	return device;
}

/* Any idle device, each with the same chance as long as enough of them are idle; there is one. With
 * --in-turn the next that is idle. */
static struct fleet_device *draw_device(struct dispatch *dispatch)
{
	struct fleet *fleet = dispatch->fleet;
	uint32_t at = (uint32_t)(dispatch->drawn % fleet->device_count);
	for (unsigned i = 0; i < DRAWS_MAX && !fleet->options->fleet.in_turn; i++) {
		at = (uint32_t)(draw_bits(dispatch) % fleet->device_count);
		if (fleet->devices[at].state == DEVICE_IDLE)
			return &fleet->devices[at];
	}
	while (fleet->devices[at].state != DEVICE_IDLE)
		at = (at + 1) % fleet->device_count;
	return &fleet->devices[at];
}

/* Giving out */

static bool may_begin(const struct dispatch *dispatch)
{
	const unsigned most = dispatch->fleet->options->fleet.sessions;
	return !dispatch->is_stopping && dispatch->free_count > 0 &&
	       (!most || dispatch->begun < most);
}

/* When the next drawn session ought to begin; at once without a rate. */
static uint64_t next_arrival(const struct dispatch *dispatch)
{
	const double rate = dispatch->fleet->options->fleet.rate;
	return rate < 0 ? 0
			: dispatch->started_us +
				  (uint64_t)((double)dispatch->drawn * MICROSECONDS / rate);
}

static bool draws(const struct dispatch *dispatch)
{
	return dispatch->fleet->options->fleet.rate != 0 && dispatch->idle_count > 0;
}

static void begin(struct dispatch *dispatch, struct fleet_device *device, uint64_t due_us)
{
	set_state(dispatch, device, DEVICE_BUSY);
	dispatch->begun++;
	fleet_session_begin(take_connection(dispatch), device, due_us);
}

static void begin_ready(struct dispatch *dispatch, struct fleet_device *device)
{
	begin(dispatch, device, device->wake_us);
}

/* At a rate a session that begins late was due all the same: its latency counts from then. */
static void begin_drawn(struct dispatch *dispatch, uint64_t now)
{
	const uint64_t arrival = next_arrival(dispatch);
	struct fleet_device *device = draw_device(dispatch);
	device->reason = (uint8_t)mix_draw(&dispatch->fleet->mix, (unsigned)draw_bits(dispatch));
	dispatch->drawn++;
	begin(dispatch, device, arrival ? arrival : now);
}

static bool has_limit(const struct dispatch *dispatch)
{
	const struct fleet_options *options = &dispatch->fleet->options->fleet;
	return options->seconds || options->sessions;
}

static bool is_done(const struct dispatch *dispatch)
{
	const struct fleet_options *options = &dispatch->fleet->options->fleet;
	if (dispatch_active(dispatch) > 0)
		return false;
	return dispatch->is_stopping ||
	       (options->sessions && dispatch->begun >= options->sessions) ||
	       (options->storm && !dispatch->storm_left && !has_limit(dispatch) &&
		       !options->periodic);
}

/* For what is due first. */
static void rearm(struct dispatch *dispatch)
{
	struct due_entry first;
	if (due_first(&dispatch->due, &first))
		add_timer(dispatch->due_timer, time_until(first.due_us, clock_us()));
}

static void run(struct dispatch *dispatch)
{
	const uint64_t now = clock_us();
	while (may_begin(dispatch) && dispatch->ready_count)
		begin_ready(dispatch, take_ready(dispatch));
	while (may_begin(dispatch) && draws(dispatch) && next_arrival(dispatch) <= now)
		begin_drawn(dispatch, now);
	if (may_begin(dispatch) && draws(dispatch))
		add_timer(dispatch->arrival, time_until(next_arrival(dispatch), now));
	if (is_done(dispatch))
		event_base_loopbreak(dispatch->fleet->base);
}

static void on_arrival(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	run(arg);
}

static void boot(struct dispatch *dispatch, struct fleet_device *device)
{
	const char *reason = extra_boot(dispatch->fleet, device);
	device->retry_count = 0; /* the wait pattern begins anew, TR-069 3.2.1.1 */
	fleet_witness(dispatch->fleet, device, "boot",
		json_pack("{s:s,s:s}", "reason", reason, "software_version",
			extra_text(dispatch->fleet, device, "DeviceInfo.SoftwareVersion")));
	make_ready(dispatch, device);
}

static void make_ready_if_wanted(struct dispatch *dispatch, struct fleet_device *device)
{
	if (device->state == DEVICE_IDLE && extra_wants_session(device))
		make_ready(dispatch, device);
}

/* An entry for the end of a wait that was cut short is of no use any more. */
static void on_entry(struct dispatch *dispatch, const struct due_entry *entry)
{
	struct fleet_device *device = &dispatch->fleet->devices[entry->device];
	const bool is_woken = device->wake_us == entry->due_us;
	if (is_woken && device->state == DEVICE_WAITING)
		make_ready(dispatch, device);
	else if (is_woken && device->state == DEVICE_DOWN)
		boot(dispatch, device);
	if (device->periodic_us == entry->due_us && periodic_on_due(dispatch->fleet, device))
		make_ready(dispatch, device);
	if (device->state == DEVICE_BUSY || device->state == DEVICE_DOWN)
		return; /* its orders begin afterwards */
	orders_run(device);
	make_ready_if_wanted(dispatch, device);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct dispatch *dispatch = arg;
	const uint64_t now = clock_us();
	struct due_entry first;
	(void)fd, (void)what;
	while (due_first(&dispatch->due, &first) && first.due_us <= now) {
		due_remove_first(&dispatch->due);
		on_entry(dispatch, &first);
	}
	rearm(dispatch);
	run(dispatch);
}

void dispatch_at(struct dispatch *dispatch, struct fleet_device *device, uint64_t due_us)
{
	due_add(&dispatch->due, due_us, (uint32_t)(device - dispatch->fleet->devices));
	rearm(dispatch);
}

void dispatch_wake(struct dispatch *dispatch, struct fleet_device *device)
{
	make_ready_if_wanted(dispatch, device);
	run(dispatch);
}

bool dispatch_call(struct dispatch *dispatch, struct fleet_device *device)
{
	if (device->state != DEVICE_IDLE && device->state != DEVICE_WAITING)
		return false;
	if (device->reason == REASON_PENDING && !extra_has_events(device))
		device->reason = REASON_CONNECTION_REQUEST;
	else
		events_add(&extra_of(device)->events, "6 CONNECTION REQUEST", "");
	make_ready(dispatch, device);
	run(dispatch);
	return true;
}

/* The end of a session */

/* TR-069 3.2.1.1, and no sooner than Retry-After allows. */
static uint64_t retry_wait_us(
	struct dispatch *dispatch, const struct fleet_device *device, unsigned retry_seconds)
{
	const struct datamodel *tree = dispatch->fleet->model->tree;
	const unsigned m = (unsigned)datamodel_number(
		tree, "ManagementServer.CWMPRetryMinimumWaitInterval", 5);
	const unsigned k = (unsigned)datamodel_number(
		tree, "ManagementServer.CWMPRetryIntervalMultiplier", 2000);
	const struct retry_bounds bounds = retry_bounds(device->retry_count, m, k);
	const double wait = dispatch->fleet->options->retry_scale *
			    (bounds.least + draw_fraction(dispatch) * (bounds.most - bounds.least));
	return (uint64_t)((wait > retry_seconds ? wait : retry_seconds) * MICROSECONDS);
}

static void wait_to_retry(
	struct dispatch *dispatch, struct fleet_device *device, unsigned retry_seconds)
{
	if (device->retry_count < UINT16_MAX)
		device->retry_count++;
	/* Lost after its InformResponse: all events are told, and an Inform has to tell one. */
	if (device->reason == REASON_PENDING && !extra_has_events(device))
		device->reason = REASON_PERIODIC;
	device->wake_us = clock_us() + retry_wait_us(dispatch, device, retry_seconds);
	set_state(dispatch, device, DEVICE_WAITING);
	dispatch_at(dispatch, device, device->wake_us);
}

static void go_down(struct dispatch *dispatch, struct fleet_device *device)
{
	device->wake_us = clock_us() +
			  (uint64_t)dispatch->fleet->options->reboot_seconds * MICROSECONDS;
	set_state(dispatch, device, DEVICE_DOWN);
	dispatch_at(dispatch, device, device->wake_us);
}

void dispatch_reboot(struct dispatch *dispatch, struct fleet_device *device)
{
	device->extra->reboots = true;
	if (device->state == DEVICE_IDLE || device->state == DEVICE_WAITING)
		go_down(dispatch, device);
}

static void note_in(struct dispatch *dispatch, struct fleet_device *device)
{
	if (device->is_in || !dispatch->storm_left)
		return;
	device->is_in = true;
	if (--dispatch->storm_left == 0)
		dispatch->storm_us = clock_us() - dispatch->started_us;
}

/* Is there a reason to try again? 6 CONNECTION REQUEST is not told a second time (TR-069 3.7.1.5); after
 * the InformResponse there is nothing to tell, but the ACS's own requests. */
static bool wants_retry(struct fleet_device *device)
{
	if (device->extra && !events_on_session_failed(&device->extra->events))
		return false;
	return device->reason != REASON_CONNECTION_REQUEST || extra_has_events(device);
}

static void follow_period(struct dispatch *dispatch, struct fleet_device *device)
{
	if (!device->extra->has_new_period)
		return;
	device->extra->has_new_period = false;
	periodic_begin(dispatch->fleet, device, draw_fraction(dispatch));
}

/* Between sessions, after one that succeeded or is not tried again. */
static void rest(struct dispatch *dispatch, struct fleet_device *device, bool has_succeeded)
{
	device->reason = REASON_PENDING;
	device->retry_count = 0;
	set_state(dispatch, device, DEVICE_IDLE);
	if (!device->extra)
		return;
	follow_period(dispatch, device);
	if (device->extra->reboots && has_succeeded) {
		go_down(dispatch, device);
		return;
	}
	orders_run(device);
	if (has_succeeded)
		make_ready_if_wanted(dispatch, device);
	extra_tidy(device);
}

void dispatch_on_session_ended(struct dispatch *dispatch, struct fleet_session *session,
	struct fleet_device *device, bool has_succeeded, unsigned retry_seconds)
{
	give_back(dispatch, session);
	if (!has_succeeded && wants_retry(device) && dispatch->fleet->retries)
		wait_to_retry(dispatch, device, retry_seconds);
	else
		rest(dispatch, device, has_succeeded);
	if (has_succeeded)
		note_in(dispatch, device);
	run(dispatch);
}

/* Life */

void dispatch_stop(struct dispatch *dispatch)
{
	dispatch->is_stopping = true;
	run(dispatch);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	dispatch_stop(arg);
}

static void begin_storm(struct dispatch *dispatch)
{
	const struct fleet *fleet = dispatch->fleet;
	dispatch->storm_left = fleet->device_count;
	for (uint32_t i = 0; i < fleet->device_count; i++) {
		fleet->devices[i].reason = REASON_BOOT;
		make_ready(dispatch, &fleet->devices[i]);
	}
}

static void begin_periods(struct dispatch *dispatch)
{
	struct fleet *fleet = dispatch->fleet;
	for (uint32_t i = 0; i < fleet->device_count; i++)
		periodic_begin(fleet, &fleet->devices[i], draw_fraction(dispatch));
}

void dispatch_start(struct dispatch *dispatch)
{
	const struct fleet_options *options = &dispatch->fleet->options->fleet;
	dispatch->started_us = clock_us();
	if (options->storm)
		begin_storm(dispatch);
	if (options->periodic)
		begin_periods(dispatch);
	if (options->seconds)
		add_timer(dispatch->end, (uint64_t)options->seconds * MICROSECONDS);
	run(dispatch);
}

uint32_t dispatch_active(const struct dispatch *dispatch)
{
	return dispatch->connections - dispatch->free_count;
}

uint32_t dispatch_waiting(const struct dispatch *dispatch)
{
	return dispatch->fleet->device_count - dispatch->idle_count - dispatch_active(dispatch);
}

double dispatch_storm_seconds(const struct dispatch *dispatch)
{
	return dispatch->storm_us ? (double)dispatch->storm_us / MICROSECONDS : -1;
}

struct dispatch *dispatch_new(struct fleet *fleet, uint32_t connections)
{
	struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
	if (!dispatch)
		abort();
	dispatch->fleet = fleet;
	dispatch->connections = connections;
	dispatch->idle_count = fleet->device_count;
	dispatch->random = fleet->options->fleet.seed;
	dispatch->ready = calloc(fleet->device_count, sizeof(*dispatch->ready));
	dispatch->sessions = calloc(connections, sizeof(struct fleet_session *));
	dispatch->free = calloc(connections, sizeof(struct fleet_session *));
	if (!dispatch->ready || !dispatch->sessions || !dispatch->free)
		abort();
	dispatch->arrival = evtimer_new(fleet->base, on_arrival, dispatch);
	dispatch->due_timer = evtimer_new(fleet->base, on_due, dispatch);
	dispatch->end = evtimer_new(fleet->base, on_end, dispatch);
	for (uint32_t i = 0; i < connections; i++)
		give_back(dispatch, dispatch->sessions[i] = fleet_session_new(fleet, i));
	return dispatch;
}

void dispatch_free(struct dispatch *dispatch)
{
	if (!dispatch)
		return;
	for (uint32_t i = 0; i < dispatch->connections; i++)
		fleet_session_free(dispatch->sessions[i]);
	event_free(dispatch->arrival);
	event_free(dispatch->due_timer);
	event_free(dispatch->end);
	due_clear(&dispatch->due);
	free(dispatch->ready);
	free(dispatch->sessions);
	free(dispatch->free);
	free(dispatch);
}
