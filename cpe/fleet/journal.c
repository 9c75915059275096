/* journal: a fleet's witness of what the ACS acknowledged and its devices executed (cpe/journal.h). */
#include "cpe/fleet/journal.h"

#include <stdlib.h>

#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/journal.h"
#include "cpe/log.h"

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

static void add_event(json_t *list, const char *code, const char *command_key)
{
	json_array_append_new(
		list, json_pack("{s:s,s:s}", "code", code, "command_key", command_key));
}

/* What the Inform under way tells: the device's reason, and what it had kept besides. */
static json_t *events_to_json(const struct fleet_device *device)
{
	const char *codes[REASON_EVENTS_MAX];
	const size_t count = reason_events(device->reason, codes);
	const struct events *kept = device->extra ? &device->extra->events : NULL;
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		add_event(list, codes[i], "");
	for (size_t i = 0; kept && i < kept->count; i++)
		if (kept->items[i].is_sent)
			add_event(list, kept->items[i].code, kept->items[i].command_key);
	return list;
}

void fleet_witness_inform(struct fleet *fleet, const struct fleet_device *device, const char *id)
{
	if (!fleet->journal)
		return;
	fleet_witness(fleet, device, "acknowledged",
		json_pack("{s:s,s:s,s:o,s:i}", "method", "Inform", "id", id, "events",
			events_to_json(device), "retry_count", (int)device->retry_count));
}

void fleet_witness_session(
	struct fleet *fleet, const struct fleet_device *device, const char *kind, unsigned requests)
{
	if (!fleet->journal)
		return;
	fleet_witness(fleet, device, "session",
		json_pack("{s:s,s:s,s:i,s:i}", "outcome", kind ? "failed" : "ok", "reason",
			kind ? kind : "", "requests", (int)requests, "retry_count",
			(int)device->retry_count));
}
