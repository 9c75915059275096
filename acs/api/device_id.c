/* device_id: which device a path means.
 * '-' needs no encoding in a URL, so many clients turn the %2D of a public id back into it (RFC
 * 3986, 6.2.2.2), and its parts run together. The database then knows which of the possible
 * readings there is. */
#include <string.h>

#include "acs/api/internal.h"
#include "db/device_list.h"
#include "db/devices.h"

enum { MOST_DASHES = 12 };

static bool read_as(struct api_call *call, const char *id)
{
	if (!device_id_parse(call->arena, id, &call->device_id, &call->oui, &call->product_class,
		    &call->serial_number))
		return false;
	call->device = device_public_id(
		call->arena, call->oui, call->product_class, call->serial_number);
	return true;
}

/* The text with its dashes encoded, but the first and the one at `second` (none: NULL). */
static const char *encode_dashes(struct arena *arena, const char *raw, const char *second)
{
	const char *first = strchr(raw, '-');
	char *text = arena_alloc(arena, strlen(raw) + 2 * MOST_DASHES + 1), *out = text;
	for (const char *in = raw; *in; in++) {
		if (*in != '-' || in == first || in == second)
			*out++ = *in;
		else
			out = (char *)memcpy(out, "%2D", 3) + 3;
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

struct search {
	const char *readings[MOST_DASHES];
	size_t count;
	void (*found)(struct api_call *call);
};

static void on_which_exist(struct api_call *call, const struct db_answer *answer)
{
	const struct search *search = call->state;
	const struct db_rows *rows = answer->results[0];
	call->state = NULL;
	for (size_t i = 0; db_row_count(rows) == 1 && i < search->count; i++) {
		if (read_as(call, search->readings[i]) &&
			call->device_id == db_get_int(rows, 0, 0)) {
			search->found(call);
			return;
		}
	}
	api_problem(call, 404, NULL, "no such device");
}

void api_device_read(struct api_call *call, void (*found)(struct api_call *call))
{
	const bool has_device = strstr(call->route->path, "{device}");
	int64_t ids[MOST_DASHES];
	size_t count = 0;
	if (!has_device || read_as(call, call->segments[0])) {
		found(call);
		return;
	}
	struct search *search = ARENA_NEW(call->arena, struct search);
	search->found = found;
	search->count = api_device_readings(
		call->arena, call->segments[0], search->readings, MOST_DASHES);
	for (size_t i = 0; i < search->count; i++)
		if (read_as(call, search->readings[i]))
			ids[count++] = call->device_id;
	if (count == 0) {
		api_problem(call, 404, NULL, "no such device");
		return;
	}
	call->state = search;
	struct db_question question = db_question(call->arena);
	devices_which_exist(&question, ids, count);
	api_ask(call, &question, on_which_exist);
}
