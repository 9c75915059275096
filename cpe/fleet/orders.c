/* orders: what the ACS has told a device of a fleet to do later: Informs, transfers, changes of modules.
 * The queue and its table are here; who carries transfers and changes out is in work.c. */
#include "cpe/fleet/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/work.h"
#include "cpe/schedule.h"
#include "cpe/session/report_messages.h"
#include "cpe/transfer/file_content.h"
#include "cpe/transfer/file_transfer.h"
#include "cwmp/cwmp.h"

enum { TRANSFERS_AT_ONCE = 32, TRY_AGAIN_US = 100000, SECOND_US = 1000000 };

static void tell_schedule(struct order *order);

static const struct order_kind {
	enum cwmp_method method;
	const char *event, *m_event; /* that tell its end */
	void (*run)(struct order *order);
} kinds[] = {
	{ CWMP_SCHEDULE_INFORM, "3 SCHEDULED", "M ScheduleInform", tell_schedule },
	{ CWMP_DOWNLOAD, "7 TRANSFER COMPLETE", "M Download", work_transfer },
	{ CWMP_SCHEDULE_DOWNLOAD, "7 TRANSFER COMPLETE", "M ScheduleDownload", work_transfer },
	{ CWMP_UPLOAD, "7 TRANSFER COMPLETE", "M Upload", work_transfer },
	{ CWMP_CHANGE_DU_STATE, "11 DU STATE CHANGE COMPLETE", "M ChangeDUState",
		work_change_units },
};

static const struct order_kind *kind_of(const struct order *order)
{
	const struct order_kind *kind = kinds;
	while (kind->method != order->method)
		kind++;
	return kind;
}

bool order_is_transfer(const struct order *order)
{
	return kind_of(order)->run == work_transfer;
}

void order_delay(struct order *order, uint64_t due_us)
{
	order->phase = ORDER_WAITING;
	order->due_us = due_us;
	dispatch_at(order->fleet->dispatch, order->device, due_us);
}

static unsigned count(const struct orders *orders)
{
	const struct order *order;
	unsigned count = 0;
	TAILQ_FOREACH (order, orders, link)
		count++;
	return count;
}

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : "";
}

bool orders_add(struct fleet *fleet, struct fleet_device *device, const struct order *from,
	unsigned delay_seconds)
{
	struct orders *orders = &extra_of(device)->orders;
	if (count(orders) >= ORDERS_MAX)
		return false;
	struct arena *arena = arena_new();
	struct order *order = ARENA_NEW(arena, struct order);
	*order = *from;
	order->arena = arena;
	order->fleet = fleet;
	order->device = device;
	order->command_key = copy(arena, from->command_key);
	order->file_type = copy(arena, from->file_type);
	order->url = copy(arena, from->url);
	order->username = copy(arena, from->username);
	order->password = copy(arena, from->password);
	order->target_file_name = copy(arena, from->target_file_name);
	TAILQ_INSERT_TAIL(orders, order, link);
	order_delay(order, clock_us() + (uint64_t)delay_seconds * SECOND_US);
	return true;
}

static void order_free(struct order *order)
{
	if (order->transfer)
		order->fleet->transfers_running--;
	file_transfer_free(order->transfer);
	buffer_clear(&order->content);
	json_decref(order->change);
	arena_free(order->arena);
}

void orders_remove(struct orders *orders, struct order *order)
{
	TAILQ_REMOVE(orders, order, link);
	order_free(order);
}

void orders_clear(struct orders *orders)
{
	while (!TAILQ_EMPTY(orders))
		orders_remove(orders, TAILQ_FIRST(orders));
}

struct order *orders_find_transfer(const struct orders *orders, const char *command_key)
{
	struct order *order;
	TAILQ_FOREACH (order, orders, link)
		if (order_is_transfer(order) && strcmp(order->command_key, command_key) == 0)
			return order;
	return NULL;
}

/* Running */

static void add_events(struct order *order)
{
	const struct order_kind *kind = kind_of(order);
	struct events *events = &order->device->extra->events;
	events_add(events, kind->event, "");
	events_add(events, kind->m_event, order->command_key);
}

