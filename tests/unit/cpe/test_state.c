/* Tests of cpe/state and cpe/journal: what was saved is there again, and a folder has one owner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/file.h"
#include "cpe/journal.h"
#include "cpe/model/objects.h"
#include "cpe/state.h"

struct fixture {
	char dir[64];
	struct datamodel *model;
	struct state state;
};

static struct datamodel *load_model(void)
{
	char why[256];
	struct datamodel *model = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why));
	assert_non_null(model);
	return model;
}

static void open_state(struct fixture *f)
{
	char why[256] = "";
	if (!state_open(&f->state, f->dir, why, sizeof(why)))
		fail_msg("%s", why);
}

static void save(struct fixture *f)
{
	char why[256] = "";
	if (!state_save(&f->state, f->model, why, sizeof(why)))
		fail_msg("%s", why);
}

/* As after a power cut: nothing is written on the way out. */
static void restart(struct fixture *f)
{
	state_close(&f->state);
	datamodel_free(f->model);
	f->model = load_model();
	open_state(f);
	state_apply(&f->state, f->model);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ .dir = "/tmp/cpe-state-XXXXXX", .model = load_model() };
	assert_non_null(mkdtemp(fixture.dir));
	open_state(&fixture);
	*state = &fixture;
	return 0;
}

static void remove_file(const char *dir, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	state_close(&f->state);
	datamodel_free(f->model);
	remove_file(f->dir, "state.json");
	remove_file(f->dir, "lock");
	remove_file(f->dir, "journal.jsonl");
	return rmdir(f->dir);
}

static void test_new_folder_has_nothing_to_tell(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(f->state.bootstrapped_url, "");
	assert_int_equal(f->state.retry_count, 0);
	assert_int_equal(f->state.reboot, REBOOT_NONE);
	assert_int_equal(f->state.events.count, 0);
	assert_int_equal(transfers_count(&f->state.transfers), 0);
}

static void test_values_and_rows_come_back(void **state)
{
	struct fixture *f = *state;
	unsigned instance;
	node_set(datamodel_at(f->model, "WiFi.SSID.1.SSID"), "caf\xc3\xa9 \"x\"\n");
	assert_int_equal(objects_add(f->model, "Device.NAT.PortMapping.", &instance), 0);
	node_set(datamodel_at(f->model, "NAT.PortMapping.3.Description"), "mine");
	assert_int_equal(objects_delete(f->model, "Device.NAT.PortMapping.1."), 0);
	save(f);
	restart(f);
	assert_string_equal(datamodel_text(f->model, "WiFi.SSID.1.SSID"), "caf\xc3\xa9 \"x\"\n");
	assert_string_equal(datamodel_text(f->model, "NAT.PortMapping.3.Description"), "mine");
	assert_null(datamodel_at(f->model, "NAT.PortMapping.1."));
	assert_string_equal(datamodel_text(f->model, "NAT.PortMappingNumberOfEntries"), "2");
	save(f);
	restart(f);
	assert_string_equal(datamodel_text(f->model, "NAT.PortMapping.3.Description"), "mine");
}

