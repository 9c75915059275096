/* vouchers: options that the ACS buys for the device, TR-069 A.4.1.3, A.4.1.4 and Annex C.
 * A voucher is read for the few elements that count, wherever they stand in it. */
#include "cpe/vouchers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/compiler.h"
#include "base/crypto.h"
#include "cpe/schedule.h"
#include "cwmp/cwmp.h"

enum { OPTION_NAME_MAX = 64, OPTIONS_MAX = 64 };

/* The text between <name> and </name> in [*at, end), NULL without it. */
static char *element_text(struct arena *arena, const char *at, const char *name)
{
	const char *start = strstr(at, arena_printf(arena, "<%s>", name));
	const char *end = start ? strstr(start, arena_printf(arena, "</%s>", name)) : NULL;
	if (!end)
		return NULL;
	start += strlen(name) + 2;
	return arena_strndup(arena, start, (size_t)(end - start));
}

static char *text_or_empty(struct arena *arena, const char *option, const char *name)
{
	char *text = element_text(arena, option, name);
	return text ? text : "";
}

/* "20021025T12:06:34", as Annex C writes times, with the hyphens that XML Schema wants. */
static const char *start_date(struct arena *arena, const char *text)
{
	time_t time;
	if (strlen(text) >= 17 && text[8] == 'T')
		text = arena_printf(arena, "%.4s-%.2s-%sZ", text, text + 4,
			arena_printf(arena, "%.2s%.9s", text + 6, text + 8));
	return time_parse(text, &time) ? time_text(arena, time) : CWMP_UNKNOWN_TIME;
}

static const char *expiration_date(struct arena *arena, const char *option, const char *start)
{
	static const struct {
		const char *name;
		time_t seconds;
	} units[] = { { "Seconds", 1 }, { "Minutes", 60 }, { "Hours", 3600 }, { "Days", 86400 },
		{ "Months", 30 * 86400 } };
	const char *unit = text_or_empty(arena, option, "DurationUnits");
	const long duration = strtol(text_or_empty(arena, option, "Duration"), NULL, 10);
	time_t time;
	if (duration <= 0 || !time_parse(start, &time))
		return "";
	for (size_t i = 0; i < LENGTH_OF(units); i++)
		if (strcasecmp(units[i].name, unit) == 0)
			return time_text(arena, time + (time_t)duration * units[i].seconds);
	return "";
}

/* OptionStruct's Mode by the voucher's. */
static int mode_number(const char *mode)
{
	static const char *const modes[] = { "Disable", "EnableWithExpiration",
		"EnableWithoutExpiration" };
	for (int i = 0; i < (int)LENGTH_OF(modes); i++)
		if (strcmp(modes[i], mode) == 0)
			return i;
	return -1;
}

/* NULL when it is no option. */
static json_t *read_option(struct arena *arena, const char *option)
{
	const char *name = text_or_empty(arena, option, "OptionIdent");
	const int mode = mode_number(text_or_empty(arena, option, "Mode"));
	const char *start = start_date(arena, text_or_empty(arena, option, "StartDate"));
	if (!name[0] || strlen(name) > OPTION_NAME_MAX || mode < 0)
		return NULL;
	const unsigned long number = strtoul(text_or_empty(arena, option, "VSerialNum"), NULL, 10) &
				     UINT32_MAX;
	return json_pack("{s:s,s:I,s:i,s:i,s:s,s:s,s:b}", "name", name, "voucher_sn",
		(json_int_t)number, "state", mode ? 3 : 2, "mode", mode, "start", start,
		"expiration", mode == 1 ? expiration_date(arena, option, start) : "",
		"transferable",
		strcasecmp(text_or_empty(arena, option, "Transferable"), "Yes") == 0);
}

/* False when the voucher holds no option, or one that makes no sense. */
static bool read_voucher(json_t *bought, struct arena *arena, const char *voucher)
{
	size_t length;
	char *xml = base64_decode(arena, voucher, &length);
	const size_t before = json_array_size(bought);
	if (!xml)
		return false;
	for (char *at = xml; (at = strstr(at, "<Option>")); at++) {
		const char *content = element_text(arena, at, "Option");
		json_t *option = content ? read_option(arena, content) : NULL;
		if (!option)
			return false;
		json_array_append_new(bought, option);
	}
	return json_array_size(bought) > before;
}

static const char *name_of(const json_t *option)
{
	return json_string_value(json_object_get(option, "name"));
}

static void put_option(json_t *options, json_t *option)
{
	size_t i;
	const json_t *other;
	json_array_foreach (options, i, other) {
		if (strcmp(name_of(other), name_of(option)) != 0)
			continue;
		json_array_set(options, i, option);
		return;
	}
	if (json_array_size(options) < OPTIONS_MAX)
		json_array_append(options, option);
}

unsigned vouchers_set(json_t *options, struct arena *arena, const struct cwmp_strings *vouchers)
{
	json_t *bought = json_array(), *option;
	bool is_sound = vouchers->count > 0;
	size_t at;
	for (size_t i = 0; is_sound && i < vouchers->count; i++)
		is_sound = read_voucher(bought, arena, vouchers->items[i]);
	if (is_sound)
		json_array_foreach (bought, at, option)
			put_option(options, option);
	json_decref(bought);
	return is_sound ? 0 : 9003;
}

static void add_option(struct cwmp_options *out, struct arena *arena, json_t *option)
{
	const char *name, *start, *expiration;
	json_int_t voucher_sn;
	int state, mode, is_transferable;
	if (json_unpack(option, "{s:s,s:I,s:i,s:i,s:s,s:s,s:b}", "name", &name, "voucher_sn",
		    &voucher_sn, "state", &state, "mode", &mode, "start", &start, "expiration",
		    &expiration, "transferable", &is_transferable) != 0)
		return;
	out->items[out->count++] = (struct cwmp_option){
		.name = arena_strdup(arena, name),
		.voucher_sn = (unsigned)voucher_sn,
		.state = (unsigned)state,
		.mode = (unsigned)mode,
		.start_date = arena_strdup(arena, start),
		.expiration_date = arena_strdup(arena, expiration),
		.is_transferable = is_transferable,
	};
}

void vouchers_options(
	const json_t *options, struct arena *arena, const char *name, struct cwmp_options *out)
{
	size_t i;
	json_t *option;
	*out = (struct cwmp_options){
		.items = arena_array(arena, json_array_size(options), sizeof(*out->items)),
	};
	json_array_foreach (options, i, option)
		if (!name[0] || strcmp(name, name_of(option)) == 0)
			add_option(out, arena, option);
}