void order_end(struct order *order)
{
	order->phase = ORDER_DONE;
	buffer_clear(&order->content);
	add_events(order);
	dispatch_wake(order->fleet->dispatch, order->device);
}

static void tell_schedule(struct order *order)
{
	add_events(order);
	orders_remove(&order->device->extra->orders, order);
}

void orders_run(struct fleet_device *device)
{
	const uint64_t now = clock_us();
	struct order *order, *next;
	if (!device->extra)
		return;
	for (order = TAILQ_FIRST(&device->extra->orders); order; order = next) {
		next = TAILQ_NEXT(order, link);
		if (order->phase == ORDER_WAITING && order->due_us <= now)
			kind_of(order)->run(order);
	}
}

void order_begin_transfer(struct order *order, const struct file_transfer_request *request,
	order_transferred_fn *on_done)
{
	struct fleet *fleet = order->fleet;
	char id[DEVICE_ID_BYTES];
	device_id(fleet, order->device, id);
	const struct file_transfer_place place = {
		.base = fleet->base,
		.dns = fleet->dns,
		.tls = fleet->tls,
		.name = id,
	};
	if (fleet->transfers_running >= TRANSFERS_AT_ONCE) {
		order_delay(order, clock_us() + TRY_AGAIN_US);
		return;
	}
	order->phase = ORDER_RUNNING;
	order->started = time(NULL);
	fleet->transfers_running++;
	buffer_reset(&order->content);
	order->transfer = file_transfer_start(&place, request, on_done, order);
}

void order_on_transfer_ended(struct order *order)
{
	order->transfer = NULL;
	order->fleet->transfers_running--;
	order->completed = time(NULL);
}

bool orders_on_boot(struct fleet_device *device)
{
	struct order *order;
	bool has_firmware = false;
	TAILQ_FOREACH (order, &device->extra->orders, link) {
		if (order->phase != ORDER_FETCHED)
			continue;
		extra_run_firmware(order->fleet, device, firmware_version(order->content.data));
		order_end(order);
		has_firmware = true;
	}
	return has_firmware;
}

/* Telling */

void orders_announce(const struct fleet_device *device)
{
	struct order *order;
	TAILQ_FOREACH (order, &device->extra->orders, link)
		order->is_announced = order->phase == ORDER_DONE;
}

struct order *orders_to_tell(const struct fleet_device *device)
{
	struct order *order;
	if (!device->extra)
		return NULL;
	TAILQ_FOREACH (order, &device->extra->orders, link)
		if (order->phase == ORDER_DONE && order->is_announced)
			return order;
	return NULL;
}

static void tell_transfer(const struct order *order, struct arena *arena, struct cwmp_message *out)
{
	const unsigned fault = order->fault ? cwmp_fault_code_for(out->ns, order->fault) : 0;
	out->request.transfer_complete = (struct cwmp_transfer_complete){
		.command_key = order->command_key,
		.fault = { fault, fault ? cwmp_fault_text(fault) : "" },
		.start_time = order->started ? time_text(arena, order->started) : CWMP_UNKNOWN_TIME,
		.complete_time = fault ? CWMP_UNKNOWN_TIME : time_text(arena, order->completed),
	};
}

void orders_tell(const struct order *order, struct arena *arena, enum cwmp_namespace ns,
	const char *id, struct cwmp_message *out)
{
	const bool is_transfer = order_is_transfer(order);
	cwmp_make_request(
		out, ns, is_transfer ? CWMP_TRANSFER_COMPLETE : CWMP_DU_STATE_CHANGE_COMPLETE, id);
	if (is_transfer)
		tell_transfer(order, arena, out);
	else
		report_build_du_change(arena, order->change, out);
}

void orders_told(struct fleet_device *device, struct order *told)
{
	struct fleet_extra *extra = device->extra;
	const struct order_kind *kind = kind_of(told);
	const struct order *order;
	bool is_last = true;
	events_remove(&extra->events, kind->m_event, told->command_key);
	orders_remove(&extra->orders, told);
	TAILQ_FOREACH (order, &extra->orders, link)
		is_last &= order->phase != ORDER_DONE ||
			   strcmp(kind_of(order)->event, kind->event) != 0;
	if (is_last)
		events_remove(&extra->events, kind->event, "");
}
