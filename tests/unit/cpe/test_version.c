/* Tests of cpe/version: which version of CWMP is agreed, and which is offered after a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cpe/session/version.h"

static const char *agreed(const char *offered, enum cwmp_namespace ns, const char *use_version)
{
	const struct cwmp_message response = { .ns = ns, .use_version = use_version };
	return version_agreed(version_by_name(offered), &response)->name;
}

static void test_header_of_the_acs_decides(void **state)
{
	(void)state;
	assert_string_equal(agreed("1.4", CWMP_NS_1_2, "1.4"), "1.4");
	assert_string_equal(agreed("1.4", CWMP_NS_1_2, "1.1"), "1.1");
}

static void test_without_it_the_namespace_does(void **state)
{
	(void)state;
	assert_string_equal(agreed("1.4", CWMP_NS_1_0, NULL), "1.0");
	assert_string_equal(agreed("1.4", CWMP_NS_1_1, NULL), "1.1");
	assert_string_equal(agreed("1.4", CWMP_NS_1_2, NULL), "1.3");
	assert_string_equal(agreed("1.2", CWMP_NS_1_2, NULL), "1.2");
}

static void test_more_than_was_offered_is_never_agreed(void **state)
{
	(void)state;
	assert_string_equal(agreed("1.0", CWMP_NS_1_2, NULL), "1.0");
	assert_string_equal(agreed("1.2", CWMP_NS_1_2, "1.4"), "1.2");
	assert_string_equal(agreed("1.4", CWMP_NS_1_2, "9.9"), "1.3");
}

static void test_refused_version_is_followed_by_the_next_lower_and_the_lowest_by_the_first(
	void **state)
{
	(void)state;
	const struct options options = { .cwmp_version = "1.3" };
	const struct spoken_version *version = version_by_name("1.3");
	static const char *const names[] = { "1.2", "1.1", "1.0", "1.3" };
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		version = version_before(version, &options);
		assert_string_equal(version->name, names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_of_the_acs_decides),
		cmocka_unit_test(test_without_it_the_namespace_does),
		cmocka_unit_test(test_more_than_was_offered_is_never_agreed),
		cmocka_unit_test(
			test_refused_version_is_followed_by_the_next_lower_and_the_lowest_by_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
