/* Transfers beyond Download: Upload, ScheduleDownload, ChangeDUState, and what settles, lists and cancels
 * them. Download itself is in test_methods.c and test_queue.c. */
#include "device.h"
#include "rpc/secrets.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
static const char upload_order[] = "{'method': 'Upload', 'file_type': '2 Vendor Log File'}";
static const char scheduled_order[] =
	"{'method': 'ScheduleDownload', 'file_type': '1 Firmware Upgrade Image', 'url': 'http://x/fw',"
	" 'windows': [{'start': 10, 'end': 20, 'mode': '1 At Any Time'},"
	" {'start': 20, 'end': 7200, 'mode': '4 Confirmation Needed', 'user_message': 'Now?',"
	"  'max_retries': -1}]}";
static const char install_order[] =
	"{'method': 'ChangeDUState', 'operations': [{'operation': 'Install', 'url': 'http://x/du',"
	" 'username': 'u', 'password': 'secret'}, {'operation': 'Uninstall', 'uuid': '" UUID "'}]}";

static const char *key_of(int64_t task)
{
	return task_text(task, "command_key");
}

/* In the catalogue, of an Upload that names none. */
static const char *name_of(int64_t task)
{
	return arena_printf(lab.arena, "upload-%lld", (long long)task);
}

/* Seconds until the transfer fails. */
static int64_t deadline_of(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_deadline",
		.sql = "SELECT round(extract(epoch FROM deadline - now()))::bigint FROM transfer"
		       " WHERE device_id = $1",
	};
	return count_of(d, &statement);
}

static void test_upload_without_a_url_comes_into_the_catalogue(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_upload *sent = &send_task(d, upload_order, &task)->request.upload;
	const char *name = name_of(task);
	assert_text(sent->url, arena_printf(lab.arena, "http://acs.example:7567/u/token/%s", name));
	assert_text(sent->file_type, "2 Vendor Log File");
	assert_text(sent->command_key, key_of(task));
	assert_int_equal(lab.link_expires, d->turn.now + TRANSFER_SECONDS + LINK_SECONDS);
	assert_null(respond_transfer(d, 1));
	assert_text(task_text(task, "awaits"), "transfer");
	uploaded(d, name);
	inform(d, .event = "7 TRANSFER COMPLETE", .event_2 = "M Upload");
	assert_non_null(transfer_complete(d, key_of(task), 0));
	assert_true(has_settled(d, task));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.file"), name);
	assert_text(task_text(task, "result.status"), "0");
}

static void test_upload_done_at_once_names_its_file(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_upload *sent = &send_task(d,
		"{'method': 'Upload', 'file_type': '2 Vendor Log File', 'file_name': 'log of d.txt',"
		" 'delay_seconds': 5}",
		&task)
						  ->request.upload;
	assert_int_equal(sent->delay_seconds, 5);
	assert_non_null(strstr(sent->url, "/u/token/log of d.txt"));
	assert_int_equal(deadline_of(d), TRANSFER_SECONDS + 5);
	uploaded(d, "log of d.txt");
	respond_transfer(d, 0);
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.file"), "log of d.txt");
	assert_int_equal(open_transfers(d), 0);
}

static void assert_no_file_came(struct device *d, int64_t task)
{
	assert_text(task_text(task, "state"), "failed");
	assert_text(
		task_text(task, "fault.message"), "the device told of success, but no file came");
	assert_null(task_text(task, "fault.code"));
	assert_true(has_settled(d, task));
	assert_int_equal(open_transfers(d), 0);
	inform(d);
	assert_null(empty(d));
}

static void test_upload_told_done_at_once_without_a_file_fails(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	respond_transfer(d, 0);
	assert_no_file_came(d, task);
}

static void test_upload_told_complete_without_a_file_fails(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	respond_transfer(d, 1);
	transfer_complete(d, key_of(task), 0);
	assert_no_file_came(d, task);
}

