/* version: which version of CWMP a device speaks.
 * From 1.2 on the versions share a namespace, and headers tell them apart. */
#include "rpc/method.h"

#include <string.h>

/* Does the list, separated by commas and blanks, have this item? */
static bool has_item(const char *list, const char *item)
{
	static const char separators[] = ", \t\r\n";
	const size_t length = strlen(item);
	for (const char *at = list; *(at += strspn(at, separators)); at += strcspn(at, separators))
		if (strcspn(at, separators) == length && strncmp(at, item, length) == 0)
			return true;
	return false;
}

bool version_agree(const char *supported, enum cwmp_version *version)
{
	static const enum cwmp_version ours[] = { CWMP_1_4, CWMP_1_3, CWMP_1_2, CWMP_1_1,
		CWMP_1_0 };
	for (size_t i = 0; i < LENGTH_OF(ours); i++) {
		*version = ours[i];
		if (has_item(supported, cwmp_version_name(ours[i])))
			return true;
	}
	return false;
}

/* Of a namespace that no schema has, nothing is known but that it is CWMP: the features of 1.0. */
enum cwmp_version version_of(const struct cwmp_message *inform)
{
	static const enum cwmp_version versions[CWMP_NS_COUNT] = {
		[CWMP_NS_1_0] = CWMP_1_0,
		[CWMP_NS_1_1] = CWMP_1_1,
		[CWMP_NS_1_2] = CWMP_1_2,
		[CWMP_NS_1_3] = CWMP_1_3,
		[CWMP_NS_1_4] = CWMP_1_4,
	};
	if (inform->ns_uri)
		return CWMP_1_0;
	if (inform->ns == CWMP_NS_1_2 && inform->session_timeout)
		return CWMP_1_3;
	return versions[inform->ns];
}
