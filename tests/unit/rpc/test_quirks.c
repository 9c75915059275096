/* test_quirks: rows are matched with what an Inform tells, read from JSON, and merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/quirks.h"

static int begin(void **state)
{
	*state = arena_new();
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

/* Single quotes stand for double ones. */
static json_t *document(void **state, const char *text)
{
	char *json = arena_strdup(*state, text);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_t *value = json_loads(json, 0, NULL);
	assert_non_null(value);
	return value;
}

static struct quirks read(void **state, const char *text)
{
	struct quirks quirks;
	const char *why = "";
	json_t *settings = document(state, text);
	if (!quirks_read(*state, settings, &quirks, &why))
		fail_msg("%s", why);
	json_decref(settings);
	return quirks;
}

static void assert_refused(void **state, const char *text, const char *why_begins)
{
	struct quirks quirks;
	const char *why = "";
	json_t *settings = document(state, text);
	assert_false(quirks_read(*state, settings, &quirks, &why));
	if (strncmp(why, why_begins, strlen(why_begins)) != 0)
		fail_msg("%s: %s", text, why);
	json_decref(settings);
}

static void assert_shown(void **state, const struct quirks *quirks, const char *expected)
{
	json_t *shown = quirks_json(quirks), *wanted = document(state, expected);
	char *text = json_dumps(shown, JSON_COMPACT);
	if (!json_equal(shown, wanted))
		fail_msg("%s", text);
	free(text);
	json_decref(shown);
	json_decref(wanted);
}

static const struct quirk_facts gateway = {
	.manufacturer = "Huawei Technologies Co., Ltd",
	.oui = "00E0FC",
	.product_class = "HG8245H",
	.software_version = "V3R013C10S106",
};

static void test_a_pattern_matches_as_a_shell_would_in_any_case(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "*", "", true },
		{ "?", "", false },
		{ "abc", "ABC", true },
		{ "a*c", "abbbc", true },
		{ "a*c", "abbb", false },
		{ "*82?5*", "HG8245H", true },
		{ "*aab", "aaaaab", true },
		{ "a*b*c*d", "aXbXcX", false },
		{ "**", "anything", true },
		{ "FRITZ!Box", "fritz!box", true },
		{ "ab", "abc", false },
		{ "[a]", "a", false },
		{ "\xc3\x84*", "\xc3\x84pfel", true },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const struct quirk_row row = { .product_class = cases[i].pattern };
		const struct quirk_facts facts = { "", "", cases[i].text, "" };
		if (quirk_row_matches(&row, &facts) != cases[i].matches)
			fail_msg("%s with %s", cases[i].pattern, cases[i].text);
	}
}

static void test_a_row_without_patterns_matches_every_device(void **state)
{
	(void)state;
	assert_true(quirk_row_matches(&(const struct quirk_row){ 0 }, &gateway));
}

static void test_a_row_matches_only_with_all_its_patterns(void **state)
{
	(void)state;
	const struct quirk_row all = { .manufacturer = "huawei*",
		.oui = "00e0fc",
		.product_class = "*8245*",
		.software_version = "V3*" };
	assert_true(quirk_row_matches(&all, &gateway));
	struct quirk_row row = all;
	row.manufacturer = "ZTE*";
	assert_false(quirk_row_matches(&row, &gateway));
	row = all;
	row.oui = "202BC1";
	assert_false(quirk_row_matches(&row, &gateway));
	row = all;
	row.product_class = "8245";
	assert_false(quirk_row_matches(&row, &gateway));
	row = all;
	row.software_version = "V4*";
	assert_false(quirk_row_matches(&row, &gateway));
}

static void test_a_long_pattern_full_of_stars_takes_no_long_time(void **state)
{
	char pattern[256], text[65536];
	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(&pattern[i], "*a", 2);
	strcpy(&pattern[sizeof(pattern) - 3], "*b");
	const struct quirk_row row = { .manufacturer = pattern };
	assert_false(quirk_row_matches(&row, &(const struct quirk_facts){ text, "", "", "" }));
}

static void test_facts_are_those_of_the_root_and_not_too_long(void **state)
{
	struct cwmp_value values[] = {
		{ .name = "Device.SoftwareModules.DeviceInfo.SoftwareVersion", .value = "no" },
		{ .name = "Device.DeviceInfo.SoftwareVersion", .value = "2.1" },
		{ .name = "Device.DeviceInfo.AdditionalSoftwareVersion", .value = "no" },
		{ .name = ".DeviceInfo.SoftwareVersionX", .value = "no" },
	};
	(void)state;
	struct cwmp_inform inform = {
		.device = { "Lab", "00D09E", "Gateway", "1" },
		.parameters = { .items = values, .count = LENGTH_OF(values) },
	};
	const struct quirk_facts facts = quirk_facts_of(&inform);
	assert_string_equal(facts.manufacturer, "Lab");
	assert_string_equal(facts.oui, "00D09E");
	assert_string_equal(facts.product_class, "Gateway");
	assert_string_equal(facts.software_version, "2.1");
	inform.parameters.count = 0;
	assert_string_equal(quirk_facts_of(&inform).software_version, "");
	static char long_text[300];
	memset(long_text, 'x', sizeof(long_text) - 1);
	inform.device.manufacturer = long_text;
	assert_string_equal(quirk_facts_of(&inform).manufacturer, "");
}

