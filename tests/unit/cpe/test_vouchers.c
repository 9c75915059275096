/* Tests of cpe/vouchers: options from vouchers, all of them or none, TR-069 Annex C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/crypto.h"
#include "cpe/vouchers.h"
#include "cwmp/cwmp.h"

struct fixture {
	struct arena *arena;
	json_t *options;
};

static int set_up(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .arena = arena_new(), .options = json_array() };
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_free(f->arena);
	json_decref(f->options);
	return 0;
}

static unsigned set(struct fixture *f, const char *first, const char *second)
{
	const char *items[2] = { base64_encode(f->arena, first, strlen(first)) };
	struct cwmp_strings vouchers = { items, 1 };
	if (second)
		items[vouchers.count++] = base64_encode(f->arena, second, strlen(second));
	return vouchers_set(f->options, f->arena, &vouchers);
}

static struct cwmp_options get(struct fixture *f, const char *name)
{
	struct cwmp_options out;
	vouchers_options(f->options, f->arena, name, &out);
	return out;
}

#define OPTION(name, mode) \
	"<Option><OptionIdent>" name "</OptionIdent><Mode>" mode "</Mode></Option>"

static void test_a_voucher_may_hold_several_options(void **state)
{
	assert_int_equal(
		set(*state, OPTION("A", "EnableWithoutExpiration") OPTION("B", "Disable"), NULL),
		0);
	const struct cwmp_options all = get(*state, "");
	assert_int_equal(all.count, 2);
	assert_string_equal(all.items[0].name, "A");
	assert_int_equal(all.items[0].mode, 2);
	assert_int_equal(all.items[0].state, 3);
	assert_int_equal(all.items[1].state, 2);
	assert_string_equal(all.items[1].start_date, CWMP_UNKNOWN_TIME);
	assert_int_equal(get(*state, "B").count, 1);
	assert_int_equal(get(*state, "C").count, 0);
}

static void test_a_later_voucher_replaces_the_option(void **state)
{
	assert_int_equal(set(*state, OPTION("A", "EnableWithoutExpiration"), NULL), 0);
	assert_int_equal(set(*state, OPTION("A", "Disable"), NULL), 0);
	assert_int_equal(get(*state, "").count, 1);
	assert_int_equal(get(*state, "A").items[0].mode, 0);
}

static void test_one_bad_voucher_of_several_changes_nothing(void **state)
{
	static const char *const bad[] = { "", "nothing", OPTION("", "Disable"),
		OPTION("A", "Perhaps"), "<Option><OptionIdent>A</OptionIdent>" };
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		assert_int_equal(set(*state, OPTION("A", "Disable"), bad[i]), 9003);
		assert_int_equal(get(*state, "").count, 0);
	}
	struct fixture *f = *state;
	struct cwmp_strings none = { 0 };
	assert_int_equal(vouchers_set(f->options, f->arena, &none), 9003);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_voucher_may_hold_several_options),
		TEST(test_a_later_voucher_replaces_the_option),
		TEST(test_one_bad_voucher_of_several_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
