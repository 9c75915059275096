/* inform_parameters: what the ACS wants in Informs of its choice, ManagementServer.InformParameter.
 * A row names a parameter, with '*' for any instance, and the events it goes with. */
#include "cpe/session/inform_parameters.h"

#include <string.h>

#include "base/compiler.h"

static const char *value_of(const struct node *row, const char *name)
{
	const struct node *node = node_child(row, name, strlen(name));
	return node && !node->is_object ? node->value : "";
}

/* 4 VALUE CHANGE carries what has changed, and nothing else. */
static bool is_eligible(const struct cwmp_event *event)
{
	return strcmp(event->code, "4 VALUE CHANGE") != 0;
}

static bool is_listed(const char *list, const char *code)
{
	const size_t length = strlen(code);
	while (*list) {
		list += strspn(list, ", ");
		const size_t item = strcspn(list, ",");
		if (item >= length && memcmp(list, code, length) == 0 &&
			strspn(list + length, " ") == item - length)
			return true;
		list += item;
	}
	return false;
}

/* An empty list stands for all events. */
static bool is_wanted(const struct node *row, const struct cwmp_event *events, size_t count)
{
	const char *enable = value_of(row, "Enable"), *list = value_of(row, "EventList");
	if (strcmp(enable, "true") != 0 && strcmp(enable, "1") != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (is_eligible(&events[i]) && (!*list || is_listed(list, events[i].code)))
			return true;
	return false;
}

struct search {
	inform_parameter_fn *wanted;
	void *arg;
};

static void match(const struct node *node, const char *pattern, const struct search *search);

static void match_child(const struct node *child, const char *rest, const struct search *search)
{
	if (child->is_template)
		return;
	if (*rest == '.' && child->is_object)
		match(child, rest + 1, search);
	else if (!*rest && !child->is_object)
		search->wanted(child, search->arg);
}

static void match(const struct node *node, const char *pattern, const struct search *search)
{
	const size_t length = strcspn(pattern, ".");
	const bool is_any = length == 1 && *pattern == '*';
	const struct node *child = is_any ? NULL : node_child(node, pattern, length);
	if (child)
		match_child(child, pattern + length, search);
	for (size_t i = 0; is_any && i < node->child_count; i++)
		if (node_is_instance(node->children[i]))
			match_child(node->children[i], pattern + length, search);
}

void inform_parameters_each(const struct datamodel *model, const struct cwmp_event *events,
	size_t count, inform_parameter_fn *wanted, void *arg)
{
	const struct search search = { .wanted = wanted, .arg = arg };
	const struct node *table = datamodel_at(model, "ManagementServer.InformParameter.");
	for (size_t i = 0; table && i < table->child_count; i++) {
		const struct node *row = table->children[i];
		if (node_is_instance(row) && is_wanted(row, events, count))
			match(model->top, value_of(row, "ParameterName"), &search);
	}
}