#define ALL_SETTINGS \
	"{'xml_declaration': false, 'booleans': 'words', 'names': 'levels', 'names_incomplete': true," \
	" 'names_per_request': 8, 'requests_per_session': 20, 'response_id': 'ignored'," \
	" 'parameter_key': 'ignored', 'transfer_success': 'version'," \
	" 'close_after_transfer_complete': true, 'unsupported_methods': ['GetRPCMethods', 'Reboot']}"

static void test_every_setting_is_read(void **state)
{
	const struct quirks q = read(state, ALL_SETTINGS);
	assert_int_equal(q.declaration, DECLARATION_LEFT_OUT);
	assert_int_equal(q.booleans, BOOLEANS_AS_WORDS);
	assert_int_equal(q.names, NAMES_BY_LEVELS);
	assert_true(q.names_incomplete);
	assert_int_equal(q.names_per_request, 8);
	assert_int_equal(q.requests_per_session, 20);
	assert_int_equal(q.response_id, RESPONSE_ID_IGNORED);
	assert_int_equal(q.parameter_key, PARAMETER_KEY_IGNORED);
	assert_int_equal(q.transfer_success, TRANSFER_SUCCESS_BY_VERSION);
	assert_true(q.close_after_transfer_complete);
	assert_true(quirks_lack_method(&q, CWMP_REBOOT));
	assert_true(quirks_lack_method(&q, CWMP_GET_RPC_METHODS));
	assert_false(quirks_lack_method(&q, CWMP_DOWNLOAD));
}

static void test_what_is_shown_is_what_was_read(void **state)
{
	const struct quirks all = read(state, ALL_SETTINGS), none = { 0 };
	assert_shown(state, &all, ALL_SETTINGS);
	assert_shown(state, &none, "{}");
}

static void test_a_device_without_quirks_lacks_no_method(void **state)
{
	(void)state;
	const struct quirks none = { 0 };
	for (unsigned i = 0; i < CWMP_METHOD_COUNT; i++)
		assert_false(quirks_lack_method(&none, (enum cwmp_method)i));
}

static void test_a_refusal_names_the_setting(void **state)
{
	assert_refused(state, "{'names_per_reqest': 8}", "names_per_reqest: is no such setting");
	assert_refused(state, "{'names_per_request': 0}", "names_per_request: must be a whole");
	assert_refused(state, "{'names_per_request': 100001}", "names_per_request: must be");
	assert_refused(state, "{'names_per_request': 4294967297}", "names_per_request: must be");
	assert_refused(state, "{'names_per_request': '8'}", "names_per_request: must be");
	assert_refused(state, "{'names_per_request': 1.5}", "names_per_request: must be");
	assert_refused(
		state, "{'booleans': 'Words'}", "booleans: must be one of digits, words, as-given");
	assert_refused(state, "{'booleans': 1}", "booleans: must be one of");
	assert_refused(
		state, "{'xml_declaration': 'no'}", "xml_declaration: must be true or false");
	assert_refused(state, "{'names_incomplete': 1}", "names_incomplete: must be true or false");
	assert_refused(state, "{'unsupported_methods': 'Reboot'}", "unsupported_methods: must be");
	assert_refused(state, "{'unsupported_methods': ['Bogus']}", "unsupported_methods: must be");
	assert_refused(
		state, "{'unsupported_methods': ['Inform']}", "unsupported_methods: must be");
	assert_refused(state, "{'response_id': null}", "response_id: must be");
}

/* As a node meets settings of a newer one. */
static void test_settings_beside_an_unknown_one_are_read(void **state)
{
	struct quirks quirks;
	const char *why = "";
	json_t *settings = document(state, "{'from_the_future': 1, 'names': 'whole'}");
	assert_false(quirks_read(*state, settings, &quirks, &why));
	assert_shown(state, &quirks, "{'names': 'whole'}");
	json_decref(settings);
}

static void test_of_two_rows_the_later_wins_setting_by_setting(void **state)
{
	struct quirks merged = { 0 };
	const struct quirks first = read(state,
		"{'names': 'levels', 'names_per_request': 8, 'close_after_transfer_complete': true,"
		" 'unsupported_methods': ['Reboot', 'Upload']}");
	const struct quirks second = read(state,
		"{'names_per_request': 50, 'close_after_transfer_complete': false,"
		" 'xml_declaration': true, 'unsupported_methods': []}");
	quirks_merge(&merged, &first);
	quirks_merge(&merged, &second);
	assert_shown(state, &merged,
		"{'names': 'levels', 'names_per_request': 50, 'xml_declaration': true,"
		" 'close_after_transfer_complete': false, 'unsupported_methods': []}");
	assert_false(quirks_lack_method(&merged, CWMP_REBOOT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_pattern_matches_as_a_shell_would_in_any_case),
		TEST(test_a_row_without_patterns_matches_every_device),
		TEST(test_a_row_matches_only_with_all_its_patterns),
		TEST(test_a_long_pattern_full_of_stars_takes_no_long_time),
		TEST(test_facts_are_those_of_the_root_and_not_too_long),
		TEST(test_every_setting_is_read),
		TEST(test_what_is_shown_is_what_was_read),
		TEST(test_a_device_without_quirks_lacks_no_method),
		TEST(test_a_refusal_names_the_setting),
		TEST(test_settings_beside_an_unknown_one_are_read),
		TEST(test_of_two_rows_the_later_wins_setting_by_setting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
