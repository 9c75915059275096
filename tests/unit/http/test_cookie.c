/* A Cookie header tells its cookie in every form that devices use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "http/cookie.h"

static void test_a_cookie_is_found_in_every_form(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"acs-session=01ab",
		"acs-session=\"01ab\"",
		"other=1; acs-session=01ab",
		"other=1;acs-session=01ab;last=2",
		"other=1, acs-session=01ab, last=2",
		"$Version=\"0\"; acs-session=\"01ab\";$Path=/",
		"x-acs-session=1; acs-session=01ab",
		"acs-session-old=1; acs-session=01ab",
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(headers); i++) {
		const char *value = http_cookie(arena, headers[i], "acs-session");
		assert_non_null(value);
		assert_string_equal(value, "01ab");
	}
	arena_free(arena);
}

static void test_other_cookies_are_not_taken_for_it(void **state)
{
	(void)state;
	static const char *const headers[] = { "", "acs-session", "xacs-session=1", "acs-sessions=1",
		"other=acs-session", "other=xacs-session=1" };
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(headers); i++)
		assert_null(http_cookie(arena, headers[i], "acs-session"));
	assert_string_equal(http_cookie(arena, "acs-session=", "acs-session"), "");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cookie_is_found_in_every_form),
		cmocka_unit_test(test_other_cookies_are_not_taken_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
