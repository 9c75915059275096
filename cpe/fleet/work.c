/* work: how a device of a fleet carries out what it was ordered: transfers and changes of modules.
 * Files are really fetched and sent, and as much of them is kept as it takes to act on them. */
#include "cpe/fleet/work.h"

#include <string.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/journal.h"
#include "cpe/state.h"
#include "cpe/transfer/du_operations.h"
#include "cpe/transfer/file_content.h"
#include "cpe/transfer/file_transfer.h"
#include "cpe/transfer/upload.h"
#include "cpe/wall_clock.h"

enum { CONFIGURATION_BYTES = 1024 * 1024, RETRY_SECONDS = 5, SECOND_US = 1000000 };

/* Transfers */

static void apply_value(struct node *node, const char *value, void *arg)
{
	const struct order *order = arg;
	extra_change_value(order->fleet, order->device, node, value, NOTICE_BY_ATTRIBUTE);
}

static unsigned install_configuration(struct order *order, uint64_t bytes)
{
	if (bytes > order->content.length)
		return 9018; /* larger than a device of a fleet takes */
	extra_put_on(order->fleet, order->device);
	const bool is_sound = configuration_each(
		order->fleet->model->tree, &order->content, apply_value, order);
	extra_take_off(order->device);
	return is_sound ? 0 : 9018;
}

/* Other files than these are dropped. */
static unsigned install(struct order *order, uint64_t bytes)
{
	if (file_type_is_firmware(order->file_type)) {
		buffer_append_text(&order->content, "");
		return firmware_version(order->content.data) ? 0 : 9018;
	}
	if (file_type_is_configuration(order->file_type))
		return install_configuration(order, bytes);
	return 0;
}

static uint64_t after(time_t seconds)
{
	return clock_us() + (uint64_t)seconds * SECOND_US;
}

static bool may_try_again(struct order *order)
{
	return order->fault && order->windows.count && windows_retry(&order->windows);
}

static void on_transferred(unsigned fault, uint64_t bytes, void *arg)
{
	struct order *order = arg;
	struct fleet *fleet = order->fleet;
	const bool is_upload = order->method == CWMP_UPLOAD;
	order_on_transfer_ended(order);
	order->fault = fault || is_upload ? fault : install(order, bytes);
	fleet_witness(fleet, order->device, "transfer",
		json_pack("{s:s,s:s,s:s,s:i,s:I}", "command_key", order->command_key, "file_type",
			order->file_type, "url", order->url, "fault", (int)order->fault, "bytes",
			(json_int_t)bytes));
	if (may_try_again(order)) {
		order_delay(order, after(RETRY_SECONDS));
	} else if (!order->fault && !is_upload && file_type_is_firmware(order->file_type)) {
		order->phase = ORDER_FETCHED;
		dispatch_reboot(fleet->dispatch, order->device);
	} else {
		order_end(order);
	}
}

/* True when the order waits for a window, or has missed the last. */
static bool is_out_of_window(struct order *order)
{
	time_t until;
	if (!order->windows.count)
		return false;
	switch (windows_check(&order->windows, time(NULL), &until)) {
	case WINDOWS_OPEN:
		return false;
	case WINDOWS_WAIT:
		order_delay(order, after(wall_clock_wait(until).tv_sec + 1));
		return true;
	case WINDOWS_MISSED:
		break;
	}
	order->fault = 9020;
	order_end(order);
	return true;
}

static void upload(struct order *order, const struct file_transfer_request *download)
{
	struct file_transfer_request request = *download;
	struct buffer content = { 0 };
	extra_put_on(order->fleet, order->device);
	upload_content(order->fleet->model->tree, NULL, order->file_type, &content);
	extra_take_off(order->device);
	if (!content.length)
		buffer_printf(&content, "%s has no log\n", order->file_type);
	request.put = &content;
	order_begin_transfer(order, &request, on_transferred);
	buffer_clear(&content);
}

void work_transfer(struct order *order)
{
	const struct file_transfer_request request = {
		.url = order->url,
		.username = order->username,
		.password = order->password,
		.content = &order->content,
		.content_bytes = file_type_is_configuration(order->file_type)
					 ? CONFIGURATION_BYTES
					 : FIRMWARE_HEAD_BYTES - 1,
		.expected_bytes = order->file_size,
	};
	if (is_out_of_window(order))
		return;
	if (order->method == CWMP_UPLOAD)
		upload(order, &request);
	else
		order_begin_transfer(order, &request, on_transferred);
}

/* Changes of modules */

/* While the device's own tree is in place. */
static struct du_units units_of(struct order *order)
{
	struct fleet_extra *extra = order->device->extra;
	if (!extra->units)
		extra->units = json_array();
	return (struct du_units){
		.modules = extra->units,
		.last_module = &extra->last_unit,
		.model = order->fleet->model->tree,
	};
}

/* The same; takes module. */
static void end_operation(struct order *order, json_t *module, unsigned fault)
{
	const struct du_units units = units_of(order);
	if (*units.last_module)
		overlay_own_branch(&order->device->extra->overlay, units.model, "SoftwareModules");
	const json_t *result = du_change_end_operation(
		order->change, &units, module, fault, order->started);
	json_decref(module);
	fleet_witness(
		order->fleet, order->device, "module", du_result_to_journal(order->change, result));
}

static void on_module(unsigned fault, uint64_t bytes, void *arg)
{
	struct order *order = arg;
	json_t *module = NULL;
	(void)bytes;
	order_on_transfer_ended(order);
	extra_put_on(order->fleet, order->device);
	const struct du_units units = units_of(order);
	buffer_append_text(&order->content, "");
	if (!fault)
		fault = du_operation_apply(
			&units, du_change_next(order->change), order->content.data, &module);
	end_operation(order, module, fault);
	extra_take_off(order->device);
	work_change_units(order);
}

/* True when the operation has ended with this; an Install or Update goes on with the file at *url. */
static bool finish_at_once(struct order *order, const json_t *operation, const char **url)
{
	json_t *module = NULL;
	extra_put_on(order->fleet, order->device);
	const struct du_units units = units_of(order);
	const bool is_uninstall = du_operation_is_uninstall(operation);
	const unsigned fault = is_uninstall ? du_operation_uninstall(&units, operation, &module)
					    : du_operation_check(&units, operation, url);
	if (is_uninstall || fault)
		end_operation(order, module, fault);
	extra_take_off(order->device);
	return is_uninstall || fault;
}

void work_change_units(struct order *order)
{
	const json_t *operation;
	const char *url = NULL;
	do {
		order->started = time(NULL);
		operation = du_change_next(order->change);
	} while (operation && finish_at_once(order, operation, &url));
	if (!operation) {
		order_end(order);
		return;
	}
	const struct file_transfer_request request = {
		.url = url,
		.username = state_text(operation, "username"),
		.password = state_text(operation, "password"),
		.content = &order->content,
		.content_bytes = DU_HEAD_BYTES - 1,
	};
	order_begin_transfer(order, &request, on_module);
}
