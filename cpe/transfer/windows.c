/* windows: the time windows of a ScheduleDownload, TR-069 A.4.1.8.
 * Pure arithmetic; the clock is the caller's. */
#include "cpe/transfer/windows.h"

#include <string.h>

#include "base/compiler.h"

/* A device without users is always idle, so 3 is as good as 1; a vendor's own modes are not ours. */
static bool read_mode(const char *mode, bool *needs_confirmation)
{
	static const char *const modes[] = { "1 At Any Time", "2 Immediately", "3 When Idle",
		"4 Confirmation Needed" };
	for (size_t i = 0; i < LENGTH_OF(modes); i++) {
		if (strcmp(modes[i], mode) != 0)
			continue;
		*needs_confirmation = mode[0] == '4';
		return true;
	}
	return false;
}

bool windows_set(struct windows *windows, const struct cwmp_schedule_download *request, time_t now)
{
	*windows = (struct windows){ .count = request->window_count };
	if (request->window_count == 0 || request->window_count > CWMP_TIME_WINDOWS_MAX)
		return false;
	unsigned last_end = 0;
	for (size_t i = 0; i < request->window_count; i++) {
		const struct cwmp_time_window *from = &request->windows[i];
		struct window *to = &windows->items[i];
		if (from->start >= from->end || from->start < last_end || from->max_retries < -1 ||
			!read_mode(from->mode, &to->needs_confirmation))
			return false;
		to->start = now + (time_t)from->start;
		to->end = now + (time_t)from->end;
		to->max_retries = from->max_retries;
		last_end = from->end;
	}
	return true;
}

static void next_window(struct windows *windows)
{
	windows->current++;
	windows->tries = 0;
}

enum windows_verdict windows_check(struct windows *windows, time_t now, time_t *until)
{
	while (windows->current < windows->count && windows->items[windows->current].end <= now)
		next_window(windows);
	if (windows->current == windows->count)
		return WINDOWS_MISSED;
	const struct window *window = &windows->items[windows->current];
	const bool has_started = window->start <= now;
	if (has_started && (!window->needs_confirmation || windows->is_confirmed))
		return WINDOWS_OPEN;
	*until = has_started ? window->end : window->start;
	return WINDOWS_WAIT;
}

bool windows_retry(struct windows *windows)
{
	if (windows->current == windows->count)
		return false;
	const int allowed = windows->items[windows->current].max_retries;
	if (allowed < 0 || windows->tries < (unsigned)allowed) {
		windows->tries++;
		return true;
	}
	next_window(windows);
	return windows->current < windows->count;
}

json_t *windows_to_json(const struct windows *windows)
{
	json_t *items = json_array();
	for (size_t i = 0; i < windows->count; i++) {
		const struct window *window = &windows->items[i];
		json_array_append_new(items,
			json_pack("{s:I,s:I,s:b,s:i}", "start", (json_int_t)window->start, "end",
				(json_int_t)window->end, "needs_confirmation",
				window->needs_confirmation, "max_retries", window->max_retries));
	}
	return json_pack("{s:o,s:i,s:i,s:b}", "items", items, "current", (int)windows->current,
		"tries", (int)windows->tries, "confirmed", windows->is_confirmed);
}

void windows_from_json(struct windows *windows, const json_t *object)
{
	*windows = (struct windows){ 0 };
	const json_t *items = json_object_get(object, "items");
	for (size_t i = 0; i < json_array_size(items) && i < CWMP_TIME_WINDOWS_MAX; i++) {
		json_int_t start, end;
		int needs_confirmation, max_retries;
		if (json_unpack(json_array_get(items, i), "{s:I,s:I,s:b,s:i}", "start", &start,
			    "end", &end, "needs_confirmation", &needs_confirmation, "max_retries",
			    &max_retries) != 0)
			continue;
		windows->items[windows->count++] = (struct window){
			.start = (time_t)start,
			.end = (time_t)end,
			.needs_confirmation = needs_confirmation,
			.max_retries = max_retries,
		};
	}
	windows->current = (size_t)json_integer_value(json_object_get(object, "current"));
	windows->tries = (unsigned)json_integer_value(json_object_get(object, "tries"));
	windows->is_confirmed = json_is_true(json_object_get(object, "confirmed"));
	if (windows->current > windows->count)
		windows->current = windows->count;
}
