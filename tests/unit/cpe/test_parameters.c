/* Tests of cpe/parameters: GetParameterNames, GetParameterValues and SetParameterValues on the
 * tree of a gateway, faults included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/model/parameters.h"

struct fixture {
	struct datamodel *model;
	struct arena *arena;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	char why[256];
	fixture.model = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why));
	fixture.arena = arena_new();
	*state = &fixture;
	return fixture.model ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	datamodel_free(f->model);
	arena_free(f->arena);
	return 0;
}

static unsigned names(struct fixture *f, const char *path, bool next_level, struct cwmp_names *out)
{
	const struct cwmp_get_parameter_names request = { .path = path, .next_level = next_level };
	return parameters_names(f->model, f->arena, &request, out);
}

static const struct cwmp_name *find_name(const struct cwmp_names *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static unsigned values(struct fixture *f, const char *name, struct cwmp_values *out)
{
	return parameters_values(
		f->model, f->arena, &(struct cwmp_strings){ .items = &name, .count = 1 }, out);
}

static void test_names_of_a_subtree_begin_with_the_object_itself(void **state)
{
	struct cwmp_names list;
	assert_int_equal(names(*state, "Device.NAT.", false, &list), 0);
	assert_string_equal(list.items[0].name, "Device.NAT.");
	assert_true(find_name(&list, "Device.NAT.PortMapping.")->writable);
	assert_true(find_name(&list, "Device.NAT.PortMapping.1.")->writable);
	assert_true(find_name(&list, "Device.NAT.PortMapping.1.Enable")->writable);
	assert_false(find_name(&list, "Device.NAT.PortMapping.1.Status")->writable);
	assert_false(list.items[0].writable);
}

static void test_next_level_gives_children_only(void **state)
{
	struct cwmp_names list;
	assert_int_equal(names(*state, "Device.NAT.", true, &list), 0);
	assert_null(find_name(&list, "Device.NAT."));
	assert_int_equal(list.count, 4);
	assert_non_null(find_name(&list, "Device.NAT.PortMappingNumberOfEntries"));
}

static void test_empty_path_is_the_top(void **state)
{
	struct cwmp_names list;
	assert_int_equal(names(*state, "", true, &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].name, "Device.");
	assert_int_equal(names(*state, "", false, &list), 0);
	assert_int_equal(list.count, 922 + 150);
}

static void test_names_of_a_parameter(void **state)
{
	struct cwmp_names list;
	assert_int_equal(names(*state, "Device.DeviceInfo.UpTime", false, &list), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(names(*state, "Device.DeviceInfo.UpTime", true, &list), 9003);
	assert_int_equal(names(*state, "Device.DeviceInfo.Nothing", false, &list), 9005);
	assert_int_equal(names(*state, "Device.DeviceInfo", false, &list), 9005);
}

static void test_values_of_complete_and_partial_names(void **state)
{
	struct cwmp_values list;
	assert_int_equal(values(*state, "Device.DeviceInfo.SoftwareVersion", &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].value, "4.2.1");
	assert_string_equal(list.items[0].type, "xsd:string");
	assert_int_equal(values(*state, "", &list), 0);
	assert_int_equal(list.count, 922);
	assert_int_equal(values(*state, "Device.Hosts.Host.2.", &list), 0);
	assert_true(list.count > 10);
}

static void test_one_unknown_name_faults_the_whole_call(void **state)
{
	struct fixture *f = *state;
	struct cwmp_values list;
	const char *asked[] = { "Device.DeviceInfo.UpTime", "Device.DeviceInfo.Nothing" };
	const struct cwmp_strings both = { .items = asked, .count = 2 };
	assert_int_equal(parameters_values(f->model, f->arena, &both, &list), 9005);
	assert_int_equal(
		parameters_values(f->model, f->arena, &(struct cwmp_strings){ 0 }, &list), 9003);
}

static unsigned set(
	struct fixture *f, struct cwmp_value *items, size_t count, struct parameter_faults *faults)
{
	return parameters_set(f->model, f->arena,
		&(struct cwmp_values){ .items = items, .count = count }, faults);
}

static void test_values_are_set_and_marked_to_last(void **state)
{
	struct fixture *f = *state;
	struct parameter_faults faults;
	struct cwmp_value items[] = {
		{ "Device.WiFi.SSID.1.SSID", "new <name>", "xsd:string" },
		{ "Device.WiFi.SSID.1.Enable", "0", NULL },
	};
	assert_int_equal(set(f, items, 2, &faults), 0);
	const struct node *node = datamodel_find(f->model, "Device.WiFi.SSID.1.SSID");
	assert_string_equal(node->value, "new <name>");
	assert_true(node->is_changed);
}

static void test_one_bad_value_of_four_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct parameter_faults faults;
	struct cwmp_value items[] = {
		{ "Device.WiFi.SSID.1.SSID", "changed", "xsd:string" },
		{ "Device.WiFi.SSID.9.SSID", "x", "xsd:string" },
		{ "Device.WiFi.SSID.1.Enable", "1", "xsd:string" },
		{ "Device.WiFi.SSID.2.Enable", "perhaps", "xsd:boolean" },
		{ "Device.DeviceInfo.UpTime", "1", "xsd:unsignedInt" },
		{ "Device.WiFi.SSID.", "1", "xsd:string" },
		{ "Device.ManagementServer.PeriodicInformInterval", "0", "xsd:unsignedInt" },
		{ "Device.ManagementServer.CWMPRetryIntervalMultiplier", "999", "xsd:unsignedInt" },
	};
	static const unsigned codes[] = { 9005, 9006, 9007, 9008, 9005, 9007, 9007 };
	assert_int_equal(set(f, items, LENGTH_OF(items), &faults), 9003);
	assert_int_equal(faults.count, LENGTH_OF(codes));
	for (size_t i = 0; i < LENGTH_OF(codes); i++) {
		assert_int_equal(faults.items[i].code, codes[i]);
		assert_string_equal(faults.items[i].name, items[i + 1].name);
	}
	assert_string_equal(
		datamodel_find(f->model, "Device.WiFi.SSID.1.SSID")->value, "HG8200-2A41");
}

static void test_name_given_twice_is_refused(void **state)
{
	struct fixture *f = *state;
	struct parameter_faults faults;
	struct cwmp_value items[] = {
		{ "Device.WiFi.SSID.1.SSID", "one", "xsd:string" },
		{ "Device.WiFi.SSID.1.SSID", "two", "xsd:string" },
	};
	assert_int_equal(set(f, items, 2, &faults), 9003);
	assert_string_equal(
		datamodel_find(f->model, "Device.WiFi.SSID.1.SSID")->value, "HG8200-2A41");
	assert_int_equal(set(f, items, 0, &faults), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_names_of_a_subtree_begin_with_the_object_itself),
		TEST(test_next_level_gives_children_only),
		TEST(test_empty_path_is_the_top),
		TEST(test_names_of_a_parameter),
		TEST(test_values_of_complete_and_partial_names),
		TEST(test_one_unknown_name_faults_the_whole_call),
		TEST(test_values_are_set_and_marked_to_last),
		TEST(test_one_bad_value_of_four_changes_nothing),
		TEST(test_name_given_twice_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
