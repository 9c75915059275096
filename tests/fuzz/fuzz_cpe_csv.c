/* Fuzzes the CSV data model, which is also what a configuration file may hold. */
#include "cpe/model/datamodel.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char why[200] = "";
	struct datamodel *model = datamodel_parse(bytes, length, why, sizeof(why));
	HOLDS(model || why[0]);
	if (model)
		HOLDS(datamodel_root(model)->is_object);
	datamodel_free(model);
	return 0;
}
