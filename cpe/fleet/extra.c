/* extra: what only some devices of a fleet have of their own. */
#include "cpe/fleet/extra.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/fleet/fleet.h"

struct fleet_extra *extra_of(struct fleet_device *device)
{
	if (device->extra)
		return device->extra;
	device->extra = calloc(1, sizeof(*device->extra));
	if (!device->extra)
		abort();
	TAILQ_INIT(&device->extra->orders);
	return device->extra;
}

void extra_free(struct fleet_extra *extra)
{
	if (!extra)
		return;
	overlay_clear(&extra->overlay);
	events_clear(&extra->events);
	orders_clear(&extra->orders);
	json_decref(extra->units);
	json_decref(extra->options);
	free(extra->reboot_key);
	free(extra);
}

void extra_tidy(struct fleet_device *device)
{
	struct fleet_extra *extra = device->extra;
	if (!extra || extra->events.count)
		return;
	events_clear(&extra->events); /* the room for many */
	if (!overlay_is_empty(&extra->overlay) || !TAILQ_EMPTY(&extra->orders) || extra->reboots ||
		extra->units || extra->options)
		return;
	extra_free(extra);
	device->extra = NULL;
}

bool extra_has_events(const struct fleet_device *device)
{
	return device->extra && device->extra->events.count > 0;
}

bool extra_wants_session(const struct fleet_device *device)
{
	return device->extra && events_want_session(&device->extra->events);
}

static void show_own(const struct fleet *fleet, const struct fleet_device *device)
{
	const struct fleet_model *model = fleet->model;
	char text[DEVICE_TEXT_BYTES];
	device_serial(fleet, device, text);
	datamodel_show(model->tree, "DeviceInfo.SerialNumber", text);
	device_request_url(fleet, device, text);
	datamodel_show(model->tree, "ManagementServer.ConnectionRequestURL", text);
	for (unsigned i = 0; i < model->informed_count; i++) {
		const struct informed *informed = &model->informed[i];
		if (informed->kind != INFORMED_COUNTER)
			continue;
		snprintf(text, sizeof(text), "%" PRIu64,
			device_counter(fleet, device, informed->counter));
		node_show(informed->node, text);
	}
}

void extra_put_on(const struct fleet *fleet, struct fleet_device *device)
{
	show_own(fleet, device);
	overlay_put_on(&extra_of(device)->overlay);
}

void extra_take_off(struct fleet_device *device)
{
	overlay_take_off(&device->extra->overlay);
}

/* A value that no template of the Inform has a gap for makes its Informs the device's own. */
static bool is_shared_in_inform(const struct fleet_model *model, const struct node *node)
{
	for (unsigned i = 0; i < model->informed_count; i++)
		if (model->informed[i].node == node && model->informed[i].kind == INFORMED_SHARED)
			return true;
	return false;
}

/* Credentials for the ACS count from the next session on. */
static bool is_credential(const struct datamodel *tree, const struct node *node)
{
	return node == datamodel_at(tree, "ManagementServer.Username") ||
	       node == datamodel_at(tree, "ManagementServer.Password");
}

static bool is_period(const struct datamodel *tree, const struct node *node)
{
	return node == datamodel_at(tree, "ManagementServer.PeriodicInformInterval") ||
	       node == datamodel_at(tree, "ManagementServer.PeriodicInformEnable");
}

void extra_own_value(const struct fleet *fleet, struct fleet_device *device, struct node *node)
{
	struct fleet_extra *extra = device->extra;
	overlay_own_value(&extra->overlay, node);
	extra->has_own_inform |= is_shared_in_inform(fleet->model, node);
	extra->has_new_credentials |= is_credential(fleet->model->tree, node);
	extra->has_new_period |= is_period(fleet->model->tree, node);
}

