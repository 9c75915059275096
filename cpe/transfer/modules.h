/* modules: the deployment units on a device, as the state keeps them and the tree shows them.
 * A unit is a JSON object: "instance", "uuid", "version", "url". Pure; nothing is fetched here. */
#ifndef CPE_MODULES_H
#define CPE_MODULES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "cpe/model/datamodel.h"

enum { MODULES_MAX = 32, UUID_CHARACTERS = 36, MODULE_VERSION_MAX = 32 };

bool module_uuid_is_valid(const char *uuid);
/* Reads "CPE-MODULE <uuid> <version>", the first line of a module's file, in place. False when
 * it is none. */
bool module_read_head(char *head, const char **uuid, const char **version) MUST_CHECK;

/* The unit of that uuid and version ("": any); NULL when there is none. Borrowed. */
json_t *modules_find(const json_t *modules, const char *uuid, const char *version);
/* The same by the URL that it was fetched from. */
json_t *modules_find_url(const json_t *modules, const char *url);
/* How many versions of it are installed. */
size_t modules_count(const json_t *modules, const char *uuid);
/* Appends a unit with an instance number of its own; NULL when there is no room. Borrowed. */
json_t *modules_add(json_t *modules, unsigned *last_instance, const char *uuid, const char *version,
	const char *url);
void modules_remove(json_t *modules, const json_t *module);

/* Shows the units below SoftwareModules; nothing of it when none was ever installed. */
void modules_show(struct datamodel *model, const json_t *modules, unsigned last_instance);
/* "Device.SoftwareModules.DeploymentUnit.3" or ….ExecutionUnit.3; table without dots. */
char *module_reference(
	struct arena *arena, const struct datamodel *model, const char *table, unsigned instance);

/* 0, or 9023 and 9024: is ref ("" for any) an execution environment that runs? */
unsigned modules_check_environment(const struct datamodel *model, const char *ref) MUST_CHECK;

#endif
