/* boot: how a device comes up, and what it is then.
 * The tree, the command line and the state are put together; pending reboots take effect. */
#include "cpe/boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/model/attributes.h"
#include "cpe/connection_request.h"
#include "cpe/transfer/du_changes.h"
#include "cpe/log.h"
#include "cpe/transfer/transfers.h"

/* Loading */

static void set_identity(const char **field, const char *text)
{
	if (!text)
		return;
	free((char *)*field);
	*field = strdup(text);
	if (!*field)
		abort();
}

/* Values that the command line gives, until the ACS sets others, and what this program can. */
static void show_command_line(struct datamodel *model, const struct options *options)
{
	char interval[16] = "";
	if (options->periodic_interval)
		snprintf(interval, sizeof(interval), "%u", options->periodic_interval);
	const struct {
		const char *name, *value;
	} values[] = {
		{ "ManagementServer.URL", options->acs_url },
		{ "ManagementServer.Username", options->username },
		{ "ManagementServer.Password", options->password },
		{ "ManagementServer.ConnectionRequestUsername",
			options->connection_request_username },
		{ "ManagementServer.ConnectionRequestPassword",
			options->connection_request_password },
		{ "ManagementServer.PeriodicInformInterval", interval[0] ? interval : NULL },
		{ "ManagementServer.PeriodicInformEnable", interval[0] ? "true" : NULL },
		{ "DeviceInfo.ManufacturerOUI", options->oui },
		{ "DeviceInfo.ProductClass", options->product_class },
		{ "DeviceInfo.SerialNumber", options->serial },
		{ "ManagementServer.HTTPCompressionSupported", "GZIP,Deflate" },
	};
	for (size_t i = 0; i < LENGTH_OF(values); i++)
		if (values[i].value)
			datamodel_show(model, values[i].name, values[i].value);
}

/* An --acs-url that differs from the last start's is as if someone had typed it into the device. */
static void follow_command_line(
	struct state *state, struct datamodel *model, const struct options *options)
{
	if (strcmp(state->command_line_url, options->acs_url) == 0)
		return;
	struct node *url = datamodel_at(model, "ManagementServer.URL");
	if (url) {
		node_show(url, options->acs_url);
		url->is_changed = false;
	}
	state_set_text(&state->command_line_url, options->acs_url);
}

bool boot_load_model(struct device *device, char *why, size_t why_size)
{
	const struct options *options = device->options;
	char wrong[200];
	struct datamodel *model = datamodel_load(options->data_model, wrong, sizeof(wrong));
	if (!model) {
		snprintf(why, why_size, "%s: %s", options->data_model, wrong);
		return false;
	}
	set_identity(&model->identity.oui, options->oui);
	set_identity(&model->identity.product_class, options->product_class);
	set_identity(&model->identity.serial_number, options->serial);
	if (!model->identity.oui[0] || !model->identity.serial_number[0]) {
		snprintf(why, why_size, "%s tells no identity: --oui and --serial are needed",
			options->data_model);
		datamodel_free(model);
		return false;
	}
	show_command_line(model, options);
	state_apply(&device->state, model);
	follow_command_line(&device->state, model, options);
	datamodel_free(device->model);
	device->model = model;
	return true;
}

/* What a reboot is for */

static void discard_orders(struct device *device)
{
	transfers_stop(device->transfers);
	du_changes_stop(device->du_changes);
	state_forget_orders(&device->state);
}

/* Everything but the firmware is as it left the factory. */
static void reset_to_factory(struct device *device)
{
	struct state *state = &device->state;
	char why[256];
	discard_orders(device);
	device_forget_trust(device);
	json_array_clear(state->modules);
	json_array_clear(state->options);
	json_decref(state->tree);
	state->tree = NULL;
	state_set_text(&state->bootstrapped_url, "");
	if (!boot_load_model(device, why, sizeof(why)) ||
		!device_load_trust(device, why, sizeof(why))) {
		LOG(device->name, "factory-reset-failed", LOG_TEXT("why", why));
		exit(1);
	}
	connection_request_follow(device->connection_request);
}

static void report_version(struct device *device)
{
	struct node *node = datamodel_at(device->model, "DeviceInfo.SoftwareVersion");
	if (!node || strcmp(node->value, device->state.firmware_version) == 0)
		return;
	node_show(node, device->state.firmware_version);
	struct arena *arena = arena_new();
	events_add_change(&device->state.events, node_path(arena, node), false);
	arena_free(arena);
}

/* The images that were fetched run now. */
static void start_firmware(struct device *device)
{
	struct transfer *transfer;
	while ((transfer = transfers_first(&device->state.transfers, TRANSFER_FETCHED))) {
		if (!device->options->misbehave.false_transfer_complete) {
			state_set_text(&device->state.firmware_version, transfer->version);
			report_version(device);
		}
		transfers_on_firmware_started(device, transfer);
	}
}

void boot_check_acs(struct device *device)
{
	struct state *state = &device->state;
	if (strcmp(state->bootstrapped_url, device_acs_url(device)) == 0 ||
		events_have(&state->events, "0 BOOTSTRAP"))
		return;
	if (state->bootstrapped_url[0]) { /* all that the former ACS ordered is void */
		discard_orders(device);
		attributes_reset(device->model);
	}
	events_add(&state->events, "0 BOOTSTRAP", "");
}

/* One M Reboot for each Reboot that was asked for, unless a factory reset came in between. The last
 * CommandKey, "" without one; borrowed from the state. */
static const char *tell_reboots(struct state *state, enum reboot_reason reason)
{
	const char *last = "";
	size_t i;
	const json_t *key;
	if (reason == REBOOT_FACTORY_RESET)
		return last;
	json_array_foreach (state->reboot_command_keys, i, key) {
		last = json_string_value(key);
		events_add(&state->events, "M Reboot", last);
	}
	return last;
}

void boot(struct device *device)
{
	struct state *state = &device->state;
	const enum reboot_reason reason = state->reboot;
	state->retry_count = 0; /* the wait pattern begins anew, TR-069 3.2.1.1 */
	if (reason == REBOOT_FACTORY_RESET)
		reset_to_factory(device);
	events_on_boot(&state->events);
	boot_check_acs(device);
	events_add(&state->events, "1 BOOT", "");
	const char *command_key = tell_reboots(state, reason);
	start_firmware(device);
	device_witness(device, "boot",
		json_pack("{s:s,s:s,s:s}", "reason", reboot_reason_name(reason), "command_key",
			command_key, "software_version",
			datamodel_text(device->model, "DeviceInfo.SoftwareVersion")));
	LOG(device->name, "boot", LOG_TEXT("reason", reboot_reason_name(reason)));
	state->reboot = REBOOT_NONE;
	json_array_clear(state->reboot_command_keys);
	device_save(device);
}
