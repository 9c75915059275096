/* Tests of cpe/fleet/overlay: two devices share a tree, and each sees only its own changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cpe/fleet/overlay.h"
#include "cpe/model/parameters.h"

#define MAPPING "Device.NAT.PortMapping."

struct lab {
	struct datamodel *tree;
	char *shared; /* the whole tree as it was */
	struct overlay one, two;
};

static void describe(const struct node *node, struct buffer *out)
{
	if (node->is_template)
		return;
	buffer_printf(out, "%s %u %d %s %s\n", node->name, node->last_instance, node->notification,
		node->value ? node->value : "", node->access_list ? node->access_list : "");
	for (size_t i = 0; i < node->child_count; i++)
		describe(node->children[i], out);
}

static char *description(const struct datamodel *tree)
{
	struct buffer out = { 0 };
	describe(tree->top, &out);
	return out.data;
}

static void assert_shared_is_untouched(const struct lab *lab)
{
	char *now = description(lab->tree);
	assert_string_equal(now, lab->shared);
	free(now);
}

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	char why[200];
	lab->tree = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why));
	assert_non_null(lab->tree);
	lab->shared = description(lab->tree);
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;
	assert_shared_is_untouched(lab);
	overlay_clear(&lab->one);
	overlay_clear(&lab->two);
	free(lab->shared);
	datamodel_free(lab->tree);
	free(lab);
	return 0;
}

static void set(struct lab *lab, struct overlay *overlay, const char *name, const char *value)
{
	struct node *node = datamodel_at(lab->tree, name);
	overlay_put_on(overlay);
	overlay_own_value(overlay, node);
	node_set(node, value);
	overlay_take_off(overlay);
}

static const char *get(struct lab *lab, struct overlay *overlay, const char *name)
{
	static char text[100];
	overlay_put_on(overlay);
	strncpy(text, datamodel_text(lab->tree, name), sizeof(text) - 1);
	overlay_take_off(overlay);
	return text;
}

static unsigned add(struct lab *lab, struct overlay *overlay, const char *table)
{
	unsigned instance = 0;
	overlay_put_on(overlay);
	assert_int_equal(overlay_add_row(overlay, lab->tree, table, &instance), 0);
	overlay_take_off(overlay);
	return instance;
}

static unsigned delete_row(struct lab *lab, struct overlay *overlay, const char *row)
{
	overlay_put_on(overlay);
	const unsigned fault = overlay_delete_row(overlay, lab->tree, row);
	overlay_take_off(overlay);
	return fault;
}

static void test_values_are_the_devices_own(void **state)
{
	struct lab *lab = *state;
	static const char name[] = "DeviceInfo.ProvisioningCode";
	const struct node *node = datamodel_at(lab->tree, name);
	set(lab, &lab->one, name, "first");
	set(lab, &lab->two, name, "second");
	set(lab, &lab->one, name, "third");
	assert_string_equal(get(lab, &lab->one, name), "third");
	assert_string_equal(get(lab, &lab->two, name), "second");
	assert_string_equal(overlay_text(&lab->one, node), "third");
	assert_null(overlay_text(&lab->two, datamodel_at(lab->tree, "ManagementServer.URL")));
}

static void test_attributes_are_the_devices_own(void **state)
{
	struct lab *lab = *state;
	struct node *object = datamodel_at(lab->tree, "ManagementServer.");
	struct node *node = datamodel_at(lab->tree, "ManagementServer.URL");
	overlay_put_on(&lab->one);
	overlay_own_attributes(&lab->one, object);
	node->notification = NOTIFICATION_ACTIVE;
	node->access_list = strdup("");
	overlay_take_off(&lab->one);
	assert_int_equal(node->notification, NOTIFICATION_OFF);
	overlay_put_on(&lab->one);
	assert_int_equal(node->notification, NOTIFICATION_ACTIVE);
	overlay_take_off(&lab->one);
	assert_null(overlay_text(&lab->one, node));
}

static void test_rows_are_numbered_by_each_device(void **state)
{
	struct lab *lab = *state;
	const unsigned first = add(lab, &lab->one, MAPPING);
	assert_int_equal(add(lab, &lab->one, MAPPING), first + 1);
	assert_int_equal(add(lab, &lab->two, MAPPING), first);
	struct arena *arena = arena_new();
	assert_int_equal(
		delete_row(lab, &lab->one, arena_printf(arena, MAPPING "%u.", first + 1)), 0);
	arena_free(arena);
	assert_int_equal(add(lab, &lab->one, MAPPING), first + 2);
	assert_string_equal(get(lab, &lab->one, "NAT.PortMappingNumberOfEntries"), "4");
	assert_string_equal(get(lab, &lab->two, "NAT.PortMappingNumberOfEntries"), "3");
	assert_shared_is_untouched(lab);
}

