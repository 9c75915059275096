/* inform: the message that opens a session.
 * Carries what TR-069 forces into every Inform, and the values that changed. */
#include "cpe/session/inform.h"

#include <string.h>
#include <time.h>

#include "cpe/session/inform_parameters.h"
#include "cpe/schedule.h"
#include "cwmp/cwmp.h"

enum { SESSION_TIMEOUT_SECONDS = 60 };

/* forcedInform in TR-181 and TR-098; what a model does not have is left out. */
static const char *const forced[] = {
	"RootDataModelVersion",
	"DeviceSummary",
	"DeviceInfo.SpecVersion",
	"DeviceInfo.HardwareVersion",
	"DeviceInfo.SoftwareVersion",
	"DeviceInfo.ProvisioningCode",
	"ManagementServer.ConnectionRequestURL",
	"ManagementServer.ParameterKey",
	"ManagementServer.AliasBasedAddressing",
};

static const struct node *find_address_below(const struct node *node)
{
	for (size_t i = 0; i < node->child_count; i++) {
		const struct node *child = node->children[i];
		const struct node *found = NULL;
		if (child->is_object && !child->is_template)
			found = find_address_below(child);
		else if (strcmp(child->name, "ExternalIPAddress") == 0)
			found = child;
		if (found)
			return found;
	}
	return NULL;
}

/* TR-098: the address of the default connection, or of the first one there is. */
static const struct node *wan_address(const struct datamodel *model, struct arena *arena)
{
	const char *service = datamodel_text(model, "Layer3Forwarding.DefaultConnectionService");
	const struct node *node = datamodel_find(
		model, arena_printf(arena, "%s.ExternalIPAddress", service));
	const struct node *devices = datamodel_at(model, "WANDevice.");
	return node || !devices ? node : find_address_below(devices);
}

bool inform_is_forced(const struct datamodel *model, const struct node *node)
{
	for (size_t i = 0; node && i < LENGTH_OF(forced); i++)
		if (datamodel_at(model, forced[i]) == node)
			return true;
	return false;
}

struct parameter_list {
	struct arena *arena;
	struct cwmp_values *values;
	size_t room;
};

static void make_room(struct parameter_list *list)
{
	struct cwmp_value *items = arena_array(list->arena, list->room * 2, sizeof(*items));
	memcpy(items, list->values->items, list->values->count * sizeof(*items));
	list->values->items = items;
	list->room *= 2;
}

static void add_parameter(const struct node *node, void *arg)
{
	struct parameter_list *list = arg;
	struct cwmp_values *values = list->values;
	if (!node || node->is_object)
		return;
	const char *path = node_path(list->arena, node);
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i].name, path) == 0)
			return;
	if (values->count == list->room)
		make_room(list);
	values->items[values->count++] = (struct cwmp_value){
		.name = path,
		.value = node_readable(node),
		.type = node->type,
	};
}

static void fill_parameters(
	const struct device *device, struct arena *arena, struct cwmp_inform *inform)
{
	const struct datamodel *model = device->model;
	const struct events *events = &device->state.events;
	struct parameter_list list = { .arena = arena, .values = &inform->parameters, .room = 16 };
	list.values->items = arena_array(arena, list.room, sizeof(*list.values->items));
	for (size_t i = 0; i < LENGTH_OF(forced); i++)
		add_parameter(datamodel_at(model, forced[i]), &list);
	add_parameter(wan_address(model, arena), &list);
	for (size_t i = 0; i < events->change_count; i++)
		add_parameter(datamodel_find(model, events->changes[i].name), &list);
	inform_parameters_each(model, inform->events, inform->event_count, add_parameter, &list);
}

void inform_build(
	struct device *device, struct arena *arena, const char *id, struct cwmp_message *out)
{
	const struct spoken_version *version = device->offered;
	cwmp_make_request(out,
		device->options->misbehave.own_namespace ? version->own_ns : version->ns,
		CWMP_INFORM, id);
	out->session_timeout = version->version >= CWMP_1_3 ? SESSION_TIMEOUT_SECONDS : 0;
	out->supported_versions = version->supported_versions;
	struct cwmp_inform *inform = &out->request.inform;
	inform->device = device->model->identity;
	inform->current_time = time_text(arena, time(NULL));
	inform->retry_count = device->state.retry_count;
	inform->events = events_send(&device->state.events, arena, &inform->event_count);
	fill_parameters(device, arena, inform);
}
