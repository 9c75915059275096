/* attributes: notification and access list of parameters, TR-069 A.3.2.4 and A.3.2.5.
 * Pure functions of the tree; each returns 0 or the fault code of A.5.1. */
#ifndef CPE_ATTRIBUTES_H
#define CPE_ATTRIBUTES_H

#include <jansson.h>

#include "cpe/model/datamodel.h"

/* GetParameterAttributes: complete and partial names; results are taken from arena. */
unsigned attributes_get(const struct datamodel *model, struct arena *arena,
	const struct cwmp_strings *names, struct cwmp_attributes *out);
/* SetParameterAttributes: all or nothing. 9009 for active notification of a counter or the like,
 * and for switching off what the models force. Lightweight notification (3 to 6) came with 1.4. */
unsigned attributes_set(struct datamodel *model, const struct cwmp_attribute_changes *changes,
	enum cwmp_version version);
/* May somebody other than the ACS write the parameter? */
bool attributes_admit_subscriber(const struct node *node);
/* All are again as the models have them. */
void attributes_reset(struct datamodel *model);

/* What the ACS has set, by path, to be kept over a restart. */
json_t *attributes_to_json(const struct datamodel *model);
void attributes_apply(struct datamodel *model, const json_t *attributes);

#endif
