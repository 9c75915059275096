/* attributes: notification and access list of parameters, TR-069 A.3.2.4 and A.3.2.5.
 * An access list is kept as its comma-separated text; NULL is the one that all start with. */
#include "cpe/model/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/compiler.h"

static const char subscriber[] = "Subscriber"; /* the only entity that the schema knows */

static const char *access_list(const struct node *node)
{
	return node->access_list ? node->access_list : subscriber;
}

/* activeNotify forceEnabled: always active. */
static bool is_forced(const struct node *node)
{
	return strcmp(node->parent->name, "DeviceInfo") == 0 &&
	       (strcmp(node->name, "SoftwareVersion") == 0 ||
		       strcmp(node->name, "ProvisioningCode") == 0);
}

/* activeNotify canDeny: what changes all the time, or only by the ACS itself. */
static bool may_be_denied(const struct node *node)
{
	static const char *const names[] = { "ParameterKey", "UpTime", "LastChange", "BytesSent",
		"BytesReceived", "PacketsSent", "PacketsReceived", "TotalBytesSent",
		"TotalBytesReceived", "TotalPacketsSent", "TotalPacketsReceived", "CurrentTime",
		"CurrentLocalTime", "SignalStrength", "Free", "CPUUsage" };
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (strcmp(node->name, names[i]) == 0)
			return true;
	return strcmp(node->parent->name, "Stats") == 0 ||
	       strcmp(node->parent->name, "Statistics") == 0;
}

/* The walk over the parameters at and below a node */

typedef void parameter_fn(struct node *node, void *arg);

static void each_parameter(struct node *node, parameter_fn *visit, void *arg)
{
	if (node->is_template)
		return;
	if (!node->is_object)
		visit(node, arg);
	for (size_t i = 0; i < node->child_count; i++)
		each_parameter(node->children[i], visit, arg);
}

static void count_one(struct node *node, void *arg)
{
	(void)node;
	++*(size_t *)arg;
}

/* Reading */

struct reading {
	struct arena *arena;
	struct cwmp_attributes *out;
};

static struct cwmp_strings split(struct arena *arena, const char *list)
{
	struct cwmp_strings entities = { 0 };
	char *rest = arena_strdup(arena, list);
	entities.items = arena_array(arena, strlen(list) / 2 + 1, sizeof(*entities.items));
	for (char *one; (one = strsep(&rest, ","));)
		if (*one)
			entities.items[entities.count++] = one;
	return entities;
}

static void read_one(struct node *node, void *arg)
{
	struct reading *reading = arg;
	reading->out->items[reading->out->count++] = (struct cwmp_attribute){
		.name = node_path(reading->arena, node),
		.notification = node->notification,
		.access_list = split(reading->arena, access_list(node)),
	};
}

unsigned attributes_get(const struct datamodel *model, struct arena *arena,
	const struct cwmp_strings *names, struct cwmp_attributes *out)
{
	size_t count = 0;
	if (names->count == 0)
		return 9003;
	for (size_t i = 0; i < names->count; i++) {
		struct node *node = datamodel_find(model, names->items[i]);
		if (!node)
			return 9005;
		each_parameter(node, count_one, &count);
	}
	*out = (struct cwmp_attributes){ .items = arena_array(arena, count, sizeof(*out->items)) };
	struct reading reading = { .arena = arena, .out = out };
	for (size_t i = 0; i < names->count; i++)
		each_parameter(datamodel_find(model, names->items[i]), read_one, &reading);
	return 0;
}

bool attributes_admit_subscriber(const struct node *node)
{
	struct arena *arena = arena_new();
	const struct cwmp_strings entities = split(arena, access_list(node));
	bool is_in = false;
	for (size_t i = 0; i < entities.count; i++)
		is_in |= strcmp(entities.items[i], subscriber) == 0;
	arena_free(arena);
	return is_in;
}

/* Writing */

struct writing {
	const struct cwmp_attribute_change *change;
	bool is_partial;
	unsigned fault;
	const char *access_list;
};

/* Active, lightweight ones included. */
static bool is_active(unsigned notification)
{
	return notification == NOTIFICATION_ACTIVE ||
	       notification == NOTIFICATION_ACTIVE_LIGHTWEIGHT ||
	       notification == NOTIFICATION_PASSIVE_AND_ACTIVE_LIGHTWEIGHT;
}

