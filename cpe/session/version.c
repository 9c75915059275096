/* version: the versions of CWMP that the device speaks, and how it agrees with the ACS on one.
 * TR-069 3.4.5; 1.2, 1.3 and 1.4 share a namespace. */
#include "cpe/session/version.h"

#include <string.h>

#include "base/compiler.h"

static const struct spoken_version versions[] = {
	{ "1.0", CWMP_1_0, CWMP_NS_1_0, CWMP_NS_1_0, NULL },
	{ "1.1", CWMP_1_1, CWMP_NS_1_1, CWMP_NS_1_1, NULL },
	{ "1.2", CWMP_1_2, CWMP_NS_1_2, CWMP_NS_1_2, NULL },
	{ "1.3", CWMP_1_3, CWMP_NS_1_2, CWMP_NS_1_3, NULL },
	{ "1.4", CWMP_1_4, CWMP_NS_1_2, CWMP_NS_1_4, "1.0,1.1,1.2,1.3,1.4" },
};

const struct spoken_version *version_by_name(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(versions); i++)
		if (strcmp(versions[i].name, name) == 0)
			return &versions[i];
	return NULL;
}

const struct spoken_version *version_before(
	const struct spoken_version *version, const struct options *options)
{
	return version == versions ? version_by_name(options->cwmp_version) : version - 1;
}

static const struct spoken_version *lower(
	const struct spoken_version *a, const struct spoken_version *b)
{
	return a < b ? a : b;
}

/* Without UseCWMPVersion the ACS is older than 1.4 and its namespace tells the rest. */
const struct spoken_version *version_agreed(
	const struct spoken_version *offered, const struct cwmp_message *response)
{
	const struct spoken_version *told = response->use_version
						    ? version_by_name(response->use_version)
						    : NULL;
	if (told)
		return lower(told, offered);
	if (response->ns == CWMP_NS_1_0 || response->ns == CWMP_NS_1_1)
		return lower(version_by_name(response->ns == CWMP_NS_1_0 ? "1.0" : "1.1"), offered);
	return lower(version_by_name("1.3"), offered);
}
