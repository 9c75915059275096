/* The queue: its order, its waits, and what becomes of tasks whose answer is a fault or is lost.
 * A lost answer is a session that begins anew while a request is open. */
#include "device.h"

#define ROOT "InternetGatewayDevice."
#define DOWNLOAD "{'method': 'Download', 'file_type': '3 x', 'url': 'http://h/f'}"
#define GET_A "{'method': 'GetParameterValues', 'names': ['" ROOT "A']}"

static void assert_state(int64_t task, const char *state)
{
	assert_text(task_text(task, "state"), state);
}

static void assert_outcome_unknown(int64_t task)
{
	assert_state(task, "failed");
	assert_non_null(strstr(task_text(task, "fault.message"), "outcome unknown"));
	assert_null(task_text(task, "fault.code"));
}

static const char *key_of(int64_t task)
{
	return task_text(task, "command_key");
}

static void test_tasks_are_sent_in_order_one_at_a_time(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t first = queue(d, "{'method': 'GetRPCMethods'}");
	const int64_t second = queue(d, GET_A);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_GET_RPC_METHODS);
	assert_state(second, "queued");
	assert_int_equal(respond(d)->method, CWMP_GET_PARAMETER_VALUES);
	assert_int_equal(d->questions, 1);
	assert_true(has_settled(d, first));
	assert_null(respond_values(d, VALUES({ ROOT "A", "1", NULL })));
	assert_state(second, "done");
}

static void test_command_key_is_task_and_attempt(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_text(key_of(task), arena_printf(lab.arena, "%lld.1", (long long)task));
	inform(d);
	empty(d);
	assert_text(key_of(task), arena_printf(lab.arena, "%lld.2", (long long)task));
}

static void test_task_whose_time_has_not_come_does_not_hold_the_queue(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t later = queue(
		d, "{'method': 'Reboot', 'not_before': '2999-01-01T00:00:00Z'}");
	const int64_t now = queue(d, GET_A);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_GET_PARAMETER_VALUES);
	assert_state(now, "sent");
	assert_state(later, "queued");
}

static void test_expired_task_is_not_sent_and_the_sweeper_says_so(void **state)
{
	struct device *d = known_device();
	(void)state;
	const int64_t task = queue(d, "{'method': 'Reboot', 'expires_in': 0}");
	inform(d);
	assert_null(empty(d));
	sweep();
	assert_state(task, "expired");
}

static void test_session_ends_at_its_limit_of_requests(void **state)
{
	struct device *d = known_device();
	unsigned sent = 0;
	(void)state;
	for (unsigned i = 0; i < REQUESTS_MAX + 1; i++)
		queue(d, "{'method': 'GetRPCMethods'}");
	inform(d);
	for (const struct cwmp_message *next = empty(d); next; next = respond(d))
		sent++;
	assert_int_equal(sent, REQUESTS_MAX);
	assert_int_equal(d->next, RPC_END);
	inform(d);
	assert_non_null(empty(d));
}

static void test_fault_that_stays_is_final_and_recorded(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, 9005));
	assert_text(d->turn.outcome, "fault 9005");
	assert_true(has_settled(d, task));
	assert_state(task, "failed");
	assert_text(task_text(task, "fault.code"), "9005");
	assert_text(task_text(task, "fault.message"), cwmp_fault_text(9005));
	assert_text(fault_of(d), "GetParameterValues 9005");
}

static void test_fault_without_cwmp_detail_fails_the_task_with_the_text_of_soap(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	struct cwmp_message *fault = message(CWMP_FAULT, CWMP_UNKNOWN_METHOD);
	fault->fault = (struct cwmp_fault){
		.fault_code = "Server", .fault_string = "out of paper", .text = ""
	};
	assert_null(post(d, fault));
	assert_state(task, "failed");
	assert_text(task_text(task, "fault.message"), "out of paper");
	assert_null(task_text(task, "fault.code"));
}

static void test_passing_fault_is_retried_with_growing_waits_and_fails_after_the_last(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, 9002));
	assert_state(task, "queued");
	assert_false(has_settled(d, task));
	assert_in_range(retry_wait(task), RETRY_SECONDS - 5, RETRY_SECONDS);
	let_retry_come(task);
	inform(d);
	assert_non_null(empty(d));
	assert_null(respond_fault(d, 9002));
	assert_in_range(retry_wait(task), 4 * RETRY_SECONDS - 5, 4 * RETRY_SECONDS);
	let_retry_come(task);
	inform(d);
	assert_non_null(empty(d));
	assert_null(respond_fault(d, 9002));
	assert_true(has_settled(d, task));
	assert_state(task, "failed");
	assert_text(task_text(task, "attempts"), "3");
}

