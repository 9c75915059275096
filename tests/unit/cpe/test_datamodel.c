/* Tests of cpe/datamodel: our models and a real device's dump load, and paths find what they name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "cpe/model/datamodel.h"

struct counts {
	size_t objects, parameters;
};

static void count(const struct node *node, struct counts *counts)
{
	if (node->is_object)
		counts->objects++;
	else
		counts->parameters++;
	for (size_t i = 0; i < node->child_count; i++)
		count(node->children[i], counts);
}

static struct counts count_all(const struct datamodel *model)
{
	struct counts counts = { 0 };
	count(datamodel_root(model), &counts);
	return counts;
}

static struct datamodel *load(const char *path)
{
	char why[256] = "";
	struct datamodel *model = datamodel_load(path, why, sizeof(why));
	if (!model)
		fail_msg("%s: %s", path, why);
	return model;
}

static struct datamodel *parse(const char *rows)
{
	char why[256] = "", *csv = NULL;
	assert_true(asprintf(&csv, "Parameter,Object,Writable,Value,Value type\n%s", rows) > 0);
	struct datamodel *model = datamodel_parse(csv, strlen(csv), why, sizeof(why));
	free(csv);
	if (!model)
		print_message("refused: %s\n", why);
	return model;
}

static void test_our_models_load_with_identity_and_management_server(void **state)
{
	(void)state;
	static const struct {
		const char *path, *root;
		size_t objects, parameters;
	} models[] = {
		{ "cpe/models/gateway-tr098.csv", "InternetGatewayDevice.", 85, 544 },
		{ "cpe/models/gateway-tr181.csv", "Device.", 150, 922 },
		{ "cpe/models/phone-tr104.csv", "Device.", 93, 577 },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(models); i++) {
		struct datamodel *model = load(models[i].path);
		const struct counts counts = count_all(model);
		assert_string_equal(node_path(arena, datamodel_root(model)), models[i].root);
		assert_int_equal(counts.objects, models[i].objects);
		assert_int_equal(counts.parameters, models[i].parameters);
		assert_int_equal(strlen(model->identity.oui), 6);
		assert_string_equal(model->identity.serial_number,
			datamodel_text(model, "DeviceInfo.SerialNumber"));
		assert_int_equal(
			datamodel_number(model, "ManagementServer.CWMPRetryIntervalMultiplier", 0),
			2000);
		assert_true(datamodel_flag(model, "ManagementServer.PeriodicInformEnable"));
		datamodel_free(model);
	}
	arena_free(arena);
}

static void test_dump_of_a_real_device_loads_unchanged(void **state)
{
	(void)state;
	const char *shared = getenv("ACS_SHARED");
	char path[512];
	snprintf(path, sizeof(path), "%s/datamodels/huawei-bm632w.csv",
		shared ? shared : "../shared");
	if (access(path, R_OK) != 0)
		skip();
	struct datamodel *model = load(path);
	const struct counts counts = count_all(model);
	assert_int_equal(counts.parameters, 792);
	assert_int_equal(counts.objects, 210);
	assert_string_equal(model->identity.manufacturer, "Huawei Technologies Co., Ltd.");
	assert_string_equal(model->identity.serial_number, "8KA8WA1151100043");
	assert_string_equal(
		datamodel_text(model, "DeviceInfo.SoftwareVersion"), "V100R001IRQC56B017");
	datamodel_free(model);
}

static void test_final_dot_tells_objects_from_parameters(void **state)
{
	(void)state;
	struct datamodel *model = load("cpe/models/gateway-tr181.csv");
	assert_non_null(datamodel_find(model, ""));
	assert_non_null(datamodel_find(model, "Device."));
	assert_null(datamodel_find(model, "Device"));
	assert_non_null(datamodel_find(model, "Device.DeviceInfo."));
	assert_null(datamodel_find(model, "Device.DeviceInfo"));
	assert_non_null(datamodel_find(model, "Device.DeviceInfo.UpTime"));
	assert_null(datamodel_find(model, "Device.DeviceInfo.UpTime."));
	assert_null(datamodel_find(model, "Device..UpTime"));
	assert_null(datamodel_find(model, "device.DeviceInfo.UpTime"));
	datamodel_free(model);
}

static void test_rows_are_ordered_by_number(void **state)
{
	(void)state;
	struct datamodel *model = parse("D,true,false,,\nD.T,true,true,,\nD.T.10,true,true,,\n"
					"D.T.9,true,true,,\nD.T.100,true,true,,\n");
	const struct node *table = datamodel_at(model, "T.");
	assert_string_equal(table->children[0]->name, "9");
	assert_string_equal(table->children[1]->name, "10");
	assert_string_equal(table->children[2]->name, "100");
	assert_int_equal(table->last_instance, 100);
	datamodel_free(model);
}

static void test_passwords_read_back_empty(void **state)
{
	(void)state;
	struct datamodel *model = parse(
		"D.ManagementServer.Password,false,true,secret,xsd:string\n");
	struct node *node = datamodel_at(model, "ManagementServer.Password");
	assert_string_equal(node_readable(node), "");
	assert_string_equal(datamodel_text(model, "ManagementServer.Password"), "secret");
	datamodel_free(model);
}

static void test_broken_models_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",                                                       /* no root */
		"A.B,false,false,1,xsd:int\nC.D,false,false,1,xsd:int\n", /* two */
		"A.B,false,false,1,xsd:int\nA.B.C,false,false,1,xsd:int\n",
		"A.B,false,false,1\n",
		"A.B.,true,false,,\n",
		"A..B,false,false,1,xsd:int\n",
		"A.\"B\n",
	};
	for (size_t i = 0; i < LENGTH_OF(rows); i++)
		assert_null(parse(rows[i]));
	char why[64];
	assert_null(datamodel_parse("Name,Value\n", 11, why, sizeof(why)));
	assert_null(datamodel_load("cpe/models", why, sizeof(why)));
}

/* Twenty thousand parameters in one table and all of them found, in well under a second. */
static void test_large_trees_stay_fast(void **state)
{
	(void)state;
	enum { ROWS = 20000 };
	struct buffer csv = { 0 };
	for (int i = 0; i < ROWS; i++)
		buffer_printf(&csv, "D.T.%d.Value,false,true,%d,xsd:int\n", ROWS - i, i);
	struct datamodel *model = parse(csv.data);
	buffer_clear(&csv);
	const clock_t start = clock();
	char path[64];
	for (int i = 1; i <= ROWS; i++) {
		snprintf(path, sizeof(path), "D.T.%d.Value", i);
		assert_non_null(datamodel_find(model, path));
	}
	assert_true(clock() - start < CLOCKS_PER_SEC);
	datamodel_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_models_load_with_identity_and_management_server),
		cmocka_unit_test(test_dump_of_a_real_device_loads_unchanged),
		cmocka_unit_test(test_final_dot_tells_objects_from_parameters),
		cmocka_unit_test(test_rows_are_ordered_by_number),
		cmocka_unit_test(test_passwords_read_back_empty),
		cmocka_unit_test(test_broken_models_are_refused),
		cmocka_unit_test(test_large_trees_stay_fast),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
