/* order_methods: the RPCs by which the ACS orders what follows later, and asks about it.
 * They check and queue; orders.c and work.c carry out. */
#include <stdlib.h>
#include <string.h>

#include "cpe/fleet/call.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/methods.h"
#include "cpe/transfer/du_operations.h"
#include "cpe/transfer/file_transfer.h"
#include "cpe/transfer/install.h"
#include "cpe/transfer/upload.h"
#include "cpe/vouchers.h"
#include "cwmp/cwmp.h"

static unsigned add_order(struct call *call, const struct order *order, unsigned delay_seconds)
{
	return orders_add(call->fleet, call->device, order, delay_seconds) ? 0 : 9004;
}

unsigned call_schedule_inform(struct call *call)
{
	const struct cwmp_schedule_inform *request = &call->request->request.schedule_inform;
	NOTE(call, "{s:s,s:I}", "command_key", request->command_key, "delay_seconds",
		(json_int_t)request->delay_seconds);
	if (request->delay_seconds == 0 || !methods_is_key(request->command_key))
		return 9003;
	const struct order order = {
		.method = CWMP_SCHEDULE_INFORM,
		.command_key = request->command_key,
	};
	return add_order(call, &order, request->delay_seconds);
}

/* Transfers */

/* A CommandKey is not used again while its transfer is queued. */
static unsigned admit(const struct call *call, const struct order *order)
{
	const unsigned fault = file_transfer_check_url(order->url);
	if (fault)
		return fault;
	return methods_is_key(order->command_key) &&
			       !orders_find_transfer(
				       &call->device->extra->orders, order->command_key)
		       ? 0
		       : 9003;
}

static unsigned add_transfer(struct call *call, const struct order *order, unsigned delay_seconds)
{
	NOTE(call, "{s:s,s:s,s:s,s:I}", "command_key", order->command_key, "file_type",
		order->file_type, "url", order->url, "delay_seconds", (json_int_t)delay_seconds);
	const bool is_possible = order->method == CWMP_UPLOAD
					 ? upload_is_possible(
						   order->file_type, call->fleet->version->version)
					 : install_is_possible(order->file_type);
	unsigned fault = is_possible ? admit(call, order) : 9003;
	if (!fault)
		fault = add_order(call, order, delay_seconds);
	if (fault)
		return fault;
	call->answer->response.transfer = (struct cwmp_transfer_response){
		.status = 1,
		.start_time = CWMP_UNKNOWN_TIME,
		.complete_time = CWMP_UNKNOWN_TIME,
	};
	return 0;
}

unsigned call_download(struct call *call)
{
	const struct cwmp_download *request = &call->request->request.download;
	const struct order order = {
		.method = CWMP_DOWNLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
		.target_file_name = request->target_file_name,
		.file_size = request->file_size,
	};
	NOTE(call, "{s:I}", "file_size", (json_int_t)request->file_size);
	return add_transfer(call, &order, request->delay_seconds);
}

/* Nobody is there to ask, so a download that needs confirmation has it. */
unsigned call_schedule_download(struct call *call)
{
	const struct cwmp_schedule_download *request = &call->request->request.schedule_download;
	struct order order = {
		.method = CWMP_SCHEDULE_DOWNLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
		.target_file_name = request->target_file_name,
		.file_size = request->file_size,
	};
	NOTE(call, "{s:s,s:I}", "command_key", request->command_key, "windows",
		(json_int_t)request->window_count);
	if (!windows_set(&order.windows, request, time(NULL)))
		return 9003;
	order.windows.is_confirmed = true;
	return add_transfer(call, &order, 0);
}

unsigned call_upload(struct call *call)
{
	const struct cwmp_upload *request = &call->request->request.upload;
	const struct order order = {
		.method = CWMP_UPLOAD,
		.command_key = request->command_key,
		.file_type = request->file_type,
		.url = request->url,
		.username = request->username,
		.password = request->password,
	};
	return add_transfer(call, &order, request->delay_seconds);
}

unsigned call_cancel_transfer(struct call *call)
{
	const char *command_key = call->request->request.command_key;
	struct orders *orders = &call->device->extra->orders;
	struct order *order = orders_find_transfer(orders, command_key);
	NOTE(call, "{s:s}", "command_key", command_key);
	if (!order)
		return 0;
	if (order->phase != ORDER_WAITING)
		return 9021;
	orders_remove(orders, order);
	return 0;
}

static struct cwmp_queued_transfer queued(struct arena *arena, const struct order *order)
{
	static const unsigned states[] = {
		[ORDER_WAITING] = 1, [ORDER_RUNNING] = 2, [ORDER_FETCHED] = 3, [ORDER_DONE] = 3
	};
	const bool is_download = order->method != CWMP_UPLOAD;
	return (struct cwmp_queued_transfer){
		.command_key = arena_strdup(arena, order->command_key),
		.state = states[order->phase],
		.is_download = is_download,
		.file_type = is_download ? arena_strdup(arena, order->file_type)
					 : upload_queued_type(arena, order->file_type),
		.file_size = order->file_size,
		.target_file_name = arena_strdup(arena, order->target_file_name),
	};
}

/* Only GetAllQueuedTransfers tells of the file. */
unsigned call_get_queued(struct call *call)
{
	struct cwmp_queued_transfers *out = &call->answer->response.queued;
	const struct order *order;
	out->items = arena_array(call->arena, ORDERS_MAX, sizeof(*out->items));
	TAILQ_FOREACH (order, &call->device->extra->orders, link)
		if (order_is_transfer(order))
			out->items[out->count++] = queued(call->arena, order);
	NOTE(call, "{s:I}", "count", (json_int_t)out->count);
	return 0;
}

/* Modules and options */

unsigned call_change_du_state(struct call *call)
{
	const struct cwmp_change_du_state *request = &call->request->request.change_du_state;
	struct order order = {
		.method = CWMP_CHANGE_DU_STATE,
		.command_key = request->command_key,
	};
	NOTE(call, "{s:s,s:I}", "command_key", request->command_key, "operations",
		(json_int_t)request->count);
	unsigned fault = du_change_make(request, call->device->extra->units, &order.change);
	if (fault)
		return fault;
	fault = add_order(call, &order, 0);
	if (fault)
		json_decref(order.change);
	return fault;
}

unsigned call_get_options(struct call *call)
{
	struct cwmp_options *out = &call->answer->response.options;
	vouchers_options(
		call->device->extra->options, call->arena, call->request->request.option_name, out);
	NOTE(call, "{s:I}", "count", (json_int_t)out->count);
	return 0;
}

unsigned call_set_vouchers(struct call *call)
{
	const struct cwmp_strings *vouchers = &call->request->request.vouchers;
	struct fleet_extra *extra = call->device->extra;
	NOTE(call, "{s:I}", "vouchers", (json_int_t)vouchers->count);
	if (!extra->options)
		extra->options = json_array();
	return vouchers_set(extra->options, call->arena, vouchers);
}

/* Reboots */

unsigned call_reboot(struct call *call)
{
	struct fleet_extra *extra = call->device->extra;
	const char *command_key = call->request->request.command_key;
	NOTE(call, "{s:s}", "command_key", command_key);
	if (!methods_is_key(command_key))
		return 9003;
	extra->reboots = true;
	free(extra->reboot_key);
	extra->reboot_key = strdup(command_key);
	return 0;
}

unsigned call_factory_reset(struct call *call)
{
	call->device->extra->reboots = true;
	call->device->extra->resets = true;
	return 0;
}
