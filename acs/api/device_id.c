/* device_id: which device a path or a query means.
 * A text can be read in several ways: clients add layers of percent-encoding, and many turn the %2D
 * of a public id back into the '-' that needs none in a URL (RFC 3986, 6.2.2.2), so that its parts
 * run together. The database then knows which of the possible readings there is. */
#include <string.h>

#include "acs/api/internal.h"
#include "db/device_list.h"
#include "db/devices.h"

enum { MOST_DASHES = 12, MOST_READINGS = MOST_DASHES * DEVICE_ID_LAYERS };

/* The text with its dashes encoded, but the first and the one at `second` (none: NULL). */
static const char *encode_dashes(struct arena *arena, const char *raw, const char *second)
{
	const char *first = strchr(raw, '-');
	char *text = arena_alloc(arena, strlen(raw) + 2 * MOST_DASHES + 1), *out = text;
	for (const char *in = raw; *in; in++) {
		if (*in != '-' || in == first || in == second)
			*out++ = *in;
		else
			out = stpcpy(out, "%2D");
	}
	return text;
}

size_t api_device_readings(struct arena *arena, const char *raw, const char **readings, size_t most)
{
	size_t dashes = 0, count = 0;
	for (const char *c = raw; *c; c++)
		dashes += *c == '-';
	if (dashes < 3 || dashes > MOST_DASHES)
		return 0;
	const char *second = NULL; /* first reading: no product class, all is serial number */
	for (const char *from = strchr(raw, '-'); from && count < most; from = second) {
		readings[count++] = encode_dashes(arena, raw, second);
		second = strchr(from + 1, '-');
	}
	return count;
}

struct reading {
	int64_t device_id;
	const char *oui, *product_class, *serial_number;
};

struct search {
	struct reading readings[MOST_READINGS]; /* each device once, the least decoded first */
	size_t count;
	bool is_run_together; /* a guess, good only when just one of the readings exists */
	void (*found)(struct api_call *call);
};

static bool has_reading(const struct search *search, int64_t device_id)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->readings[i].device_id == device_id)
			return true;
	return false;
}

static void add_readings(struct search *search, struct arena *arena, const char *text)
{
	for (unsigned layers = 1; layers <= DEVICE_ID_LAYERS; layers++) {
		struct reading r;
		if (device_id_parse(arena, text, layers, &r.device_id, &r.oui, &r.product_class,
			    &r.serial_number) &&
			!has_reading(search, r.device_id))
			search->readings[search->count++] = r;
	}
}

static void read_apart(struct search *search, struct arena *arena, const char *raw)
{
	const char *texts[MOST_DASHES];
	const size_t count = api_device_readings(arena, raw, texts, MOST_DASHES);
	search->is_run_together = true;
	for (size_t i = 0; i < count; i++)
		add_readings(search, arena, texts[i]);
}

static void take(struct api_call *call, const struct search *search, const struct reading *r)
{
	call->device_id = r->device_id;
	call->oui = r->oui;
	call->product_class = r->product_class;
	call->serial_number = r->serial_number;
	call->device = device_public_id(call->arena, r->oui, r->product_class, r->serial_number);
	search->found(call);
}

static void refuse(struct api_call *call)
{
	if (strstr(call->route->path, "{device}"))
		api_problem(call, 404, NULL, "no such device");
	else
		api_problem(call, 400, "device", "is no device id");
}

static bool exists(const struct db_rows *rows, int64_t device_id)
{
	for (size_t i = 0; i < db_row_count(rows); i++)
		if (db_get_int(rows, i, 0) == device_id)
			return true;
	return false;
}

/* A device that does not exist yet is named by a client that encodes, rather than one with "%2D" in
 * its serial number: all layers are undone. */
static void on_which_exist(struct api_call *call, const struct db_answer *answer)
{
	const struct search *search = call->state;
	const struct db_rows *rows = answer->results[0];
	size_t i = 0;
	call->state = NULL;
	if (search->is_run_together && db_row_count(rows) != 1) {
		refuse(call);
		return;
	}
	while (i + 1 < search->count && !exists(rows, search->readings[i].device_id))
		i++;
	take(call, search, &search->readings[i]);
}

static void ask_which_exist(struct api_call *call, struct search *search)
{
	int64_t ids[MOST_READINGS];
	for (size_t i = 0; i < search->count; i++)
		ids[i] = search->readings[i].device_id;
	call->state = search;
	struct db_question question = db_question(call->arena);
	devices_which_exist(&question, &call->scope, ids, search->count);
	api_ask(call, &question, on_which_exist);
}

const char *api_device_named(const struct api_call *call)
{
	int64_t device_id;
	const char *oui, *product_class, *serial_number;
	if (!strstr(call->route->path, "{device}") ||
		!device_id_parse(call->arena, call->segments[0], DEVICE_ID_LAYERS, &device_id, &oui,
			&product_class, &serial_number))
		return NULL;
	return device_public_id(call->arena, oui, product_class, serial_number);
}

void api_device_read(struct api_call *call, void (*found)(struct api_call *call))
{
	const bool is_in_path = strstr(call->route->path, "{device}");
	const char *raw = is_in_path ? call->segments[0] : api_query(call, "device");
	call->device_id = -1;
	if (!raw) {
		found(call);
		return;
	}
	struct search *search = ARENA_NEW(call->arena, struct search);
	search->found = found;
	add_readings(search, call->arena, raw);
	if (search->count == 0)
		read_apart(search, call->arena, raw);
	if (search->count == 0)
		refuse(call);
	else if (search->count == 1 && !search->is_run_together)
		take(call, search, &search->readings[0]);
	else
		ask_which_exist(call, search);
}