static void test_waiting_retry_holds_the_queue(void **state)
{
	struct device *d = known_device();
	int64_t first;
	(void)state;
	send_task(d, GET_A, &first);
	const int64_t second = queue(d, "{'method': 'Reboot'}");
	assert_null(respond_fault(d, 9004));
	inform(d);
	assert_null(empty(d));
	assert_state(second, "queued");
	let_retry_come(first);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_GET_PARAMETER_VALUES);
}

/* How often the sweep of some node would call the device now. */
static size_t calls(const struct device *d)
{
	struct db_question question = db_question(lab.arena);
	queue_call_for_retries(&question, 1000);
	const struct db_rows *rows = lab_ask(&question);
	size_t count = 0;
	for (size_t i = 0; i < db_row_count(rows); i++)
		count += db_get_int(rows, i, 0) == d->session.device_id;
	return count;
}

static void test_device_is_called_once_for_each_retry_whose_time_has_come(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, 9002));
	assert_int_equal(calls(d), 0);
	let_retry_come(task);
	assert_int_equal(calls(d), 1);
	assert_int_equal(calls(d), 0);
	inform(d);
	assert_non_null(empty(d));
	assert_null(respond_fault(d, 9002));
	assert_int_equal(calls(d), 0);
	let_retry_come(task);
	assert_int_equal(calls(d), 1);
}

static void test_device_is_not_called_for_a_retry_that_is_long_due(void **state)
{
	static const struct db_statement age = {
		.name = "lab_old_retry",
		.sql = "UPDATE task SET retry_at = now() - interval '1 hour' WHERE task_id = $1",
	};
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, 9002));
	LAB_ASK(&age, db_int(lab.arena, task));
	assert_int_equal(calls(d), 0);
	let_retry_come(task);
	assert_int_equal(calls(d), 1);
}

static void test_device_without_url_is_not_called_for_a_retry(void **state)
{
	static const struct db_statement set_url = {
		.name = "lab_url",
		.sql = "UPDATE device SET connection_request_url = $2 WHERE device_id = $1",
	};
	struct device *d = known_device();
	const struct db_value id = db_int(lab.arena, d->session.device_id);
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, 9002));
	let_retry_come(task);
	LAB_ASK(&set_url, id, db_null());
	assert_int_equal(calls(d), 0);
	LAB_ASK(&set_url, id, db_text(""));
	assert_int_equal(calls(d), 0);
	LAB_ASK(&set_url, id, db_text("http://192.0.2.1/"));
	assert_int_equal(calls(d), 1);
}

static void test_fault_code_that_is_no_code_of_cwmp_fails_the_task_all_the_same(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	assert_null(respond_fault(d, UINT32_MAX));
	assert_text(d->sqlstate, "");
	assert_state(task, "failed");
	assert_text(task_text(task, "fault.code"), "4294967295");
}

/* What may be repeated. */

static void assert_is_sent_again(const char *order)
{
	struct device *d = known_device();
	int64_t task;
	const struct cwmp_message *first = send_task(d, order, &task);
	inform(d);
	assert_false(has_settled(d, task));
	const struct cwmp_message *second = empty(d);
	assert_non_null(second);
	assert_int_equal(second->method, first->method);
	assert_text(task_text(task, "attempts"), "2");
}

static void test_lost_tasks_that_may_be_repeated_are_sent_again(void **state)
{
	(void)state;
	assert_is_sent_again(GET_A);
	assert_is_sent_again("{'method': 'GetRPCMethods'}");
	assert_is_sent_again("{'method': 'DeleteObject', 'object': '" ROOT "P.1.'}");
	assert_is_sent_again("{'method': 'Refresh'}");
}

static void test_lost_writes_and_names_are_sent_again(void **state)
{
	(void)state;
	assert_is_sent_again("{'method': 'GetParameterNames', 'path': '" ROOT "'}");
	assert_is_sent_again("{'method': 'SetParameterValues', 'parameters': [{'name': '" ROOT
			     "A', 'value': 1}]}");
}