void extra_change_value(const struct fleet *fleet, struct fleet_device *device, struct node *node,
	const char *value, enum notice notice)
{
	const bool is_active = node->notification == NOTIFICATION_ACTIVE ||
			       (notice == NOTICE_ALWAYS && !node->has_attributes);
	extra_own_value(fleet, device, node);
	if (!node_set(node, value) || (!is_active && !node_is_passive(node)))
		return;
	struct arena *arena = arena_new();
	events_add_change(&device->extra->events, node_path(arena, node), !is_active);
	arena_free(arena);
}

/* Power on */

static const char software_version[] = "DeviceInfo.SoftwareVersion";

/* All but the firmware that runs. */
static void reset_to_factory(const struct fleet *fleet, struct fleet_device *device)
{
	struct fleet_extra *extra = device->extra;
	const struct node *node = datamodel_at(fleet->model->tree, software_version);
	const char *own = node ? overlay_text(&extra->overlay, node) : NULL;
	char *version = own ? strdup(own) : NULL;
	overlay_clear(&extra->overlay);
	orders_clear(&extra->orders);
	json_decref(extra->units);
	json_decref(extra->options);
	extra->units = extra->options = NULL;
	extra->last_unit = 0;
	extra->has_own_inform = false;
	extra->has_new_period = true;
	credentials_changed(device);
	events_add(&extra->events, "0 BOOTSTRAP", "");
	if (version)
		extra_run_firmware(fleet, device, version);
	free(version);
}

void extra_run_firmware(const struct fleet *fleet, struct fleet_device *device, const char *version)
{
	struct node *node = datamodel_at(fleet->model->tree, software_version);
	if (!node)
		return;
	extra_put_on(fleet, device);
	extra_change_value(fleet, device, node, version, NOTICE_ALWAYS);
	extra_take_off(device);
}

const char *extra_boot(const struct fleet *fleet, struct fleet_device *device)
{
	struct fleet_extra *extra = extra_of(device);
	const bool resets = extra->resets, is_asked_to = extra->reboot_key && !resets;
	events_on_boot(&extra->events);
	if (resets)
		reset_to_factory(fleet, device);
	events_add(&extra->events, "1 BOOT", "");
	if (is_asked_to)
		events_add(&extra->events, "M Reboot", extra->reboot_key);
	const bool has_firmware = orders_on_boot(device);
	free(extra->reboot_key);
	extra->reboot_key = NULL;
	extra->reboots = extra->resets = false;
	return resets ? "factory-reset" : has_firmware && !is_asked_to ? "firmware" : "reboot";
}

/* What the ACS has set for this device, NULL when it has not. */
static const char *own_text(
	const struct fleet *fleet, const struct fleet_device *device, const char *relative)
{
	if (!device->extra)
		return NULL;
	const struct node *node = datamodel_at(fleet->model->tree, relative);
	return node ? overlay_text(&device->extra->overlay, node) : NULL;
}

const char *extra_text(
	const struct fleet *fleet, const struct fleet_device *device, const char *relative)
{
	const char *own = own_text(fleet, device, relative);
	return own ? own : datamodel_text(fleet->model->tree, relative);
}

static void expand(const struct fleet *fleet, const struct fleet_device *device,
	const char *relative, const char *template, char *out, size_t size)
{
	const char *own = own_text(fleet, device, relative);
	if (own)
		snprintf(out, size, "%s", own);
	else
		device_expand(fleet, device, template, out, size);
}

void extra_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	const char *template = fleet->options->username;
	expand(fleet, device, "ManagementServer.Username", template ? template : "{id}", out, size);
}

void extra_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	expand(fleet, device, "ManagementServer.Password", fleet->options->password, out, size);
}

void extra_request_username(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	expand(fleet, device, "ManagementServer.ConnectionRequestUsername",
		fleet->options->connection_request_username, out, size);
}

void extra_request_password(
	const struct fleet *fleet, const struct fleet_device *device, char *out, size_t size)
{
	expand(fleet, device, "ManagementServer.ConnectionRequestPassword",
		fleet->options->connection_request_password, out, size);
}
