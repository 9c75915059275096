/* journal: a fleet's witness of what the ACS acknowledged and its devices executed (cpe/journal.h). */
#include "cpe/fleet/journal.h"

#include <stdlib.h>

#include "cpe/fleet/fleet.h"
#include "cpe/journal.h"
#include "cpe/log.h"

bool fleet_has_witness(const struct fleet *fleet)
{
	return fleet->journal != NULL;
}

void fleet_witness(
	struct fleet *fleet, const struct fleet_device *device, const char *kind, json_t *entry)
{
	char id[DEVICE_ID_BYTES];
	if (!fleet->journal) {
		json_decref(entry);
		return;
	}
	device_id(fleet, device, id);
	json_object_set_new(entry, "device", json_string(id));
	if (journal_add(fleet->journal, kind, entry))
		return;
	LOG(id, "journal-not-written", LOG_TEXT("kind", kind));
	exit(1);
}
