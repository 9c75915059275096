/* Tests of cpe/events: which event is sent, kept, dropped and delivered when, TR-069 3.7.1.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cpe/session/events.h"

static int set_up(void **state)
{
	static struct events events;
	*state = &events;
	return 0;
}

static int tear_down(void **state)
{
	events_clear(*state);
	return 0;
}

static size_t send(struct events *events)
{
	struct arena *arena = arena_new();
	size_t count;
	events_send(events, arena, &count);
	arena_free(arena);
	return count;
}

static void test_inform_response_delivers_what_was_sent(void **state)
{
	struct events *events = *state;
	events_add(events, "1 BOOT", "");
	events_add(events, "M Reboot", "key");
	assert_int_equal(send(events), 2);
	assert_false(events_want_session(events));
	events_add(events, "2 PERIODIC", "");
	events_on_inform_response(events);
	assert_int_equal(events->count, 1);
	assert_true(events_have(events, "2 PERIODIC"));
	assert_true(events_want_session(events));
}

static void test_event_is_not_doubled_but_sent_again_when_it_recurs(void **state)
{
	struct events *events = *state;
	events_add(events, "2 PERIODIC", "");
	events_add(events, "2 PERIODIC", "");
	assert_int_equal(send(events), 1);
	events_add(events, "2 PERIODIC", "");
	events_on_inform_response(events);
	assert_true(events_want_session(events));
}

static void test_m_events_of_different_keys_are_all_sent(void **state)
{
	struct events *events = *state;
	events_add(events, "M Download", "a");
	events_add(events, "M Download", "b");
	events_add(events, "M Download", "a");
	assert_int_equal(send(events), 2);
}

static void test_events_of_a_request_outlast_the_inform_response(void **state)
{
	struct events *events = *state;
	events_add(events, "7 TRANSFER COMPLETE", "");
	events_add(events, "M Download", "a");
	events_add(events, "M Download", "b");
	send(events);
	events_on_inform_response(events);
	assert_int_equal(events->count, 3);
	events_remove(events, "M Download", "a");
	assert_int_equal(events->count, 2);
	assert_true(events_have(events, "7 TRANSFER COMPLETE"));
	events_remove(events, "M Download", "nobody's");
	assert_int_equal(events->count, 2);
}

static void test_heartbeat_waits_for_an_inform_of_its_own(void **state)
{
	struct events *events = *state;
	events_add(events, "14 HEARTBEAT", "");
	events_add(events, "2 PERIODIC", "");
	assert_int_equal(send(events), 1);
	events_on_inform_response(events);
	assert_true(events_want_session(events));
	assert_int_equal(send(events), 1);
	events_on_inform_response(events);
	assert_int_equal(events->count, 0);
}

static void test_vendor_events_keep_their_text_and_unknown_ones_are_left_out(void **state)
{
	struct events *events = *state;
	enum cwmp_version since;
	events_add(events, "X 00D09E Overheated", "");
	assert_true(events_have(events, "X 00D09E Overheated"));
	assert_true(events_since("13 WAKEUP", &since));
	assert_int_equal(since, CWMP_1_4);
	assert_false(events_since("99 FUTURE", &since));
	assert_false(events_since("X ", &since));
}

static void test_connection_request_is_not_repeated_after_a_failed_session(void **state)
{
	struct events *events = *state;
	events_add(events, "1 BOOT", "");
	events_add(events, "2 PERIODIC", "");
	events_add(events, "6 CONNECTION REQUEST", "");
	events_add_change(events, "Device.X", false);
	send(events);
	assert_true(events_on_session_failed(events));
	assert_false(events_have(events, "6 CONNECTION REQUEST"));
	assert_int_equal(send(events), 3);
	assert_int_equal(events->change_count, 1);
}

static void test_what_is_not_told_again_is_no_reason_to_try_again(void **state)
{
	struct events *events = *state;
	events_add(events, "6 CONNECTION REQUEST", "");
	send(events);
	assert_false(events_on_session_failed(events));
	assert_int_equal(events->count, 0);
}

static void test_a_session_that_fails_after_its_inform_is_tried_again(void **state)
{
	struct events *events = *state;
	events_add(events, "6 CONNECTION REQUEST", "");
	send(events);
	events_on_inform_response(events);
	assert_true(events_on_session_failed(events));
}

static void test_what_a_version_does_not_have_is_forgotten(void **state)
{
	struct events *events = *state;
	events_add(events, "12 AUTONOMOUS DU STATE CHANGE COMPLETE", "");
	events_add(events, "2 PERIODIC", "");
	events_add(events, "13 WAKEUP", "");
	events_forget_newer(events, CWMP_1_2);
	assert_int_equal(events->count, 2);
	events_forget_newer(events, CWMP_1_1);
	assert_int_equal(events->count, 1);
	assert_true(events_have(events, "2 PERIODIC"));
}

static void test_boot_keeps_what_a_power_cut_must_not_lose(void **state)
{
	struct events *events = *state;
	static const char *const kept[] = { "0 BOOTSTRAP", "2 PERIODIC", "7 TRANSFER COMPLETE",
		"M Reboot", "M Download" };
	static const char *const dropped[] = { "1 BOOT", "4 VALUE CHANGE", "6 CONNECTION REQUEST" };
	for (size_t i = 0; i < LENGTH_OF(kept); i++)
		events_add(events, kept[i], "");
	for (size_t i = 0; i < LENGTH_OF(dropped); i++)
		events_add(events, dropped[i], "");
	events_add_change(events, "Device.X", false);
	send(events);
	events_on_boot(events);
	for (size_t i = 0; i < LENGTH_OF(kept); i++)
		assert_true(events_have(events, kept[i]));
	for (size_t i = 0; i < LENGTH_OF(dropped); i++)
		assert_false(events_have(events, dropped[i]));
	assert_int_equal(events->change_count, 0);
	assert_true(events_want_session(events));
}

static void test_bootstrap_discards_all_others(void **state)
{
	struct events *events = *state;
	events_add(events, "2 PERIODIC", "");
	events_add(events, "M Download", "a");
	events_add_change(events, "Device.X", false);
	events_add(events, "0 BOOTSTRAP", "");
	assert_int_equal(events->count, 1);
	assert_int_equal(events->change_count, 0);
}

static void test_quiet_change_starts_no_session_but_travels_with_the_next(void **state)
{
	struct events *events = *state;
	events_add_change(events, "Device.Passive", true);
	assert_false(events_want_session(events));
	events_add(events, "2 PERIODIC", "");
	assert_int_equal(send(events), 2);
	events_on_inform_response(events);
	assert_int_equal(events->count, 0);
	events_add_change(events, "Device.Passive", true);
	events_add_change(events, "Device.Active", false);
	assert_true(events_want_session(events));
	assert_int_equal(events->change_count, 2);
}

static void test_value_that_changes_during_the_session_is_told_in_the_next(void **state)
{
	struct events *events = *state;
	events_add_change(events, "Device.X", false);
	send(events);
	events_add_change(events, "Device.X", false);
	events_on_inform_response(events);
	assert_int_equal(events->change_count, 1);
	assert_true(events_have(events, "4 VALUE CHANGE"));
	assert_true(events_want_session(events));
}

static void test_more_events_than_an_inform_holds_are_not_kept(void **state)
{
	struct events *events = *state;
	for (int i = 0; i < CWMP_EVENTS_MAX + 5; i++) {
		const char key[] = { (char)('0' + i / 10), (char)('0' + i % 10), '\0' };
		events_add(events, "M Download", key);
	}
	assert_int_equal(send(events), CWMP_EVENTS_MAX);
	events_add(events, "99 FUTURE", "");
	assert_false(events_have(events, "99 FUTURE"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_inform_response_delivers_what_was_sent),
		TEST(test_event_is_not_doubled_but_sent_again_when_it_recurs),
		TEST(test_m_events_of_different_keys_are_all_sent),
		TEST(test_events_of_a_request_outlast_the_inform_response),
		TEST(test_heartbeat_waits_for_an_inform_of_its_own),
		TEST(test_vendor_events_keep_their_text_and_unknown_ones_are_left_out),
		TEST(test_connection_request_is_not_repeated_after_a_failed_session),
		TEST(test_what_is_not_told_again_is_no_reason_to_try_again),
		TEST(test_a_session_that_fails_after_its_inform_is_tried_again),
		TEST(test_what_a_version_does_not_have_is_forgotten),
		TEST(test_boot_keeps_what_a_power_cut_must_not_lose),
		TEST(test_bootstrap_discards_all_others),
		TEST(test_quiet_change_starts_no_session_but_travels_with_the_next),
		TEST(test_value_that_changes_during_the_session_is_told_in_the_next),
		TEST(test_more_events_than_an_inform_holds_are_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
