/* model: the tree that all devices of a fleet share, and what of it goes into their Informs.
 * First what TR-098 and TR-181 force into every Inform, then counters, then the rest. */
#include "cpe/fleet/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "cpe/session/inform.h"

enum { COUNTERS_OF_INTERFACE = 4, INFORM_PARAMETERS_MAX = 10000 };

#define ROOT "InternetGatewayDevice."
#define ROW ROOT "Layer3Forwarding.Forwarding.{i}."

static const struct built_in {
	const char *name, *type, *value;
	bool is_writable;
} built_in[] = {
	{ ROOT "DeviceInfo.Manufacturer", "xsd:string", "Example Networks", false },
	{ ROOT "DeviceInfo.ManufacturerOUI", "xsd:string", "00D09E", false },
	{ ROOT "DeviceInfo.ProductClass", "xsd:string", "HG7100", false },
	{ ROOT "DeviceInfo.SerialNumber", "xsd:string", "", false },
	{ ROOT "DeviceInfo.HardwareVersion", "xsd:string", "HW 1", false },
	{ ROOT "DeviceInfo.SoftwareVersion", "xsd:string", "1.0.0", false },
	{ ROOT "ManagementServer.URL", "xsd:string", "", true },
	{ ROOT "ManagementServer.Username", "xsd:string", "", true },
	{ ROOT "ManagementServer.Password", "xsd:string", "", true },
	{ ROOT "ManagementServer.PeriodicInformEnable", "xsd:boolean", "true", true },
	{ ROOT "ManagementServer.PeriodicInformInterval", "xsd:unsignedInt", "86400", true },
	{ ROOT "ManagementServer.PeriodicInformTime", "xsd:dateTime", "0001-01-01T00:00:00Z",
		true },
	{ ROOT "ManagementServer.ParameterKey", "xsd:string", "", false },
	{ ROOT "ManagementServer.ConnectionRequestURL", "xsd:string", "", false },
	{ ROOT "ManagementServer.ConnectionRequestUsername", "xsd:string", "", true },
	{ ROOT "ManagementServer.ConnectionRequestPassword", "xsd:string", "", true },
	{ ROOT "Layer3Forwarding.ForwardNumberOfEntries", "xsd:unsignedInt", "0", false },
};

/* Of a row to come. */
static const struct built_in row[] = {
	{ ROW "Enable", "xsd:boolean", "false", true },
	{ ROW "DestIPAddress", "xsd:string", "", true },
	{ ROW "DestSubnetMask", "xsd:string", "", true },
	{ ROW "GatewayIPAddress", "xsd:string", "", true },
};

enum { FORCED = 4 /* of them in every Inform */, PARAMETERS = LENGTH_OF(built_in) };

static void add_parameter(struct datamodel *tree, const struct built_in *parameter)
{
	struct node *node = datamodel_make(tree, parameter->name, false);
	node->type = parameter->type;
	node->is_writable = parameter->is_writable;
	node_show(node, parameter->value);
}

static void add_counter(struct datamodel *tree, unsigned number)
{
	static const char *const names[COUNTERS_OF_INTERFACE] = { "BytesReceived", "BytesSent",
		"PacketsReceived", "PacketsSent" };
	char name[160];
	snprintf(name, sizeof(name), ROOT "LANDevice.1.LANEthernetInterfaceConfig.%u.Stats.%s",
		number / COUNTERS_OF_INTERFACE + 1, names[number % COUNTERS_OF_INTERFACE]);
	add_parameter(tree, &(const struct built_in){ name, "xsd:unsignedInt", "0", false });
}

/* Has as many counters as the Inform and the tree need to have that many parameters. */
static struct datamodel *make_built_in(unsigned informed, unsigned all)
{
	struct datamodel *tree = datamodel_new();
	const unsigned for_inform = informed > FORCED ? informed - FORCED : 0;
	const unsigned for_tree = all > PARAMETERS ? all - PARAMETERS : 0;
	const unsigned counters = for_inform > for_tree ? for_inform : for_tree;
	for (size_t i = 0; i < LENGTH_OF(built_in); i++)
		add_parameter(tree, &built_in[i]);
	for (size_t i = 0; i < LENGTH_OF(row); i++)
		add_parameter(tree, &row[i]);
	for (unsigned i = 0; i < counters; i++)
		add_counter(tree, i);
	datamodel_find(tree, ROOT "Layer3Forwarding.Forwarding.")->is_writable = true;
	tree->identity.manufacturer = strdup("Example Networks");
	tree->identity.oui = strdup("00D09E");
	tree->identity.product_class = strdup("HG7100");
	tree->identity.serial_number = strdup("");
	return tree;
}

/* A number that the device counts; how many rows a table has is no such thing. */
static bool is_counter(const struct node *node)
{
	const bool is_number = strcmp(node->type, "xsd:unsignedInt") == 0 ||
			       strcmp(node->type, "xsd:unsignedLong") == 0;
	return is_number && !node->is_writable && !strstr(node->name, "NumberOfEntries");
}