static void test_a_file_that_was_there_before_did_not_come(void **state)
{
	struct device *d = known_device(), *other = known_device();
	int64_t task;
	(void)state;
	uploaded(d, "earlier.txt");
	send_task(d,
		"{'method': 'Upload', 'file_type': '2 Vendor Log File', 'file_name': 'earlier.txt'}",
		&task);
	respond_transfer(d, 0);
	assert_no_file_came(d, task);
	send_task(d,
		"{'method': 'Upload', 'file_type': '2 Vendor Log File', 'file_name': 'others.txt'}",
		&task);
	uploaded(other, "others.txt");
	respond_transfer(d, 0);
	assert_no_file_came(d, task);
}

static void test_upload_to_a_url_of_the_operators_has_no_file_here(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_upload *sent = &send_task(d,
		"{'method': 'Upload', 'file_type': 'X 00A0C9 Dump', 'url': 'ftp://x/y',"
		" 'username': 'u', 'password': 'p'}",
		&task)
						  ->request.upload;
	assert_text(sent->url, "ftp://x/y");
	assert_text(sent->username, "u");
	assert_text(sent->password, "p");
	respond_transfer(d, 0);
	assert_text(task_text(task, "state"), "done");
	assert_null(task_text(task, "result.file"));
}

static void test_upload_whose_answer_was_lost_awaits_its_transfer_complete(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	inform(d);
	assert_text(task_text(task, "awaits"), "transfer");
	assert_null(empty(d));
	uploaded(d, name_of(task));
	transfer_complete(d, key_of(task), 0);
	assert_text(task_text(task, "state"), "done");
}

static void test_upload_that_failed_in_passing_is_sent_again(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	respond_transfer(d, 1);
	transfer_complete(d, key_of(task), 9011);
	assert_text(task_text(task, "state"), "queued");
	let_retry_come(task);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_UPLOAD);
	assert_text(task_text(task, "attempts"), "2");
}

/* The device repeats a TransferComplete whose answer it did not get; by then we are one attempt further. */
static void test_fault_told_again_does_not_fail_the_next_attempt(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, "{'method': 'Download', 'file_type': '2 Web Content', 'url': 'http://x/y'}",
		&task);
	respond_transfer(d, 1);
	const char *first_key = key_of(task);
	transfer_complete(d, first_key, 9015);
	let_retry_come(task);
	inform(d);
	assert_int_equal(empty(d)->method, CWMP_DOWNLOAD);
	respond_transfer(d, 1);
	transfer_complete(d, first_key, 9015);
	assert_text(task_text(task, "state"), "sent");
	assert_int_equal(open_transfers(d), 1);
	assert_int_equal(fault_count(d), 1);
	transfer_complete(d, key_of(task), 9015);
	assert_text(task_text(task, "state"), "queued");
	assert_int_equal(fault_count(d), 2);
}

static void test_success_of_an_earlier_attempt_is_success(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	respond_transfer(d, 1);
	const char *first_key = key_of(task);
	transfer_complete(d, first_key, 9011);
	let_retry_come(task);
	inform(d);
	assert_non_null(empty(d));
	respond_transfer(d, 1);
	uploaded(d, name_of(task));
	transfer_complete(d, first_key, 0);
	assert_text(task_text(task, "state"), "done");
}

static void test_transfer_complete_told_again_changes_nothing(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	send_task(d, upload_order, &task);
	respond_transfer(d, 1);
	for (int i = 0; i < 2; i++) {
		const struct cwmp_message *response = transfer_complete(d, key_of(task), 9018);
		assert_int_equal(response->kind, CWMP_RESPONSE);
		assert_text(task_text(task, "state"), "failed");
	}
	assert_int_equal(fault_count(d), 1);
	assert_text(events_of(d), "transfer complete");
	assert_text(event_detail(d, "transfer complete", "fault.code"), "9018");
}

static void test_scheduled_download_carries_its_windows(void **state)
{
	struct device *d = modern_device();
	int64_t task;
	(void)state;
	const struct cwmp_schedule_download *sent =
		&send_modern_task(d, scheduled_order, &task)->request.schedule_download;
	assert_text(sent->url, "http://x/fw");
	assert_text(sent->file_type, "1 Firmware Upgrade Image");
	assert_int_equal(sent->window_count, 2);
	assert_int_equal(sent->windows[0].end, 20);
	assert_int_equal(sent->windows[0].max_retries, 0);
	assert_text(sent->windows[1].mode, "4 Confirmation Needed");
	assert_text(sent->windows[1].user_message, "Now?");
	assert_int_equal(sent->windows[1].max_retries, -1);
	assert_int_equal(deadline_of(d), TRANSFER_SECONDS + 7200);
	assert_null(respond(d));
	assert_text(task_text(task, "awaits"), "transfer");
	transfer_complete(d, key_of(task), 9020);
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.code"), "9020");
}

