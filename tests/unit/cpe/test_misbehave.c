/* Tests of cpe/misbehave: which modes are chosen, and what they make of requests, answers and texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cpe/misbehave.h"

static void test_modes_are_a_list(void **state)
{
	(void)state;
	struct misbehaviour misbehaviour = { 0 };
	char why[160];
	assert_true(misbehave_parse(
		&misbehaviour, "no-cookie,gpv-limit=7,bad-name=Device.A", why, sizeof(why)));
	assert_true(misbehave_parse(&misbehaviour, "bad-name=Device.B", why, sizeof(why)));
	assert_true(misbehaviour.no_cookie);
	assert_false(misbehaviour.close_each);
	assert_int_equal(misbehaviour.choice_count, 4);
	assert_int_equal(misbehaviour.choices[1].number, 7);
	assert_string_equal(misbehaviour.choices[3].text, "Device.B");
	misbehave_clear(&misbehaviour);
}

static void test_what_makes_no_sense_is_refused_with_a_reason(void **state)
{
	(void)state;
	static const char *const lists[] = { "politely", "gpv-limit", "gpv-limit=many",
		"no-cookie=1", "gpv-limit=4294967296", "gpv-limit=-1", "", "no-cookie,,close-each",
		"bad-name" };
	for (size_t i = 0; i < LENGTH_OF(lists); i++) {
		struct misbehaviour misbehaviour = { 0 };
		char why[160] = "";
		assert_false(misbehave_parse(&misbehaviour, lists[i], why, sizeof(why)));
		assert_string_not_equal(why, "");
		misbehave_clear(&misbehaviour);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes_are_a_list),
		cmocka_unit_test(test_what_makes_no_sense_is_refused_with_a_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
