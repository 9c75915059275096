/* Tests of cpe/modules: what a module's file says, and how the tree shows what is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cpe/transfer/modules.h"

#define UUID "12345678-90ab-cdef-1234-567890ABCDEF"
#define OTHER "00000000-90ab-cdef-1234-567890ABCDEF"

struct fixture {
	struct datamodel *model;
	json_t *modules;
	unsigned last;
};

static int set_up(void **state)
{
	static struct fixture f;
	char why[256];
	f = (struct fixture){
		.model = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why)),
		.modules = json_array(),
	};
	assert_non_null(f.model);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	datamodel_free(f->model);
	json_decref(f->modules);
	return 0;
}

static void show(struct fixture *f)
{
	modules_show(f->model, f->modules, f->last);
}

static const char *shown(const struct fixture *f, const char *relative)
{
	return datamodel_text(f->model, relative);
}

static void test_head_of_a_module_names_it(void **state)
{
	(void)state;
	char good[] = "CPE-MODULE " UUID " 1.0 beta\r\ncode";
	const char *uuid, *version;
	assert_true(module_read_head(good, &uuid, &version));
	assert_string_equal(uuid, UUID);
	assert_string_equal(version, "1.0 beta");
	char bad[][100] = { "", "CPE-MODULE", "CPE-MODULE " UUID, "CPE-MODULE " UUID " \n",
		"CPE-MODULE 1234 1.0", "CPE-FIRMWARE 1.0",
		"CPE-MODULE " UUID " 123456789012345678901234567890123" };
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(module_read_head(bad[i], &uuid, &version));
}

static void test_nothing_is_shown_before_the_first_module(void **state)
{
	struct fixture *f = *state;
	show(f);
	assert_null(datamodel_at(f->model, "SoftwareModules."));
}

static void test_installed_module_is_shown_with_its_execution_unit(void **state)
{
	struct fixture *f = *state;
	assert_non_null(modules_add(f->modules, &f->last, UUID, "1.0", "http://f/1"));
	show(f);
	assert_string_equal(shown(f, "SoftwareModules.DeploymentUnit.1.UUID"), UUID);
	assert_string_equal(shown(f, "SoftwareModules.DeploymentUnit.1.URL"), "http://f/1");
	assert_string_equal(shown(f, "SoftwareModules.DeploymentUnit.1.ExecutionUnitList"),
		"Device.SoftwareModules.ExecutionUnit.1");
	assert_string_equal(shown(f, "SoftwareModules.ExecutionUnit.1.Status"), "Active");
	assert_string_equal(shown(f, "SoftwareModules.DeploymentUnitNumberOfEntries"), "1");
}

static void test_instance_of_a_removed_module_is_not_used_again(void **state)
{
	struct fixture *f = *state;
	modules_add(f->modules, &f->last, UUID, "1.0", "");
	show(f);
	modules_remove(f->modules, modules_find(f->modules, UUID, ""));
	modules_add(f->modules, &f->last, OTHER, "2.0", "");
	show(f);
	assert_null(datamodel_at(f->model, "SoftwareModules.DeploymentUnit.1."));
	assert_string_equal(shown(f, "SoftwareModules.DeploymentUnit.2.UUID"), OTHER);
	assert_string_equal(shown(f, "SoftwareModules.ExecutionUnitNumberOfEntries"), "1");
}

static void test_versions_of_a_module_are_told_apart(void **state)
{
	struct fixture *f = *state;
	modules_add(f->modules, &f->last, UUID, "1.0", "http://f/1");
	modules_add(f->modules, &f->last, UUID, "2.0", "http://f/2");
	assert_int_equal(modules_count(f->modules, UUID), 2);
	assert_ptr_equal(
		modules_find(f->modules, UUID, "2.0"), modules_find_url(f->modules, "http://f/2"));
	assert_null(modules_find(f->modules, UUID, "3.0"));
	assert_null(modules_find(f->modules, OTHER, ""));
}

static void test_there_is_room_for_so_many_modules(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < MODULES_MAX; i++)
		assert_non_null(modules_add(f->modules, &f->last, UUID, "1", ""));
	assert_null(modules_add(f->modules, &f->last, UUID, "1", ""));
}

static void test_only_one_environment_exists_and_it_can_be_disabled(void **state)
{
	struct fixture *f = *state;
	static const char only[] = "Device.SoftwareModules.ExecEnv.1";
	assert_int_equal(modules_check_environment(f->model, ""), 0);
	assert_int_equal(modules_check_environment(f->model, only), 0);
	assert_int_equal(
		modules_check_environment(f->model, "Device.SoftwareModules.ExecEnv.1."), 0);
	assert_int_equal(
		modules_check_environment(f->model, "Device.SoftwareModules.ExecEnv.11"), 9023);
	modules_add(f->modules, &f->last, UUID, "1", "");
	show(f);
	node_set(datamodel_at(f->model, "SoftwareModules.ExecEnv.1.Enable"), "false");
	show(f);
	assert_int_equal(modules_check_environment(f->model, only), 9024);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_head_of_a_module_names_it),
		TEST(test_nothing_is_shown_before_the_first_module),
		TEST(test_installed_module_is_shown_with_its_execution_unit),
		TEST(test_instance_of_a_removed_module_is_not_used_again),
		TEST(test_versions_of_a_module_are_told_apart),
		TEST(test_there_is_room_for_so_many_modules),
		TEST(test_only_one_environment_exists_and_it_can_be_disabled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
