/* Tests of cpe/cookies: what a session returns to which server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/session/cookies.h"

struct fixture {
	struct arena *arena;
	struct cookies cookies;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ .arena = arena_new() };
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_free(f->arena);
	return 0;
}

static void store(struct fixture *f, const char *authority, const char *value)
{
	const struct http_header header = { "set-cookie", value };
	cookies_store(&f->cookies, f->arena, authority, &header, 1);
}

static void assert_returns(struct fixture *f, const char *authority, const char *expected)
{
	const char *text = cookies_text(&f->cookies, f->arena, authority, "/acs?x=1");
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void test_several_cookies_are_returned_together(void **state)
{
	store(*state, "acs", "one=1; Path=/acs; HttpOnly");
	store(*state, "acs", "two=a=b");
	assert_returns(*state, "acs", "one=1; two=a=b");
}

static void test_path_keeps_a_cookie_to_whole_segments_below_it(void **state)
{
	store(*state, "acs", "a=1; Path=/acs/; HttpOnly");
	store(*state, "acs", "b=1; Path=/ac");
	store(*state, "acs", "c=1; path=/acs");
	assert_returns(*state, "acs", "c=1");
}

static void test_newer_value_replaces_the_older(void **state)
{
	store(*state, "acs", "session=old");
	store(*state, "acs", "session=new; Path=/");
	assert_returns(*state, "acs", "session=new");
}

static void test_cookies_stay_with_the_server_that_set_them(void **state)
{
	store(*state, "acs:7547", "a=1");
	store(*state, "other", "b=2");
	assert_returns(*state, "acs:7547", "a=1");
	assert_returns(*state, "other", "b=2");
	assert_returns(*state, "third", NULL);
}

static void test_server_takes_a_cookie_back(void **state)
{
	store(*state, "acs", "a=1");
	store(*state, "acs", "a=; Path=/; max-age=0");
	assert_returns(*state, "acs", NULL);
	store(*state, "acs", "a=1; Max-Age=60");
	assert_returns(*state, "acs", "a=1");
}

static void test_five_hundred_bytes_are_no_trouble(void **state)
{
	char value[600] = "big=";
	memset(value + 4, 'x', sizeof(value) - 5);
	store(*state, "acs", value);
	assert_returns(*state, "acs", value);
}

static void test_what_is_no_cookie_or_too_much_is_not_kept(void **state)
{
	struct fixture *f = *state;
	static const char *const none[] = { "", "=x", "name", "; Path=/" };
	for (size_t i = 0; i < LENGTH_OF(none); i++)
		store(f, "acs", none[i]);
	char *huge = calloc(1, COOKIE_BYTES_MAX + 10);
	assert_non_null(huge);
	memset(huge, 'x', COOKIE_BYTES_MAX + 5);
	huge[1] = '=';
	store(f, "acs", huge);
	free(huge);
	assert_returns(f, "acs", NULL);
	for (int i = 0; i < COOKIES_MAX + 5; i++)
		store(f, "acs", (const char[]){ (char)('a' + i), '=', '1', '\0' });
	assert_int_equal(f->cookies.count, COOKIES_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_several_cookies_are_returned_together),
		TEST(test_path_keeps_a_cookie_to_whole_segments_below_it),
		TEST(test_newer_value_replaces_the_older),
		TEST(test_cookies_stay_with_the_server_that_set_them),
		TEST(test_server_takes_a_cookie_back),
		TEST(test_five_hundred_bytes_are_no_trouble),
		TEST(test_what_is_no_cookie_or_too_much_is_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