static void test_scheduled_download_of_a_file_has_a_link_for_its_last_window(void **state)
{
	struct device *d = modern_device();
	const char *file = catalogue("firmware", "2.0");
	int64_t task;
	(void)state;
	const struct cwmp_schedule_download *sent = &send_modern_task(d,
		arena_printf(lab.arena,
			"{'method': 'ScheduleDownload', 'file': '%s',"
			" 'windows': [{'start': 0, 'end': 100, 'mode': '2 Immediately'}]}",
			file),
		&task)
							     ->request.schedule_download;
	assert_non_null(strstr(sent->url, file));
	assert_int_equal(sent->file_size, 4711);
	assert_int_equal(lab.link_expires, d->turn.now + 100 + TRANSFER_SECONDS + LINK_SECONDS);
	respond(d);
	inform(d, .version = "2.0");
	assert_text(task_text(task, "state"), "done");
}

static void test_cancelled_transfer_fails_its_task(void **state)
{
	struct device *d = modern_device();
	int64_t task, cancel;
	(void)state;
	send_modern_task(d, scheduled_order, &task);
	respond(d);
	const struct cwmp_message *request = send_modern_task(d,
		arena_printf(
			lab.arena, "{'method': 'CancelTransfer', 'task': '%lld'}", (long long)task),
		&cancel);
	assert_int_equal(request->method, CWMP_CANCEL_TRANSFER);
	assert_text(request->request.command_key, key_of(task));
	assert_null(respond(d));
	assert_true(has_settled(d, task));
	assert_true(has_settled(d, cancel));
	assert_text(task_text(task, "state"), "failed");
	assert_text(task_text(task, "fault.message"), "cancelled by CancelTransfer");
	assert_text(task_text(cancel, "state"), "done");
	assert_int_equal(open_transfers(d), 0);
}

static void test_transfer_that_cannot_be_cancelled_goes_on(void **state)
{
	struct device *d = modern_device();
	int64_t task, cancel;
	(void)state;
	send_modern_task(d, scheduled_order, &task);
	respond(d);
	send_modern_task(d,
		arena_printf(lab.arena, "{'method': 'CancelTransfer', 'command_key': '%s'}",
			key_of(task)),
		&cancel);
	respond_fault(d, 9021);
	assert_text(task_text(cancel, "fault.code"), "9021");
	assert_text(task_text(task, "state"), "sent");
}

static void test_cancelling_what_was_never_sent_fails(void **state)
{
	struct device *d = modern_device();
	(void)state;
	const int64_t later = queue(d, "{'method': 'Upload', 'file_type': '2 Vendor Log File',"
				       " 'not_before': '2200-01-01T00:00:00Z'}");
	const int64_t cancel = queue(
		d, arena_printf(lab.arena, "{'method': 'CancelTransfer', 'task': '%lld'}",
			   (long long)later));
	inform(d, .supported_versions = "1.4");
	assert_null(empty(d));
	assert_text(task_text(cancel, "state"), "failed");
	assert_text(task_text(cancel, "fault.message"), "task: began no transfer of this device");
}

static void test_only_a_transfer_of_the_device_can_be_cancelled(void **state)
{
	struct device *d = modern_device(), *other = modern_device();
	int64_t module;
	(void)state;
	send_modern_task(d, install_order, &module);
	respond(d);
	const int64_t tasks[] = { module, queue(d, "{'method': 'Reboot'}"),
		queue(other, upload_order), 999999999 };
	for (size_t i = 0; i < LENGTH_OF(tasks); i++)
		assert_text(verdict_on(d, arena_printf(lab.arena,
						  "{'method': 'CancelTransfer', 'task': '%lld'}",
						  (long long)tasks[i])),
			"no-transfer");
}