static enum informed_kind kind_of(const struct datamodel *tree, const struct node *node)
{
	if (node == datamodel_at(tree, "ManagementServer.ConnectionRequestURL"))
		return INFORMED_URL;
	if (node == datamodel_at(tree, "ManagementServer.ParameterKey"))
		return INFORMED_KEY;
	if (node == datamodel_at(tree, "DeviceInfo.SerialNumber"))
		return INFORMED_SERIAL;
	return is_counter(node) ? INFORMED_COUNTER : INFORMED_SHARED;
}

static void add_informed(struct fleet_model *model, struct node *node)
{
	struct arena *arena = arena_new();
	struct informed *informed = &model->informed[model->informed_count++];
	informed->node = node;
	informed->path = strdup(node_path(arena, node));
	informed->kind = kind_of(model->tree, node);
	if (informed->kind == INFORMED_COUNTER)
		informed->counter = model->counter_count++;
	arena_free(arena);
}

enum rank { RANK_FORCED, RANK_COUNTER, RANK_OTHER };

static enum rank rank_of(const struct datamodel *tree, const struct node *node)
{
	if (inform_is_forced(tree, node))
		return RANK_FORCED;
	return kind_of(tree, node) == INFORMED_COUNTER ? RANK_COUNTER : RANK_OTHER;
}

/* Adds those of that rank below node, in the tree's order, up to `most` in all. */
static void choose(struct fleet_model *model, struct node *node, enum rank rank, unsigned most)
{
	if (node->is_template || model->informed_count >= most)
		return;
	if (!node->is_object && rank_of(model->tree, node) == rank)
		add_informed(model, node);
	for (size_t i = 0; i < node->child_count; i++)
		choose(model, node->children[i], rank, most);
}

static bool choose_all(
	struct fleet_model *model, const struct options *options, char *why, size_t why_size)
{
	const unsigned wanted = options->fleet.parameters;
	struct node *root = datamodel_root(model->tree);
	model->informed = calloc(INFORM_PARAMETERS_MAX, sizeof(*model->informed));
	if (!model->informed)
		abort();
	choose(model, root, RANK_FORCED, INFORM_PARAMETERS_MAX);
	if (model->informed_count > wanted) {
		snprintf(why, why_size, "--parameters: every Inform of this model carries %u",
			model->informed_count);
		return false;
	}
	choose(model, root, RANK_COUNTER, wanted);
	choose(model, root, RANK_OTHER, wanted);
	if (model->informed_count < wanted) {
		snprintf(why, why_size, "--parameters: the model has only %u",
			model->informed_count);
		return false;
	}
	if (options->fleet.change > model->counter_count) {
		snprintf(why, why_size, "--change: only %u of the Inform's parameters are counters",
			model->counter_count);
		return false;
	}
	return true;
}

static void set_identity(const char **field, const char *value)
{
	if (!value)
		return;
	free((char *)*field);
	*field = strdup(value);
}

/* seconds 0: the model's. */
static void show_interval(struct datamodel *tree, unsigned seconds)
{
	char text[16];
	snprintf(text, sizeof(text), "%u", seconds);
	if (seconds)
		datamodel_show(tree, "ManagementServer.PeriodicInformInterval", text);
}

static struct datamodel *load_tree(const struct options *options, char *why, size_t why_size)
{
	const struct fleet_options *fleet = &options->fleet;
	if (options->data_model)
		return datamodel_load(options->data_model, why, why_size);
	const bool is_tree_too_large = fleet->model_parameters > INFORM_PARAMETERS_MAX;
	if (is_tree_too_large || fleet->parameters > INFORM_PARAMETERS_MAX) {
		snprintf(why, why_size, "%s: %d at most",
			is_tree_too_large ? "--model-parameters" : "--parameters",
			INFORM_PARAMETERS_MAX);
		return NULL;
	}
	return make_built_in(fleet->parameters, fleet->model_parameters);
}

struct fleet_model *fleet_model_new(const struct options *options, char *why, size_t why_size)
{
	struct datamodel *tree = load_tree(options, why, why_size);
	if (!tree)
		return NULL;
	struct fleet_model *model = calloc(1, sizeof(*model));
	if (!model)
		abort();
	model->tree = tree;
	set_identity(&tree->identity.oui, options->oui);
	set_identity(&tree->identity.product_class, options->product_class);
	datamodel_show(tree, "ManagementServer.URL", options->acs_url);
	show_interval(tree, options->periodic_interval);
	if (choose_all(model, options, why, why_size))
		return model;
	fleet_model_free(model);
	return NULL;
}

void fleet_model_free(struct fleet_model *model)
{
	if (!model)
		return;
	for (unsigned i = 0; i < model->informed_count; i++)
		free(model->informed[i].path);
	free(model->informed);
	datamodel_free(model->tree);
	free(model);
}

uint32_t counter_last_change(unsigned counter, unsigned count, unsigned change, uint32_t changes)
{
	const uint64_t turns = (uint64_t)changes * change;
	if (turns <= counter)
		return 0;
	const uint64_t last = turns - 1 - (turns - 1 - counter) % count;
	return (uint32_t)(last / change) + 1;
}
