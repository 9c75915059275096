/* quirks: what devices of a kind cannot bear or do not do, as settings that the methods look at.
 * One table knows every setting; reading, merging and showing them go by it. */
#include "rpc/quirks.h"

#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "cwmp/cwmp.h"

enum setting_kind { SETTING_NUMBER, SETTING_FLAG, SETTING_SWITCH, SETTING_CHOICE, SETTING_METHODS };

/* Words stand in the order of their enum. */
static const char *const boolean_words[] = { "digits", "words", "as-given", NULL };
static const char *const names_words[] = { "whole-first", "whole", "levels", NULL };
static const char *const response_id_words[] = { "exact", "ignored", NULL };
static const char *const parameter_key_words[] = { "kept", "ignored", NULL };
static const char *const success_words[] = { "told", "version", NULL };

static const struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset, size;
	const char *const *words; /* of a choice; the first is the default */
	unsigned most;            /* of a number, whose least is 1 */
	const char *help;
} settings[] = {
#define AT(field) offsetof(struct quirks, field), sizeof(((struct quirks *)0)->field)
	{ "xml_declaration", SETTING_SWITCH, AT(declaration), NULL, 0,
		"do envelopes begin with an XML declaration? Else as cwmp.xml_declaration says" },
	{ "booleans", SETTING_CHOICE, AT(booleans), boolean_words, 0,
		"how SetParameterValues spells values of type xsd:boolean" },
	{ "names", SETTING_CHOICE, AT(names), names_words, 0,
		"how Refresh learns names: the whole tree at once, level by level, or the latter if"
		" the former is refused" },
	{ "names_incomplete", SETTING_FLAG, AT(names_incomplete), NULL, 0,
		"GetParameterNames never lists some: Refresh forgets only what was listed once" },
	{ "names_per_request", SETTING_NUMBER, AT(names_per_request), NULL, 100000,
		"names in one GetParameterValues, at most" },
	{ "requests_per_session", SETTING_NUMBER, AT(requests_per_session), NULL, 1000000,
		"of the server, at most; a Refresh goes on in the next session" },
	{ "response_id", SETTING_CHOICE, AT(response_id), response_id_words, 0,
		"must an answer bear its request's ID, or is it known by its order?" },
	{ "parameter_key", SETTING_CHOICE, AT(parameter_key), parameter_key_words, 0,
		"does the ParameterKey in an Inform prove anything?" },
	{ "transfer_success", SETTING_CHOICE, AT(transfer_success), success_words, 0,
		"is new firmware believed when the device tells, or when its version shows?" },
	{ "close_after_transfer_complete", SETTING_FLAG, AT(close_after_transfer_complete), NULL, 0,
		"the session ends with TransferCompleteResponse" },
	{ "unsupported_methods", SETTING_METHODS, AT(unsupported_methods), NULL, 0,
		"never sent; a task that needs one fails at once" },
#undef AT
};

_Static_assert(LENGTH_OF(settings) <= 32, "a bit of `given` for each setting");
_Static_assert(CWMP_METHOD_COUNT <= 64, "a bit of `unsupported_methods` for each method");
/* Choices and switches are read and written as unsigned. */
_Static_assert(sizeof(enum quirk_names) == sizeof(unsigned), "enums are as wide as unsigned");

static void set_unsigned(struct quirks *quirks, const struct setting *setting, unsigned value)
{
	memcpy((char *)quirks + setting->offset, &value, sizeof(value));
}

static unsigned get_unsigned(const struct quirks *quirks, const struct setting *setting)
{
	unsigned value;
	memcpy(&value, (const char *)quirks + setting->offset, sizeof(value));
	return value;
}

static bool refuse(
	struct arena *arena, const struct setting *setting, const char *must, const char **why)
{
	*why = arena_printf(arena, "%s: must be %s", setting->name, must);
	return false;
}