static void test_cancelling_a_transfer_ends_no_change_of_modules(void **state)
{
	struct device *d = modern_device();
	int64_t module, cancel;
	(void)state;
	send_modern_task(d, install_order, &module);
	respond(d);
	send_modern_task(d,
		arena_printf(lab.arena, "{'method': 'CancelTransfer', 'command_key': '%s'}",
			key_of(module)),
		&cancel);
	respond(d);
	assert_text(task_text(cancel, "state"), "done");
	assert_text(task_text(module, "state"), "sent");
}

static const struct cwmp_message *respond_queued(struct device *d)
{
	static struct cwmp_queued_transfer items[] = {
		{ "17.1", 2, true, "1 Firmware Upgrade Image", 4711, "fw" },
	};
	struct cwmp_message *m = answer_to(d);
	m->response.queued = (struct cwmp_queued_transfers){ items, LENGTH_OF(items) };
	return post(d, m);
}

static void test_queued_transfers_are_told(void **state)
{
	struct device *d = modern_device();
	int64_t some, all;
	(void)state;
	send_modern_task(d, "{'method': 'GetQueuedTransfers'}", &some);
	respond_queued(d);
	assert_text(task_text(some, "result.transfers.0.command_key"), "17.1");
	assert_text(task_text(some, "result.transfers.0.state"), "2");
	assert_null(task_text(some, "result.transfers.0.file_type"));
	send_modern_task(d, "{'method': 'GetAllQueuedTransfers'}", &all);
	respond_queued(d);
	assert_text(task_text(all, "result.transfers.0.is_download"), "true");
	assert_text(task_text(all, "result.transfers.0.file_type"), "1 Firmware Upgrade Image");
	assert_text(task_text(all, "result.transfers.0.file_size"), "4711");
	assert_text(task_text(all, "result.transfers.0.target_file_name"), "fw");
}

static void test_change_of_modules_awaits_its_completion(void **state)
{
	struct device *d = modern_device();
	struct cwmp_du_result results[] = {
		{ .uuid = UUID,
			.deployment_unit_ref = "Device.X.1",
			.version = "1.0",
			.current_state = "Installed",
			.resolved = true,
			.execution_unit_refs = "",
			.start_time = CWMP_UNKNOWN_TIME,
			.complete_time = CWMP_UNKNOWN_TIME,
			.fault = { 0, "" },
			.operation = "" },
	};
	int64_t task;
	(void)state;
	const struct cwmp_change_du_state *sent =
		&send_modern_task(d, install_order, &task)->request.change_du_state;
	assert_int_equal(sent->count, 2);
	assert_int_equal(sent->operations[0].kind, CWMP_DU_INSTALL);
	assert_text(sent->operations[0].password, "secret");
	assert_text(sent->operations[1].uuid, UUID);
	assert_null(respond(d));
	assert_text(task_text(task, "awaits"), "transfer");
	transfer_complete(d, "", 0); /* of something else: it settles no change of modules */
	assert_text(task_text(task, "state"), "sent");
	const struct cwmp_message *response = du_state_change_complete(
		d, CWMP_DU_STATE_CHANGE_COMPLETE, key_of(task), results, LENGTH_OF(results));
	assert_int_equal(response->kind, CWMP_RESPONSE);
	assert_true(has_settled(d, task));
	assert_text(task_text(task, "state"), "done");
	assert_text(task_text(task, "result.results.0.current_state"), "Installed");
	assert_text(task_text(task, "result.results.0.resolved"), "true");
	assert_null(task_text(task, "result.results.0.fault"));
}

static void test_change_of_modules_fails_with_its_first_fault_and_keeps_results(void **state)
{
	struct device *d = modern_device();
	struct cwmp_du_result results[] = {
		{ UUID, "", "1.0", "Installed", true, "", "", "", { 0, "" }, "" },
		{ UUID, "", "1.0", "Failed", false, "", "", "", { 9015, "no server" }, "" },
		{ UUID, "", "1.0", "Failed", false, "", "", "", { 9028, "unknown" }, "" },
	};
	int64_t task;
	(void)state;
	send_modern_task(d, install_order, &task);
	respond(d);
	du_state_change_complete(
		d, CWMP_DU_STATE_CHANGE_COMPLETE, key_of(task), results, LENGTH_OF(results));
	assert_text(task_text(task, "state"), "failed"); /* 9015 may pass, but not by itself */
	assert_text(task_text(task, "fault.code"), "9015");
	assert_text(task_text(task, "result.results.2.fault.code"), "9028");
	assert_text(fault_of(d), "DUStateChangeComplete 9015");
	assert_text(event_detail(d, "du state change complete", "command_key"), key_of(task));
}