static void test_deleted_instance_number_stays_used(void **state)
{
	struct fixture *f = *state;
	unsigned instance;
	assert_int_equal(objects_add(f->model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(objects_delete(f->model, "Device.NAT.PortMapping.3."), 0);
	save(f);
	restart(f);
	assert_int_equal(objects_add(f->model, "Device.NAT.PortMapping.", &instance), 0);
	assert_int_equal(instance, 4);
}

static void test_shown_values_are_not_kept(void **state)
{
	struct fixture *f = *state;
	datamodel_show(f->model, "DeviceInfo.UpTime", "999999");
	save(f);
	restart(f);
	assert_string_equal(datamodel_text(f->model, "DeviceInfo.UpTime"), "81290");
}

static void test_events_transfers_and_reboot_come_back(void **state)
{
	struct fixture *f = *state;
	const struct transfer_request request = { .kind = TRANSFER_SCHEDULED_DOWNLOAD,
		.command_key = "key",
		.file_type = "X CA",
		.url = "https://host/f",
		.username = "u",
		.password = "p",
		.file_size = 1234567890123,
		.target_file_name = "t",
		.not_before = 4102444800,
		.windows = { .items = { { .start = 5, .end = 9, .max_retries = -1 } },
			.count = 1,
			.tries = 2 } };
	struct transfer *transfer = transfers_add(&f->state.transfers, &request);
	transfer->phase = TRANSFER_FETCHED;
	transfer->started = 1740925267;
	events_add(&f->state.events, "M Download", "key");
	events_add_change(&f->state.events, "Device.X", false);
	state_set_text(&f->state.firmware_version, "7.7");
	json_array_append_new(f->state.reboot_command_keys, json_string("again"));
	f->state.reboot = REBOOT_BY_ACS;
	f->state.retry_count = 3;
	save(f);
	restart(f);
	transfer = transfers_first(&f->state.transfers, TRANSFER_FETCHED);
	assert_non_null(transfer);
	assert_int_equal(transfer->kind, TRANSFER_SCHEDULED_DOWNLOAD);
	assert_string_equal(transfer->command_key, "key");
	assert_string_equal(transfer->password, "p");
	assert_true(transfer->file_size == 1234567890123);
	assert_true(transfer->not_before == 4102444800);
	assert_int_equal(transfer->windows.items[0].max_retries, -1);
	assert_int_equal(transfer->windows.tries, 2);
	assert_int_equal(transfer->started, 1740925267);
	assert_true(events_have(&f->state.events, "M Download"));
	assert_true(events_have(&f->state.events, "4 VALUE CHANGE"));
	assert_string_equal(f->state.events.changes[0].name, "Device.X");
	assert_string_equal(
		json_string_value(json_array_get(f->state.reboot_command_keys, 0)), "again");
	assert_int_equal(f->state.reboot, REBOOT_BY_ACS);
	assert_int_equal(f->state.retry_count, 3);
	assert_string_equal(datamodel_text(f->model, "DeviceInfo.SoftwareVersion"), "7.7");
}

static void test_folder_in_use_is_refused(void **state)
{
	struct fixture *f = *state;
	struct state second;
	char why[256];
	assert_false(state_open(&second, f->dir, why, sizeof(why)));
	assert_non_null(strstr(why, "another agent"));
	state_close(&second);
}

static void test_broken_state_is_refused_not_forgotten(void **state)
{
	struct fixture *f = *state;
	char path[128], why[256];
	struct state second;
	snprintf(path, sizeof(path), "%s/state.json", f->dir);
	assert_true(file_replace(path, "{\"retry", 7, why, sizeof(why)));
	state_close(&f->state);
	assert_false(state_open(&second, f->dir, why, sizeof(why)));
	state_close(&second);
	assert_int_equal(unlink(path), 0);
	open_state(f);
}

static json_t *read_line(FILE *file)
{
	char line[512];
	assert_non_null(fgets(line, sizeof(line), file));
	json_error_t error;
	json_t *entry = json_loads(line, 0, &error);
	assert_non_null(entry);
	return entry;
}

static void test_journal_goes_on_after_a_line_cut_short(void **state)
{
	struct fixture *f = *state;
	char path[128], why[256], line[64];
	snprintf(path, sizeof(path), "%s/journal.jsonl", f->dir);
	assert_true(file_replace(path, "{\"cut", 5, why, sizeof(why)));
	struct journal *journal = journal_open(f->dir, why, sizeof(why));
	assert_non_null(journal);
	assert_true(journal_add(journal, "executed", json_pack("{s:s}", "method", "Reboot")));
	assert_true(journal_add(journal, "session", json_object()));
	journal_close(journal);
	FILE *file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	json_t *entry = read_line(file);
	assert_string_equal(json_string_value(json_object_get(entry, "kind")), "executed");
	assert_string_equal(json_string_value(json_object_get(entry, "method")), "Reboot");
	assert_non_null(json_object_get(entry, "time"));
	json_decref(entry);
	json_decref(read_line(file));
	fclose(file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_new_folder_has_nothing_to_tell),
		TEST(test_values_and_rows_come_back),
		TEST(test_deleted_instance_number_stays_used),
		TEST(test_shown_values_are_not_kept),
		TEST(test_events_transfers_and_reboot_come_back),
		TEST(test_folder_in_use_is_refused),
		TEST(test_broken_state_is_refused_not_forgotten),
		TEST(test_journal_goes_on_after_a_line_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
