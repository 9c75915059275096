/* Tests of cpe/attributes: notification and access lists, TR-069 A.3.2.4 and A.3.2.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cpe/model/attributes.h"

#define SSID "Device.WiFi.SSID.1.SSID"
#define VERSION "Device.DeviceInfo.SoftwareVersion"

static int set_up(void **state)
{
	char why[256];
	*state = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	datamodel_free(*state);
	return 0;
}

static unsigned notify(struct datamodel *model, const char *name, unsigned notification)
{
	struct cwmp_attribute_change change = {
		.name = name,
		.notification_change = true,
		.notification = notification,
	};
	const struct cwmp_attribute_changes changes = { &change, 1 };
	return attributes_set(model, &changes, CWMP_1_2);
}

static enum notification notification(const struct datamodel *model, const char *name)
{
	return datamodel_find(model, name)->notification;
}

static void test_partial_path_sets_all_below_but_what_is_forced(void **state)
{
	assert_int_equal(notify(*state, "Device.DeviceInfo.", NOTIFICATION_PASSIVE), 0);
	assert_int_equal(notification(*state, "Device.DeviceInfo.SerialNumber"), 1);
	assert_int_equal(notification(*state, VERSION), NOTIFICATION_ACTIVE);
}

static void test_forced_notification_cannot_be_switched_off(void **state)
{
	assert_int_equal(notify(*state, VERSION, NOTIFICATION_OFF), 9009);
	assert_int_equal(notify(*state, VERSION, NOTIFICATION_ACTIVE), 0);
}

static void test_counters_are_not_notified_actively(void **state)
{
	assert_int_equal(notify(*state, "Device.DeviceInfo.UpTime", NOTIFICATION_ACTIVE), 9009);
	assert_int_equal(notify(*state, "Device.DeviceInfo.UpTime", NOTIFICATION_PASSIVE), 0);
	assert_int_equal(notify(*state, "Device.", NOTIFICATION_ACTIVE), 9009);
	assert_int_equal(notification(*state, SSID), NOTIFICATION_OFF);
}

static void test_lightweight_notification_came_with_1_4(void **state)
{
	struct cwmp_attribute_change change = { SSID, true, 6, false, { 0 } };
	const struct cwmp_attribute_changes changes = { &change, 1 };
	assert_int_equal(attributes_set(*state, &changes, CWMP_1_3), 9003);
	assert_int_equal(attributes_set(*state, &changes, CWMP_1_4), 0);
	assert_true(node_is_passive(datamodel_find(*state, SSID)));
	change.notification = 7;
	assert_int_equal(attributes_set(*state, &changes, CWMP_1_4), 9003);
}

static void test_what_is_not_to_change_does_not(void **state)
{
	struct cwmp_attribute_change change = { SSID, false, 2, true, { 0 } };
	const struct cwmp_attribute_changes changes = { &change, 1 };
	assert_true(attributes_admit_subscriber(datamodel_find(*state, SSID)));
	assert_int_equal(attributes_set(*state, &changes, CWMP_1_2), 0);
	assert_int_equal(notification(*state, SSID), NOTIFICATION_OFF);
	assert_false(attributes_admit_subscriber(datamodel_find(*state, SSID)));
	attributes_reset(*state);
	assert_true(attributes_admit_subscriber(datamodel_find(*state, SSID)));
}

static void test_one_bad_change_of_several_changes_nothing(void **state)
{
	struct cwmp_attribute_change several[] = {
		{ .name = SSID, .notification_change = true, .notification = 1 },
		{ .name = "Device.Nothing", .notification_change = true, .notification = 1 },
	};
	const struct cwmp_attribute_changes changes = { several, 2 };
	assert_int_equal(attributes_set(*state, &changes, CWMP_1_2), 9005);
	assert_int_equal(notification(*state, SSID), NOTIFICATION_OFF);
	assert_int_equal(
		attributes_set(*state, &(struct cwmp_attribute_changes){ 0 }, CWMP_1_2), 9003);
}

static void test_attributes_are_read_by_complete_and_partial_names(void **state)
{
	struct arena *arena = arena_new();
	struct cwmp_attributes out;
	struct cwmp_strings names = { (const char *[]){ SSID, "Device.DeviceInfo." }, 2 };
	assert_int_equal(attributes_get(*state, arena, &names, &out), 0);
	assert_true(out.count > 5);
	assert_string_equal(out.items[0].name, SSID);
	assert_int_equal(out.items[0].access_list.count, 1);
	assert_string_equal(out.items[0].access_list.items[0], "Subscriber");
	names.items[1] = "Device.Nothing.";
	assert_int_equal(attributes_get(*state, arena, &names, &out), 9005);
	names.count = 0;
	assert_int_equal(attributes_get(*state, arena, &names, &out), 9003);
	arena_free(arena);
}

static void test_attributes_come_back_from_the_state(void **state)
{
	void *fresh = NULL;
	assert_int_equal(notify(*state, SSID, NOTIFICATION_ACTIVE), 0);
	json_t *kept = attributes_to_json(*state);
	assert_int_equal(json_object_size(kept), 1);
	assert_int_equal(set_up(&fresh), 0);
	attributes_apply(fresh, kept);
	assert_int_equal(notification(fresh, SSID), NOTIFICATION_ACTIVE);
	json_decref(kept);
	tear_down(&fresh);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_partial_path_sets_all_below_but_what_is_forced),
		TEST(test_forced_notification_cannot_be_switched_off),
		TEST(test_counters_are_not_notified_actively),
		TEST(test_lightweight_notification_came_with_1_4),
		TEST(test_what_is_not_to_change_does_not),
		TEST(test_one_bad_change_of_several_changes_nothing),
		TEST(test_attributes_are_read_by_complete_and_partial_names),
		TEST(test_attributes_come_back_from_the_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