static void test_change_of_modules_that_never_ends_is_unknown(void **state)
{
	static const struct db_statement make_overdue = {
		.name = "lab_overdue",
		.sql = "UPDATE transfer SET deadline = now() WHERE task_id = $1",
	};
	struct device *d = modern_device();
	int64_t task;
	(void)state;
	send_modern_task(d, install_order, &task);
	inform(d); /* its answer is lost: it is not sent again */
	assert_null(empty(d));
	LAB_ASK(&make_overdue, db_int(lab.arena, task));
	sweep();
	assert_text(task_text(task, "fault.message"),
		"outcome unknown: no DUStateChangeComplete came in time");
}

static void test_passwords_of_operations_are_not_shown(void **state)
{
	struct device *d = modern_device();
	(void)state;
	struct db_question question = db_question(lab.arena);
	tasks_get(&question, queue(d, install_order));
	const char *shown = secrets_task(lab.arena, only_text(lab_ask(&question)), "");
	assert_non_null(strstr(shown, "http://x/du"));
	assert_null(strstr(shown, "secret"));
	assert_null(strstr(shown, "password"));
}

static void test_scheduled_inform_is_sent_once(void **state)
{
	struct device *d = known_device();
	int64_t task;
	(void)state;
	const struct cwmp_schedule_inform *sent = &send_task(
		d, "{'method': 'ScheduleInform', 'delay_seconds': 60}", &task)
							   ->request.schedule_inform;
	assert_int_equal(sent->delay_seconds, 60);
	assert_text(sent->command_key, key_of(task));
	inform(d); /* the answer is lost */
	assert_text(task_text(task, "state"), "failed");
	assert_null(empty(d));
	inform(d, .event = "M ScheduleInform", .command_key = key_of(task));
	assert_text(task_text(task, "state"), "done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_upload_without_a_url_comes_into_the_catalogue),
		LAB_TEST(test_upload_done_at_once_names_its_file),
		LAB_TEST(test_upload_told_done_at_once_without_a_file_fails),
		LAB_TEST(test_upload_told_complete_without_a_file_fails),
		LAB_TEST(test_a_file_that_was_there_before_did_not_come),
		LAB_TEST(test_upload_to_a_url_of_the_operators_has_no_file_here),
		LAB_TEST(test_upload_whose_answer_was_lost_awaits_its_transfer_complete),
		LAB_TEST(test_upload_that_failed_in_passing_is_sent_again),
		LAB_TEST(test_fault_told_again_does_not_fail_the_next_attempt),
		LAB_TEST(test_success_of_an_earlier_attempt_is_success),
		LAB_TEST(test_transfer_complete_told_again_changes_nothing),
		LAB_TEST(test_scheduled_download_carries_its_windows),
		LAB_TEST(test_scheduled_download_of_a_file_has_a_link_for_its_last_window),
		LAB_TEST(test_cancelled_transfer_fails_its_task),
		LAB_TEST(test_transfer_that_cannot_be_cancelled_goes_on),
		LAB_TEST(test_cancelling_what_was_never_sent_fails),
		LAB_TEST(test_only_a_transfer_of_the_device_can_be_cancelled),
		LAB_TEST(test_cancelling_a_transfer_ends_no_change_of_modules),
		LAB_TEST(test_queued_transfers_are_told),
		LAB_TEST(test_change_of_modules_awaits_its_completion),
		LAB_TEST(test_change_of_modules_fails_with_its_first_fault_and_keeps_results),
		LAB_TEST(test_change_of_modules_that_never_ends_is_unknown),
		LAB_TEST(test_passwords_of_operations_are_not_shown),
		LAB_TEST(test_scheduled_inform_is_sent_once),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