static void check_one(struct node *node, void *arg)
{
	struct writing *writing = arg;
	const unsigned notification = writing->change->notification;
	const bool is_switched_off = is_forced(node) && notification != NOTIFICATION_ACTIVE &&
				     !writing->is_partial;
	if (is_switched_off || (may_be_denied(node) && is_active(notification)))
		writing->fault = 9009;
}

static unsigned check(const struct datamodel *model, const struct cwmp_attribute_change *change,
	enum cwmp_version version)
{
	const unsigned most = version >= CWMP_1_4 ? NOTIFICATION_PASSIVE_AND_ACTIVE_LIGHTWEIGHT
						  : NOTIFICATION_ACTIVE;
	struct node *node = datamodel_find(model, change->name);
	struct writing writing = { .change = change, .is_partial = node && node->is_object };
	if (!node)
		return 9005;
	for (size_t i = 0; change->access_list_change && i < change->access_list.count; i++)
		if (strcmp(change->access_list.items[i], subscriber) != 0)
			return 9003;
	if (!change->notification_change)
		return 0;
	if (change->notification > most)
		return 9003;
	each_parameter(node, check_one, &writing);
	return writing.fault;
}

static void set_access_list(struct node *node, const char *list)
{
	char *copy = strdup(list);
	if (!copy)
		abort();
	free(node->access_list);
	node->access_list = copy;
}

static void write_one(struct node *node, void *arg)
{
	const struct writing *writing = arg;
	if (writing->change->notification_change && !is_forced(node))
		node->notification = (enum notification)writing->change->notification;
	if (writing->change->access_list_change)
		set_access_list(node, writing->access_list);
	node->has_attributes = true;
}

static void apply(struct datamodel *model, const struct cwmp_attribute_change *change)
{
	struct buffer list = { 0 };
	buffer_append_text(&list, "");
	for (size_t i = 0; i < change->access_list.count; i++)
		buffer_printf(&list, "%s%s", i ? "," : "", change->access_list.items[i]);
	struct writing writing = { .change = change, .access_list = list.data };
	each_parameter(datamodel_find(model, change->name), write_one, &writing);
	buffer_clear(&list);
}

unsigned attributes_set(struct datamodel *model, const struct cwmp_attribute_changes *changes,
	enum cwmp_version version)
{
	if (changes->count == 0)
		return 9003;
	for (size_t i = 0; i < changes->count; i++) {
		const unsigned fault = check(model, &changes->items[i], version);
		if (fault)
			return fault;
	}
	for (size_t i = 0; i < changes->count; i++)
		apply(model, &changes->items[i]);
	return 0;
}

static void reset_one(struct node *node, void *arg)
{
	(void)arg;
	node->notification = node->starts_active ? NOTIFICATION_ACTIVE : NOTIFICATION_OFF;
	free(node->access_list);
	node->access_list = NULL;
	node->has_attributes = false;
}

void attributes_reset(struct datamodel *model)
{
	each_parameter(datamodel_root(model), reset_one, NULL);
}

/* Keeping */

static void keep_one(struct node *node, void *arg)
{
	if (!node->has_attributes)
		return;
	struct arena *arena = arena_new();
	json_object_set_new(arg, node_path(arena, node),
		json_pack("{s:i,s:s?}", "notification", (int)node->notification, "access_list",
			node->access_list));
	arena_free(arena);
}

json_t *attributes_to_json(const struct datamodel *model)
{
	json_t *object = json_object();
	each_parameter(datamodel_root(model), keep_one, object);
	return object;
}

void attributes_apply(struct datamodel *model, const json_t *attributes)
{
	const char *name;
	json_t *entry;
	json_object_foreach ((json_t *)attributes, name, entry) {
		struct node *node = datamodel_find(model, name);
		const char *list = json_string_value(json_object_get(entry, "access_list"));
		const json_int_t notification = json_integer_value(
			json_object_get(entry, "notification"));
		if (!node || node->is_object || notification < 0 ||
			notification > NOTIFICATION_PASSIVE_AND_ACTIVE_LIGHTWEIGHT)
			continue;
		node->notification = (enum notification)notification;
		node->has_attributes = true;
		if (list)
			set_access_list(node, list);
	}
}