static void test_task_that_costs_every_session_fails_in_the_end(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	for (unsigned i = 1; i < 4 * ATTEMPTS; i++) {
		inform(d);
		assert_non_null(empty(d));
	}
	inform(d);
	assert_true(has_settled(d, task));
	assert_state(task, "failed");
	assert_non_null(strstr(task_text(task, "fault.message"), "every attempt"));
}

static void test_delete_object_9005_on_the_repeat_counts_as_done(void **state)
{
	struct device *d = new_device();
	int64_t task;
	(void)state;
	inform(d, .extra = { ROOT "P.1.N", "1", NULL });
	send_task(d, "{'method': 'DeleteObject', 'object': '" ROOT "P.1.'}", &task);
	inform(d);
	empty(d);
	assert_null(respond_fault(d, 9005));
	assert_state(task, "done");
	assert_text(task_text(task, "result.status"), "0");
	assert_false(knows(d, ROOT "P.1.N"));
}

static void test_delete_object_9005_at_first_is_a_fault(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'DeleteObject', 'object': '" ROOT "P.1.'}", &task);
	assert_null(respond_fault(d, 9005));
	assert_state(task, "failed");
}

/* What may not. */

static void test_lost_reboot_without_its_m_event_fails_as_outcome_unknown(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	inform(d, .event = "M Reboot", .command_key = "somebody else's");
	assert_true(has_settled(d, task));
	assert_outcome_unknown(task);
	assert_null(empty(d));
}

static void test_lost_reboot_with_its_m_event_is_done(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	inform(d, .event = "M Reboot", .command_key = key_of(task));
	assert_true(has_settled(d, task));
	assert_state(task, "done");
}

static void test_lost_reboot_is_settled_by_an_inform_that_tells_nothing_new(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	inform(d);
	assert_int_equal(d->questions, 2);
	assert_outcome_unknown(task);
}

static void test_lost_reboot_is_done_after_all_when_a_later_inform_shows_it(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Reboot'}", &task);
	inform(d);
	assert_outcome_unknown(task);
	inform(d, .event = "M Reboot", .command_key = key_of(task));
	assert_true(has_settled(d, task));
	assert_state(task, "done");
}

static void test_lost_factory_reset_is_done_at_bootstrap_and_unknown_otherwise(void **state)
{
	struct device *d = known_device(), *other = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'FactoryReset'}", &task);
	inform(d, .event = "0 BOOTSTRAP");
	assert_state(task, "done");
	send_task(other, "{'method': 'FactoryReset'}", &task);
	inform(other, .event = "1 BOOT");
	assert_outcome_unknown(task);
}

#define ADD_OBJECT "{'method': 'AddObject', 'object': '" ROOT "P.'}"

static void test_lost_add_object_is_done_when_the_inform_shows_its_parameter_key(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, ADD_OBJECT, &task);
	inform(d, .parameter_key = key_of(task));
	assert_true(has_settled(d, task));
	assert_state(task, "done");
	assert_null(task_text(task, "result.instance_number"));
	assert_null(empty(d));
}

static void test_lost_add_object_is_repeated_when_the_inform_shows_another_key(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, ADD_OBJECT, &task);
	inform(d, .parameter_key = "old");
	assert_int_equal(empty(d)->method, CWMP_ADD_OBJECT);
	assert_text(task_text(task, "attempts"), "2");
}

static void test_lost_add_object_is_unknown_when_the_inform_shows_no_key(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, ADD_OBJECT, &task);
	inform(d, .no_parameters = true);
	assert_outcome_unknown(task);
}

/* Transfers. */

static void test_lost_download_waits_for_its_transfer_complete(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	inform(d);
	assert_state(task, "sent");
	assert_false(has_settled(d, task));
	assert_null(empty(d));
	assert_non_null(transfer_complete(d, key_of(task), 0));
	assert_true(has_settled(d, task));
	assert_state(task, "done");
	assert_text(task_text(task, "result.status"), "0");
}

static void test_download_awaiting_its_transfer_does_not_hold_the_queue(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	queue(d, GET_A);
	assert_int_equal(respond_transfer(d, 1)->method, CWMP_GET_PARAMETER_VALUES);
	assert_state(task, "sent");
	assert_int_equal(open_transfers(d), 1);
}

