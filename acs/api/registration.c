/* registration: devices that are to be known before they inform. POST /devices.
 * Without a password: by client certificate, by what they share with their class, or because they are blocked. */
#include <string.h>

#include "acs/api/internal.h"
#include "db/device_list.h"
#include "db/devices.h"

enum { MOST_DEVICES = 1000, MOST_PART = 255 };

/* A part of an identity, or 400 that names it. May only be empty where that is told. */
static const char *read_part(
	struct api_call *call, const json_t *device, size_t i, const char *name, bool may_be_empty)
{
	const json_t *value = json_object_get(device, name);
	const char *text = may_be_empty && !value ? "" : json_string_value(value);
	const size_t length = text ? strlen(text) : 0;
	if (text && (length || may_be_empty) && db_text_is_storable(text, length, MOST_PART))
		return text;
	api_problem(call, 400, arena_printf(call->arena, "devices[%zu].%s", i, name),
		"must be UTF-8 text of %d to %d bytes", may_be_empty ? 0 : 1, MOST_PART);
	return NULL;
}

static bool read_device(struct api_call *call, const json_t *device, int64_t *device_ids,
	struct device_registration *out)
{
	const size_t i = out->count;
	const char *oui = read_part(call, device, i, "oui", false);
	const char *class = oui ? read_part(call, device, i, "product_class", true) : NULL;
	const char *serial = class ? read_part(call, device, i, "serial_number", false) : NULL;
	if (!serial)
		return false;
	device_ids[i] = device_id_of(oui, class, serial);
	out->ids[i] = device_public_id(call->arena, oui, class, serial);
	out->ouis[i] = oui;
	out->product_classes[i] = class;
	out->serial_numbers[i] = serial;
	out->count++;
	return true;
}

static bool read_devices(struct api_call *call, struct device_registration *out)
{
	const json_t *list = json_object_get(call->body, "devices"), *device;
	const size_t count = json_array_size(list);
	size_t i;
	if (count < 1 || count > MOST_DEVICES) {
		api_problem(
			call, 400, "devices", "must be a list of 1 to %d identities", MOST_DEVICES);
		return false;
	}
	int64_t *device_ids = arena_array(call->arena, count, sizeof(*device_ids));
	const char **texts = arena_array(call->arena, 4 * count, sizeof(*texts));
	out->device_ids = device_ids;
	out->ids = texts;
	out->ouis = texts + count;
	out->product_classes = texts + 2 * count;
	out->serial_numbers = texts + 3 * count;
	json_array_foreach (list, i, device)
		if (!read_device(call, device, device_ids, out))
			return false;
	return true;
}

static void on_registered(struct api_call *call, const struct db_answer *answer)
{
	const struct device_registration *registration = call->state;
	const json_int_t created = db_get_int(answer->results[0], 0, 0);
	api_reply_document(call, 200,
		json_pack("{s:I, s:I}", "created", created, "known",
			(json_int_t)registration->count - created));
}

void devices_post(struct api_call *call)
{
	static const char *const known[] = { "devices", "tags", "admission", NULL };
	const json_t *list = json_object_get(call->body, "tags");
	const char **tags = arena_array(call->arena, API_MOST_TAGS, sizeof(*tags)), *admission;
	struct device_registration *registration = ARENA_NEW(
		call->arena, struct device_registration);
	if (!api_body_has_only(call, known) || !api_read_admission(call, &admission) ||
		(list && !api_read_tags(call, list, tags, &registration->tag_count)) ||
		!read_devices(call, registration))
		return;
	registration->tags = tags;
	registration->admission = admission ? admission : "active";
	call->state = registration;
	const struct audit_note note = api_note(call, NULL);
	struct db_question question = db_question(call->arena);
	devices_register(&question, &note, registration);
	api_ask(call, &question, on_registered);
}
