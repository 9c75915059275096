/* orders: what the ACS has told a device of a fleet to do later: ScheduleInform, Download, Upload.
 * Files are really fetched and sent, and then forgotten: a fleet installs nothing. */
#include "cpe/fleet/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/journal.h"
#include "cpe/schedule.h"
#include "cpe/transfer/file_transfer.h"
#include "cwmp/cwmp.h"

enum { TRANSFERS_AT_ONCE = 32, TRY_AGAIN_US = 100000, SECOND_US = 1000000 };

static void schedule(struct order *order, uint64_t due_us)
{
	order->due_us = due_us;
	dispatch_at(order->fleet->dispatch, order->device, due_us);
}

void orders_add(struct fleet *fleet, struct fleet_device *device, const struct order *from,
	unsigned delay_seconds)
{
	struct arena *arena = arena_new();
	struct order *order = ARENA_NEW(arena, struct order);
	*order = *from;
	order->arena = arena;
	order->fleet = fleet;
	order->device = device;
	order->command_key = arena_strdup(arena, from->command_key);
	order->file_type = arena_strdup(arena, from->file_type);
	order->url = arena_strdup(arena, from->url);
	order->username = arena_strdup(arena, from->username);
	order->password = arena_strdup(arena, from->password);
	TAILQ_INSERT_TAIL(&extra_of(device)->orders, order, link);
	schedule(order, clock_us() + (uint64_t)delay_seconds * SECOND_US);
}

static void order_free(struct order *order)
{
	if (order->phase == ORDER_RUNNING)
		order->fleet->transfers_running--;
	file_transfer_free(order->transfer);
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

static const char *m_event(const struct order *order)
{
	return order->method == CWMP_UPLOAD ? "M Upload" : "M Download";
}

static void on_transferred(unsigned fault, uint64_t bytes, void *arg)
{
	struct order *order = arg;
	struct events *events = &order->device->extra->events;
	order->transfer = NULL;
	order->fleet->transfers_running--;
	order->phase = ORDER_DONE;
	order->fault = fault;
	order->completed = time(NULL);
	fleet_witness(order->fleet, order->device, "transfer",
		json_pack("{s:s,s:s,s:s,s:i,s:I}", "command_key", order->command_key, "file_type",
			order->file_type, "url", order->url, "fault", (int)fault, "bytes",
			(json_int_t)bytes));
	events_add(events, "7 TRANSFER COMPLETE", "");
	events_add(events, m_event(order), order->command_key);
	dispatch_wake(order->fleet->dispatch, order->device);
}

static void begin_transfer(struct order *order)
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
	struct buffer content = { 0 };
	struct file_transfer_request request = {
		.url = order->url,
		.username = order->username,
		.password = order->password,
	};
	if (order->method == CWMP_UPLOAD) {
		buffer_printf(&content, "%s\n%s\n", id, order->file_type);
		request.put = &content;
	}
	order->phase = ORDER_RUNNING;
	order->started = time(NULL);
	fleet->transfers_running++;
	order->transfer = file_transfer_start(&place, &request, on_transferred, order);
	buffer_clear(&content);
}

static void tell_schedule(struct orders *orders, struct order *order)
{
	struct events *events = &order->device->extra->events;
	events_add(events, "3 SCHEDULED", "");
	events_add(events, "M ScheduleInform", order->command_key);
	orders_remove(orders, order);
}

void orders_run(struct fleet *fleet, struct fleet_device *device)
{
	struct orders *orders = device->extra ? &device->extra->orders : NULL;
	const uint64_t now = clock_us();
	struct order *next;
	for (struct order *order = orders ? TAILQ_FIRST(orders) : NULL; order; order = next) {
		next = TAILQ_NEXT(order, link);
		if (order->phase != ORDER_WAITING || order->due_us > now)
			continue;
		if (order->method == CWMP_SCHEDULE_INFORM)
			tell_schedule(orders, order);
		else if (fleet->transfers_running < TRANSFERS_AT_ONCE)
			begin_transfer(order);
		else
			schedule(order, now + TRY_AGAIN_US);
	}
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

void orders_tell(const struct order *order, struct arena *arena, enum cwmp_namespace ns,
	const char *id, struct cwmp_message *out)
{
	cwmp_make_request(out, ns, CWMP_TRANSFER_COMPLETE, id);
	const unsigned fault = order->fault ? cwmp_fault_code_for(ns, order->fault) : 0;
	out->request.transfer_complete = (struct cwmp_transfer_complete){
		.command_key = order->command_key,
		.fault = { fault, fault ? cwmp_fault_text(fault) : "" },
		.start_time = time_text(arena, order->started),
		.complete_time = fault ? CWMP_UNKNOWN_TIME : time_text(arena, order->completed),
	};
}

void orders_told(struct fleet_device *device, struct order *told)
{
	struct fleet_extra *extra = device->extra;
	struct order *order;
	bool is_last = true;
	events_remove(&extra->events, m_event(told), told->command_key);
	orders_remove(&extra->orders, told);
	TAILQ_FOREACH (order, &extra->orders, link)
		is_last &= order->phase != ORDER_DONE;
	if (is_last)
		events_remove(&extra->events, "7 TRANSFER COMPLETE", "");
}