static bool read_number(struct arena *arena, const struct setting *setting, const json_t *value,
	struct quirks *out, const char **why)
{
	const json_int_t number = json_integer_value(value); /* 0 for what is no integer */
	if (number < 1 || number > setting->most)
		return refuse(arena, setting,
			arena_printf(arena, "a whole number from 1 to %u", setting->most), why);
	set_unsigned(out, setting, (unsigned)number);
	return true;
}

static bool read_choice(struct arena *arena, const struct setting *setting, const json_t *value,
	struct quirks *out, const char **why)
{
	const char *text = json_string_value(value), *list = "one of";
	for (unsigned i = 0; setting->words[i]; i++) {
		if (text && strcmp(setting->words[i], text) == 0) {
			set_unsigned(out, setting, i);
			return true;
		}
		list = arena_printf(arena, "%s%s %s", list, i ? "," : "", setting->words[i]);
	}
	return refuse(arena, setting, list, why);
}

/* Methods that we call; what devices call is not ours to leave out. */
static bool read_methods(struct arena *arena, const struct setting *setting, const json_t *value,
	struct quirks *out, const char **why)
{
	size_t i;
	const json_t *item;
	uint64_t methods = 0;
	if (!json_is_array(value))
		return refuse(arena, setting, "a list of methods", why);
	json_array_foreach (value, i, item) {
		const char *name = json_string_value(item);
		const enum cwmp_method method = name ? cwmp_method_by_name(name)
						     : CWMP_UNKNOWN_METHOD;
		if (method < CWMP_GET_RPC_METHODS)
			return refuse(arena, setting, "a list of methods that a CPE may have", why);
		methods |= UINT64_C(1) << method;
	}
	out->unsupported_methods = methods;
	return true;
}

static bool read_setting(struct arena *arena, const struct setting *setting, const json_t *value,
	struct quirks *out, const char **why)
{
	switch (setting->kind) {
	case SETTING_NUMBER:
		return read_number(arena, setting, value, out, why);
	case SETTING_CHOICE:
		return read_choice(arena, setting, value, out, why);
	case SETTING_METHODS:
		return read_methods(arena, setting, value, out, why);
	default:
		break;
	}
	if (!json_is_boolean(value))
		return refuse(arena, setting, "true or false", why);
	if (setting->kind == SETTING_SWITCH)
		set_unsigned(out, setting,
			json_is_true(value) ? DECLARATION_SENT : DECLARATION_LEFT_OUT);
	else
		*(bool *)((char *)out + setting->offset) = json_is_true(value);
	return true;
}

static const struct setting *find_setting(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

bool quirks_read(struct arena *arena, const json_t *document, struct quirks *out, const char **why)
{
	const char *name;
	json_t *value;
	bool ok = true;
	*out = (struct quirks){ 0 };
	json_object_foreach ((json_t *)document, name, value) {
		const struct setting *setting = find_setting(name);
		if (!setting) {
			*why = arena_printf(arena, "%s: is no such setting", name);
			ok = false;
		} else if (read_setting(arena, setting, value, out, why)) {
			out->given |= UINT32_C(1) << (setting - settings);
		} else {
			ok = false;
		}
	}
	return ok;
}

static bool is_given(const struct quirks *quirks, size_t i)
{
	return quirks->given >> i & 1;
}

void quirks_merge(struct quirks *quirks, const struct quirks *over)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
		if (is_given(over, i))
			memcpy((char *)quirks + settings[i].offset,
				(const char *)over + settings[i].offset, settings[i].size);
	quirks->given |= over->given;
}

static json_t *methods_json(uint64_t methods)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < CWMP_METHOD_COUNT; i++)
		if (methods >> i & 1)
			json_array_append_new(
				list, json_string(cwmp_method_name((enum cwmp_method)i)));
	return list;
}

static json_t *setting_json(const struct quirks *quirks, const struct setting *setting)
{
	switch (setting->kind) {
	case SETTING_NUMBER:
		return json_integer(get_unsigned(quirks, setting));
	case SETTING_CHOICE:
		return json_string(setting->words[get_unsigned(quirks, setting)]);
	case SETTING_SWITCH:
		return json_boolean(get_unsigned(quirks, setting) == DECLARATION_SENT);
	case SETTING_METHODS:
		return methods_json(quirks->unsupported_methods);
	default:
		return json_boolean(*(const bool *)((const char *)quirks + setting->offset));
	}
}

