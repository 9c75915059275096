/* datamodel_basics: what a device must have to be managed at all (TR-181, Baseline profile).
 * A document that describes a service alone is of a device that has this beside it. */
#include <stddef.h>

#include "base/compiler.h"
#include "cpe/model/datamodel.h"

static const struct basic {
	const char *name, *type;
	bool is_writable;
	const char *value;
} basics[] = {
	{ "Device.RootDataModelVersion", "xsd:string", false, "2.11" },
	{ "Device.DeviceInfo.Manufacturer", "xsd:string", false, "" },
	{ "Device.DeviceInfo.ManufacturerOUI", "xsd:string", false, "" },
	{ "Device.DeviceInfo.ProductClass", "xsd:string", false, "" },
	{ "Device.DeviceInfo.SerialNumber", "xsd:string", false, "" },
	{ "Device.DeviceInfo.HardwareVersion", "xsd:string", false, "" },
	{ "Device.DeviceInfo.SoftwareVersion", "xsd:string", false, "" },
	{ "Device.DeviceInfo.ProvisioningCode", "xsd:string", true, "" },
	{ "Device.ManagementServer.URL", "xsd:string", true, "" },
	{ "Device.ManagementServer.Username", "xsd:string", true, "" },
	{ "Device.ManagementServer.Password", "xsd:string", true, "" },
	{ "Device.ManagementServer.PeriodicInformEnable", "xsd:boolean", true, "false" },
	{ "Device.ManagementServer.PeriodicInformInterval", "xsd:unsignedInt", true, "86400" },
	{ "Device.ManagementServer.PeriodicInformTime", "xsd:dateTime", true,
		"0001-01-01T00:00:00Z" },
	{ "Device.ManagementServer.ParameterKey", "xsd:string", false, "" },
	{ "Device.ManagementServer.ConnectionRequestURL", "xsd:string", false, "" },
	{ "Device.ManagementServer.ConnectionRequestUsername", "xsd:string", true, "" },
	{ "Device.ManagementServer.ConnectionRequestPassword", "xsd:string", true, "" },
};

void datamodel_add_basics(struct datamodel *model)
{
	for (size_t i = 0; i < LENGTH_OF(basics); i++) {
		struct node *node = datamodel_make(model, basics[i].name, false);
		node->type = basics[i].type;
		node->is_writable = basics[i].is_writable;
		node_show(node, basics[i].value);
	}
}
