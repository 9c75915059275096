/* du_operations: the operations of a ChangeDUState as JSON, and what each does to a device's units.
 * A change is "operations" and "results" as far as it got. Pure; who fetches the files is elsewhere. */
#ifndef CPE_DU_OPERATIONS_H
#define CPE_DU_OPERATIONS_H

#include <jansson.h>
#include <time.h>

#include "cpe/transfer/modules.h"

enum { DU_OPERATIONS_MAX = 64, DU_HEAD_BYTES = 256 };

/* The units of one device, all borrowed. */
struct du_units {
	json_t *modules;
	unsigned *last_module;
	struct datamodel *model;
};

/* A change without results yet: 0 and an object, 9003 without operations, or 9004. */
unsigned du_change_make(const struct cwmp_change_du_state *request, const json_t *modules,
	json_t **change) MUST_CHECK;
/* The operation that is next, NULL when all have a result. Borrowed. */
const json_t *du_change_next(const json_t *change);
/* The next operation has ended with that fault, or 0: its result is added and returned, borrowed.
 * module: the unit that it was about, or NULL. */
json_t *du_change_end_operation(json_t *change, const struct du_units *units, const json_t *module,
	unsigned fault, time_t started);

/* The journal's entry for a result. */
json_t *du_result_to_journal(const json_t *change, const json_t *result);

bool du_operation_is_uninstall(const json_t *operation);
/* What can be told of an Install or Update before anything is fetched: 0 and the URL, or a fault. */
unsigned du_operation_check(
	const struct du_units *units, const json_t *operation, const char **url) MUST_CHECK;
/* Installs or updates by the head of the file that was fetched, which is changed; *module is the
 * unit, owned by the caller, or NULL. 0 or a fault. */
unsigned du_operation_apply(const struct du_units *units, const json_t *operation, char *head,
	json_t **module) MUST_CHECK;
/* The same for an Uninstall: all versions, when none is named. */
unsigned du_operation_uninstall(
	const struct du_units *units, const json_t *operation, json_t **module) MUST_CHECK;

/* What the ACS is told of a unit; module NULL when there is none, version then as in asked. */
json_t *du_result_make(const struct datamodel *model, const char *operation, const json_t *module,
	const json_t *asked, unsigned fault);

#endif
