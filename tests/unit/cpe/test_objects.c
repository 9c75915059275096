/* Tests of cpe/objects: rows take shape, number and count from their table, and come back after a
 * restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/model/objects.h"
#include "cpe/model/parameters.h"

static struct datamodel *load(const char *path)
{
	char why[256];
	struct datamodel *model = datamodel_load(path, why, sizeof(why));
	assert_non_null(model);
	return model;
}

static int set_up(void **state)
{
	*state = load("cpe/models/gateway-tr181.csv");
	return 0;
}

static int tear_down(void **state)
{
	datamodel_free(*state);
	return 0;
}

static void test_new_row_has_the_shape_of_its_sibling_and_default_values(void **state)
{
	struct datamodel *model = *state;
	unsigned instance;
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(instance, 3);
	const struct node *old = datamodel_find(model, "Device.NAT.PortMapping.1.");
	const struct node *fresh = datamodel_find(model, "Device.NAT.PortMapping.3.");
	assert_int_equal(fresh->child_count, old->child_count);
	assert_string_equal(datamodel_text(model, "NAT.PortMapping.3.Enable"), "false");
	assert_string_equal(datamodel_text(model, "NAT.PortMapping.3.ExternalPort"), "0");
	assert_string_equal(datamodel_text(model, "NAT.PortMapping.3.Description"), "");
	assert_true(fresh->is_writable);
	assert_string_equal(datamodel_text(model, "NAT.PortMappingNumberOfEntries"), "3");
}

static void test_deleted_number_is_not_given_again(void **state)
{
	struct datamodel *model = *state;
	unsigned instance;
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.3."), 0);
	assert_string_equal(datamodel_text(model, "NAT.PortMappingNumberOfEntries"), "2");
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(instance, 4);
}

static void test_emptied_table_keeps_its_shape_out_of_sight(void **state)
{
	struct datamodel *model = *state;
	struct arena *arena = arena_new();
	struct cwmp_names names;
	unsigned instance;
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.1."), 0);
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.2."), 0);
	assert_int_equal(
		parameters_names(model, arena,
			&(struct cwmp_get_parameter_names){ "Device.NAT.PortMapping.", true },
			&names),
		0);
	assert_int_equal(names.count, 0);
	assert_null(datamodel_find(model, "Device.NAT.PortMapping.{i}."));
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_non_null(datamodel_find(model, "Device.NAT.PortMapping.3.InternalClient"));
	arena_free(arena);
}

static void test_sub_tables_of_a_new_row_are_empty(void **state)
{
	struct datamodel *model = *state;
	unsigned instance;
	assert_int_equal(objects_add(model, "Device.DHCPv4.Server.Pool.", &instance), 0);
	assert_int_equal(instance, 2);
	assert_non_null(datamodel_find(model, "Device.DHCPv4.Server.Pool.2.StaticAddress."));
	assert_null(datamodel_find(model, "Device.DHCPv4.Server.Pool.2.StaticAddress.1."));
	assert_string_equal(
		datamodel_text(model, "DHCPv4.Server.Pool.2.StaticAddressNumberOfEntries"), "0");
	assert_int_equal(
		objects_add(model, "Device.DHCPv4.Server.Pool.2.StaticAddress.", &instance), 0);
	assert_non_null(
		datamodel_find(model, "Device.DHCPv4.Server.Pool.2.StaticAddress.1.Chaddr"));
}

static void test_what_cannot_be_added_or_deleted_faults(void **state)
{
	struct datamodel *model = *state;
	unsigned instance;
	static const char *const no_tables[] = { "Device.Nothing.", "Device.NAT.PortMapping",
		"Device.NAT.PortMapping.1.", "Device.DeviceInfo.", "", "Device.Hosts.Host." };
	for (size_t i = 0; i < LENGTH_OF(no_tables); i++)
		assert_int_equal(objects_add(model, no_tables[i], &instance), 9005);
	static const char *const no_rows[] = { "Device.NAT.PortMapping.7.",
		"Device.NAT.PortMapping.1", "Device.NAT.PortMapping.", "Device.Hosts.Host.1.",
		"Device.", "" };
	for (size_t i = 0; i < LENGTH_OF(no_rows); i++)
		assert_int_equal(objects_delete(model, no_rows[i]), 9005);
}

static void test_short_counter_names_are_found(void **state)
{
	(void)state;
	struct datamodel *model = load("cpe/models/gateway-tr098.csv");
	unsigned instance;
	assert_int_equal(
		objects_add(model, "InternetGatewayDevice.Layer3Forwarding.Forwarding.", &instance),
		0);
	assert_string_equal(datamodel_text(model, "Layer3Forwarding.ForwardNumberOfEntries"), "2");
	datamodel_free(model);
}

static void test_changes_are_repeated_on_a_fresh_model(void **state)
{
	struct datamodel *model = *state;
	unsigned instance;
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.1."), 0);
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.2."), 0);
	assert_int_equal(objects_add(model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(objects_delete(model, "Device.NAT.PortMapping.3."), 0);
	assert_int_equal(model->change_count, 3);
	struct datamodel *fresh = load("cpe/models/gateway-tr181.csv");
	for (size_t i = 0; i < model->change_count; i++)
		objects_replay(fresh, &model->changes[i]);
	assert_string_equal(datamodel_text(fresh, "NAT.PortMappingNumberOfEntries"), "1");
	assert_null(datamodel_find(fresh, "Device.NAT.PortMapping.2."));
	assert_null(datamodel_find(fresh, "Device.NAT.PortMapping.3."));
	assert_non_null(datamodel_find(fresh, "Device.NAT.PortMapping.4.Protocol"));
	datamodel_free(fresh);
}

static void test_replay_of_nonsense_changes_nothing(void **state)
{
	struct datamodel *model = *state;
	static const char *const paths[] = { "", ".", "X", "X.", "Device.", "Device.Nothing.1.",
		"Device.NAT.PortMapping.1.", "Device.NAT.PortMapping.x." };
	for (size_t i = 0; i < LENGTH_OF(paths); i++)
		objects_replay(model,
			&(struct object_change){ .is_added = true, .path = (char *)paths[i] });
	assert_int_equal(model->change_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_new_row_has_the_shape_of_its_sibling_and_default_values),
		TEST(test_deleted_number_is_not_given_again),
		TEST(test_emptied_table_keeps_its_shape_out_of_sight),
		TEST(test_sub_tables_of_a_new_row_are_empty),
		TEST(test_what_cannot_be_added_or_deleted_faults),
		TEST(test_short_counter_names_are_found),
		TEST(test_changes_are_repeated_on_a_fresh_model),
		TEST(test_replay_of_nonsense_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