static void test_transfer_complete_finds_its_task_by_the_key_of_any_attempt(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	const char *first_key = key_of(task);
	assert_null(respond_fault(d, 9010));
	let_retry_come(task);
	inform(d);
	empty(d);
	respond_transfer(d, 1);
	assert_string_not_equal(key_of(task), first_key);
	transfer_complete(d, first_key, 0);
	assert_text(d->turn.outcome, "settled");
	assert_state(task, "done");
	assert_int_equal(open_transfers(d), 0);
}

static void test_empty_key_matches_a_sole_transfer(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	transfer_complete(d, "", 0);
	assert_state(task, "done");
}

static void test_empty_key_matches_none_of_two_transfers(void **state)
{
	struct device *d = known_device();
	int64_t first, second;
	(void)state;
	send_task(d, DOWNLOAD, &first);
	respond_transfer(d, 1);
	send_task(d, DOWNLOAD, &second);
	respond_transfer(d, 1);
	assert_non_null(transfer_complete(d, "", 0));
	assert_state(first, "sent");
	assert_state(second, "sent");
}

static void test_unknown_key_is_answered_with_success(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	const char *const keys[] = { "unknown", "0.1", "99999999999999999999.1", "1;DROP", "-1.1" };
	for (size_t i = 0; i < LENGTH_OF(keys); i++) {
		const struct cwmp_message *response = transfer_complete(d, keys[i], 0);
		assert_int_equal(response->kind, CWMP_RESPONSE);
		assert_text(d->turn.outcome, "unknown transfer");
	}
	assert_state(task, "sent");
}

static void test_key_of_another_devices_transfer_settles_nothing(void **state)
{
	struct device *d = known_device(), *other = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	assert_non_null(transfer_complete(other, key_of(task), 0));
	assert_state(task, "sent");
}

static void test_transfer_complete_twice_is_answered_twice_and_settles_once(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	assert_non_null(transfer_complete(d, key_of(task), 0));
	assert_non_null(transfer_complete(d, key_of(task), 9018));
	assert_int_equal(d->settled_count, 0);
	assert_state(task, "done");
}

static void test_transfer_that_fails_for_good_fails_its_task(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	transfer_complete(d, key_of(task), 9018);
	assert_true(has_settled(d, task));
	assert_state(task, "failed");
	assert_text(task_text(task, "fault.code"), "9018");
	assert_text(fault_of(d), "TransferComplete 9018");
}

static void test_transfer_complete_with_a_code_that_is_none_is_answered_with_success(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	assert_non_null(transfer_complete(d, key_of(task), UINT32_MAX));
	assert_state(task, "failed");
}

static void test_transfer_that_fails_for_now_is_begun_again(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	transfer_complete(d, key_of(task), 9010);
	assert_false(has_settled(d, task));
	assert_state(task, "queued");
	assert_in_range(retry_wait(task), RETRY_SECONDS - 5, RETRY_SECONDS);
	assert_int_equal(open_transfers(d), 0);
	let_retry_come(task);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_DOWNLOAD);
	assert_int_equal(open_transfers(d), 1);
}

static void test_transfer_that_is_never_completed_fails_at_its_deadline(void **state)
{
	static const struct db_statement make_late = {
		.name = "lab_make_late",
		.sql = "UPDATE transfer SET deadline = now() WHERE task_id = $1",
	};
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, DOWNLOAD, &task);
	respond_transfer(d, 1);
	sweep();
	assert_state(task, "sent");
	LAB_ASK(&make_late, db_int(lab.arena, task));
	sweep();
	assert_outcome_unknown(task);
}

static const struct db_statement make_old = {
	.name = "lab_make_old",
	.sql = "UPDATE task SET sent = now() - interval '1 day' WHERE device_id = $1",
};

/* A device that is slow to come back from what a task does to it. */
static void test_sweeper_queues_a_task_no_more_often_than_it_may_be_lost(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, GET_A, &task);
	for (unsigned i = 1; i <= 4 * ATTEMPTS; i++) {
		assert_state(task, "sent");
		LAB_ASK(&make_old, db_int(lab.arena, d->session.device_id));
		sweep();
		inform(d);
		empty(d);
	}
	assert_state(task, "failed");
	assert_non_null(strstr(task_text(task, "fault.message"), "every attempt"));
}

static void test_lost_add_object_is_repeated_no_more_often_than_it_may_be_lost(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, ADD_OBJECT, &task);
	for (unsigned i = 1; i <= 4 * ATTEMPTS; i++) {
		assert_state(task, "sent");
		inform(d, .parameter_key = "old");
		empty(d);
	}
	assert_state(task, "failed");
}