static void test_values_in_an_own_row_go_with_it(void **state)
{
	struct lab *lab = *state;
	struct arena *arena = arena_new();
	const char *row = arena_printf(arena, MAPPING "%u.", add(lab, &lab->one, MAPPING));
	const char *name = arena_printf(arena, "%sDescription", row);
	overlay_put_on(&lab->one);
	struct node *node = datamodel_find(lab->tree, name);
	overlay_own_value(&lab->one, node);
	node_set(node, "mine");
	overlay_take_off(&lab->one);
	assert_null(datamodel_find(lab->tree, name));
	overlay_put_on(&lab->one);
	assert_string_equal(datamodel_find(lab->tree, name)->value, "mine");
	overlay_take_off(&lab->one);
	assert_int_equal(delete_row(lab, &lab->one, row), 0);
	assert_int_equal(delete_row(lab, &lab->one, row), 9005);
	arena_free(arena);
}

static void test_rows_of_the_model_are_deleted_for_one_device_only(void **state)
{
	struct lab *lab = *state;
	set(lab, &lab->one, "NAT.PortMapping.1.Description", "will go");
	assert_int_equal(delete_row(lab, &lab->one, MAPPING "1."), 0);
	assert_int_equal(delete_row(lab, &lab->one, MAPPING "2."), 0);
	assert_int_equal(delete_row(lab, &lab->one, MAPPING "1."), 9005);
	assert_string_equal(get(lab, &lab->one, "NAT.PortMappingNumberOfEntries"), "0");
	assert_string_equal(get(lab, &lab->two, "NAT.PortMappingNumberOfEntries"), "2");
	assert_int_equal(add(lab, &lab->one, MAPPING), 3);
	assert_shared_is_untouched(lab);
}

static void own_branch(struct lab *lab, struct overlay *overlay, const char *name)
{
	overlay_put_on(overlay);
	overlay_own_branch(overlay, lab->tree, name);
	overlay_own_branch(overlay, lab->tree, name);
	struct node *node = node_new("Mine", false);
	node->type = "xsd:string";
	node_show(node, "mine");
	node_add_child(node_child(datamodel_root(lab->tree), name, strlen(name)), node);
	overlay_take_off(overlay);
}

static void test_a_branch_is_the_devices_own_in_place_of_the_shared_one_or_of_none(void **state)
{
	struct lab *lab = *state;
	set(lab, &lab->one, "NAT.PortMapping.1.Description", "gone with the branch");
	own_branch(lab, &lab->one, "NAT");
	own_branch(lab, &lab->one, "New");
	assert_string_equal(get(lab, &lab->one, "NAT.Mine"), "mine");
	assert_string_equal(get(lab, &lab->one, "New.Mine"), "mine");
	assert_string_equal(get(lab, &lab->one, "NAT.PortMappingNumberOfEntries"), "");
	assert_string_equal(get(lab, &lab->two, "NAT.PortMappingNumberOfEntries"), "2");
	assert_string_equal(get(lab, &lab->two, "New.Mine"), "");
	assert_shared_is_untouched(lab);
}

static void test_what_there_is_not_is_fault_9005(void **state)
{
	struct lab *lab = *state;
	unsigned instance;
	overlay_put_on(&lab->one);
	assert_int_equal(overlay_add_row(&lab->one, lab->tree, "Device.None.", &instance), 9005);
	assert_int_equal(overlay_delete_row(&lab->one, lab->tree, MAPPING "77."), 9005);
	overlay_take_off(&lab->one);
	assert_true(overlay_is_empty(&lab->one));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values_are_the_devices_own),
		TEST(test_attributes_are_the_devices_own),
		TEST(test_rows_are_numbered_by_each_device),
		TEST(test_values_in_an_own_row_go_with_it),
		TEST(test_rows_of_the_model_are_deleted_for_one_device_only),
		TEST(test_a_branch_is_the_devices_own_in_place_of_the_shared_one_or_of_none),
		TEST(test_what_there_is_not_is_fault_9005),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