json_t *quirks_json(const struct quirks *quirks)
{
	json_t *document = json_object();
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
		if (is_given(quirks, i))
			json_object_set_new(
				document, settings[i].name, setting_json(quirks, &settings[i]));
	return document;
}

static const char *const kind_names[] = {
	[SETTING_NUMBER] = "number",
	[SETTING_FLAG] = "boolean",
	[SETTING_SWITCH] = "boolean",
	[SETTING_CHOICE] = "choice",
	[SETTING_METHODS] = "methods",
};

static json_t *words_json(const struct setting *setting)
{
	json_t *words = json_array();
	for (unsigned i = 0; setting->words && setting->words[i]; i++)
		json_array_append_new(words, json_string(setting->words[i]));
	return words;
}

json_t *quirks_describe(void)
{
	static const struct quirks none;
	json_t *list = json_array();
	for (size_t i = 0; i < LENGTH_OF(settings); i++) {
		const struct setting *setting = &settings[i];
		const bool has_default = setting->kind == SETTING_CHOICE ||
					 setting->kind == SETTING_FLAG ||
					 setting->kind == SETTING_METHODS;
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "name", setting->name, "kind",
				kind_names[setting->kind], "choices", words_json(setting), "most",
				setting->most ? json_integer(setting->most) : json_null(),
				"default", has_default ? setting_json(&none, setting) : json_null(),
				"help", setting->help));
	}
	return list;
}

bool quirks_lack_method(const struct quirks *quirks, enum cwmp_method method)
{
	return quirks->unsupported_methods >> method & 1;
}

/* Matching. */

static int folded(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Goes back to the latest '*' only, so its time is bounded by the product of both lengths. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *after_star = NULL;
	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			after_star = text;
		} else if (*pattern == '?' || folded(*pattern) == folded(*text)) {
			pattern++, text++;
		} else if (star) {
			pattern = star + 1;
			text = ++after_star;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool quirk_pattern_matches(const char *pattern, const char *text)
{
	return !pattern || matches(pattern, text);
}

bool quirk_row_matches(const struct quirk_row *row, const struct quirk_facts *facts)
{
	return quirk_pattern_matches(row->oui, facts->oui) &&
	       quirk_pattern_matches(row->manufacturer, facts->manufacturer) &&
	       quirk_pattern_matches(row->product_class, facts->product_class) &&
	       quirk_pattern_matches(row->software_version, facts->software_version);
}

static bool ends_with(const char *text, size_t length, const char *end, size_t end_length)
{
	return length > end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* Below either root, and no deeper: a subdevice has a SoftwareVersion too. */
static bool is_software_version(const char *name)
{
	static const char end[] = ".DeviceInfo.SoftwareVersion";
	const size_t length = strlen(name);
	return ends_with(name, length, end, sizeof(end) - 1) &&
	       strcspn(name, ".") == length - (sizeof(end) - 1);
}

/* A stranger may tell megabytes, and matching takes its time: what is too long to be true counts as
 * not told. */
static const char *fact(const char *text)
{
	enum { FACT_MAX = 255 };
	return strnlen(text, FACT_MAX + 1) <= FACT_MAX ? text : "";
}

struct quirk_facts quirk_facts_of(const struct cwmp_inform *inform)
{
	struct quirk_facts facts = {
		.manufacturer = fact(inform->device.manufacturer),
		.oui = fact(inform->device.oui),
		.product_class = fact(inform->device.product_class),
		.software_version = "",
	};
	for (size_t i = 0; i < inform->parameters.count; i++)
		if (is_software_version(inform->parameters.items[i].name))
			facts.software_version = fact(inform->parameters.items[i].value);
	return facts;
}
