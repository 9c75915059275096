/* parameters: what the RPCs read and write in a tree, with their fault codes.
 * Pure functions of the tree; nothing here knows of sessions or files. */
#ifndef CPE_PARAMETERS_H
#define CPE_PARAMETERS_H

#include "cpe/model/datamodel.h"

/* Every function returns 0 or the fault code of TR-069 A.5.1. Results are taken from arena. */

/* GetParameterNames, TR-069 A.3.2.3. */
unsigned parameters_names(const struct datamodel *model, struct arena *arena,
	const struct cwmp_get_parameter_names *request, struct cwmp_names *out);
/* GetParameterValues, A.3.2.2: complete and partial names; an unknown one faults the whole call. */
unsigned parameters_values(const struct datamodel *model, struct arena *arena,
	const struct cwmp_strings *names, struct cwmp_values *out);

struct parameter_faults {
	struct cwmp_parameter_fault *items;
	size_t count;
};

/* The code for setting one value: 0, 9005, 9006, 9007 or 9008. type may be NULL. A local change
 * may also set what is read-only to the ACS. */
enum writer { WRITER_ACS, WRITER_LOCAL };
unsigned parameters_check(
	const struct datamodel *model, const struct cwmp_value *value, enum writer writer);
/* SetParameterValues, A.3.2.1: all or nothing. 9003 leaves the tree untouched and names every
 * parameter in error in faults. */
unsigned parameters_set(struct datamodel *model, struct arena *arena,
	const struct cwmp_values *values, struct parameter_faults *faults);

#endif