static void test_sweeper_settles_what_a_lost_node_had_sent(void **state)
{
	struct device *d = known_device(), *other = known_device();
	int64_t get, reboot;
	(void)state;
	send_task(d, GET_A, &get);
	send_task(other, "{'method': 'Reboot'}", &reboot);
	sweep();
	assert_state(get, "sent");
	LAB_ASK(&make_old, db_int(lab.arena, d->session.device_id));
	LAB_ASK(&make_old, db_int(lab.arena, other->session.device_id));
	sweep();
	assert_state(get, "queued");
	assert_outcome_unknown(reboot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_tasks_are_sent_in_order_one_at_a_time),
		LAB_TEST(test_command_key_is_task_and_attempt),
		LAB_TEST(test_task_whose_time_has_not_come_does_not_hold_the_queue),
		LAB_TEST(test_expired_task_is_not_sent_and_the_sweeper_says_so),
		LAB_TEST(test_session_ends_at_its_limit_of_requests),
		LAB_TEST(test_fault_that_stays_is_final_and_recorded),
		LAB_TEST(test_fault_without_cwmp_detail_fails_the_task_with_the_text_of_soap),
		LAB_TEST(test_passing_fault_is_retried_with_growing_waits_and_fails_after_the_last),
		LAB_TEST(test_waiting_retry_holds_the_queue),
		LAB_TEST(test_device_is_called_once_for_each_retry_whose_time_has_come),
		LAB_TEST(test_device_is_not_called_for_a_retry_that_is_long_due),
		LAB_TEST(test_device_without_url_is_not_called_for_a_retry),
		LAB_TEST(test_fault_code_that_is_no_code_of_cwmp_fails_the_task_all_the_same),
		LAB_TEST(test_lost_tasks_that_may_be_repeated_are_sent_again),
		LAB_TEST(test_lost_writes_and_names_are_sent_again),
		LAB_TEST(test_task_that_costs_every_session_fails_in_the_end),
		LAB_TEST(test_delete_object_9005_on_the_repeat_counts_as_done),
		LAB_TEST(test_delete_object_9005_at_first_is_a_fault),
		LAB_TEST(test_lost_reboot_without_its_m_event_fails_as_outcome_unknown),
		LAB_TEST(test_lost_reboot_with_its_m_event_is_done),
		LAB_TEST(test_lost_reboot_is_settled_by_an_inform_that_tells_nothing_new),
		LAB_TEST(test_lost_reboot_is_done_after_all_when_a_later_inform_shows_it),
		LAB_TEST(test_lost_factory_reset_is_done_at_bootstrap_and_unknown_otherwise),
		LAB_TEST(test_lost_add_object_is_done_when_the_inform_shows_its_parameter_key),
		LAB_TEST(test_lost_add_object_is_repeated_when_the_inform_shows_another_key),
		LAB_TEST(test_lost_add_object_is_unknown_when_the_inform_shows_no_key),
		LAB_TEST(test_lost_download_waits_for_its_transfer_complete),
		LAB_TEST(test_download_awaiting_its_transfer_does_not_hold_the_queue),
		LAB_TEST(test_transfer_complete_finds_its_task_by_the_key_of_any_attempt),
		LAB_TEST(test_empty_key_matches_a_sole_transfer),
		LAB_TEST(test_empty_key_matches_none_of_two_transfers),
		LAB_TEST(test_unknown_key_is_answered_with_success),
		LAB_TEST(test_key_of_another_devices_transfer_settles_nothing),
		LAB_TEST(test_transfer_complete_twice_is_answered_twice_and_settles_once),
		LAB_TEST(test_transfer_that_fails_for_good_fails_its_task),
		LAB_TEST(test_transfer_complete_with_a_code_that_is_none_is_answered_with_success),
		LAB_TEST(test_transfer_that_fails_for_now_is_begun_again),
		LAB_TEST(test_transfer_that_is_never_completed_fails_at_its_deadline),
		LAB_TEST(test_sweeper_queues_a_task_no_more_often_than_it_may_be_lost),
		LAB_TEST(test_lost_add_object_is_repeated_no_more_often_than_it_may_be_lost),
		LAB_TEST(test_sweeper_settles_what_a_lost_node_had_sent),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
