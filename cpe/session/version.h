/* version: the versions of CWMP that the device speaks, and how it agrees with the ACS on one.
 * TR-069 3.4.5; 1.2, 1.3 and 1.4 share a namespace. */
#ifndef CPE_VERSION_H
#define CPE_VERSION_H

#include "cpe/options.h"
#include "cwmp/message.h"

struct spoken_version {
	const char *name; /* "1.2" */
	enum cwmp_version version;
	enum cwmp_namespace ns, own_ns;
	const char *supported_versions; /* SupportedCWMPVersions, or NULL */
};

/* NULL for a version that there is not. */
const struct spoken_version *version_by_name(const char *name);
/* The one to offer after this one was refused by fault 8006: the next lower; after the lowest that of
 * the command line. */
const struct spoken_version *version_before(
	const struct spoken_version *version, const struct options *options);
/* What an InformResponse to an offer agrees to. */
const struct spoken_version *version_agreed(
	const struct spoken_version *offered, const struct cwmp_message *response);

#endif
