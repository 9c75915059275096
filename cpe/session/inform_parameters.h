/* inform_parameters: what the ACS wants in Informs of its choice, ManagementServer.InformParameter.
 * For models that have the table (Device:2.8, InternetGatewayDevice:1.14 and later). */
#ifndef CPE_INFORM_PARAMETERS_H
#define CPE_INFORM_PARAMETERS_H

#include "cpe/model/datamodel.h"

typedef void inform_parameter_fn(const struct node *node, void *arg);

/* Calls wanted for each parameter that an Inform with these events must carry. */
void inform_parameters_each(const struct datamodel *model, const struct cwmp_event *events,
	size_t count, inform_parameter_fn *wanted, void *arg);

#endif
