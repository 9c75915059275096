/* value_rules: what the values of parameters that steer the protocol must keep to, beyond their type.
 * One table; a row gives a range of numbers, a choice of words, a length, or a function. */
#include "cpe/model/value_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/session/inform.h"
#include "http/url.h"

static bool is_url(const char *value)
{
	struct arena *arena = arena_new();
	struct http_url url;
	const bool ok = http_url_parse(arena, value, &url);
	arena_free(arena);
	return ok;
}

static const struct rule {
	const char *relative;
	unsigned long least, most; /* of a number; 0 and 0: none */
	const char *choices;       /* "|one|two|", or NULL */
	size_t length;             /* at most, 0: any */
	bool (*test)(const char *value);
} rules[] = {
#define SERVER "ManagementServer."
	{ SERVER "URL", .length = 256, .test = is_url },
	{ SERVER "Username", .length = 256 },
	{ SERVER "Password", .length = 256 },
	{ SERVER "ConnectionRequestUsername", .length = 256 },
	{ SERVER "ConnectionRequestPassword", .length = 256 },
	{ SERVER "PeriodicInformInterval", .least = 1, .most = UINT32_MAX },
	{ SERVER "CWMPRetryMinimumWaitInterval", .least = 1, .most = 65535 },
	{ SERVER "CWMPRetryIntervalMultiplier", .least = 1000, .most = 65535 },
	{ SERVER "HeartbeatPolicy.ReportingInterval", .least = 30, .most = UINT32_MAX },
	{ SERVER "HTTPCompression", .choices = "|Disabled|GZIP|Deflate|" },
	{ SERVER "InstanceMode", .choices = "|InstanceNumber|InstanceAlias|" },
	{ "DeviceInfo.ProvisioningCode", .length = 64 },
#undef SERVER
};

static bool is_in_range(const struct rule *rule, const char *value)
{
	const unsigned long number = strtoul(value, NULL, 10);
	return number >= rule->least && number <= rule->most;
}

static bool is_choice(const char *choices, const char *value)
{
	struct arena *arena = arena_new();
	const bool is_one = *value && !strchr(value, '|') &&
			    strstr(choices, arena_printf(arena, "|%s|", value));
	arena_free(arena);
	return is_one;
}

static bool keeps(const struct rule *rule, const char *value)
{
	if (rule->most && !is_in_range(rule, value))
		return false;
	if (rule->choices && !is_choice(rule->choices, value))
		return false;
	if (rule->length && strlen(value) > rule->length)
		return false;
	return !rule->test || rule->test(value);
}

/* A row of InformParameter must not name what every Inform has anyway. */
static bool is_inform_parameter(const struct node *node)
{
	const struct node *row = node->parent;
	return strcmp(node->name, "ParameterName") == 0 && node_is_instance(row) &&
	       strcmp(row->parent->name, "InformParameter") == 0;
}

bool value_is_allowed(const struct datamodel *model, const struct node *node, const char *value)
{
	if (is_inform_parameter(node))
		return !inform_is_forced(model, datamodel_find(model, value));
	for (size_t i = 0; i < LENGTH_OF(rules); i++)
		if (datamodel_at(model, rules[i].relative) == node)
			return keeps(&rules[i], value);
	return true;
}
