/* value_rules: what the values of parameters that steer the protocol must keep to, beyond their type.
 * TR-181 and TR-098, ManagementServer; a breach is fault 9007. */
#ifndef CPE_VALUE_RULES_H
#define CPE_VALUE_RULES_H

#include "cpe/model/datamodel.h"

bool value_is_allowed(const struct datamodel *model, const struct node *node, const char *value);

#endif
