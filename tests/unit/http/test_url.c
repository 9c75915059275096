/* URLs as devices and operators write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "http/http.h"
#include "http/url.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_urls_are_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host, *authority, *target;
		unsigned port;
		bool is_https;
	} cases[] = {
		{ "http://acs.example/", "acs.example", "acs.example", "/", 80, false },
		{ "HTTP://acs.example", "acs.example", "acs.example", "/", 80, false },
		{ "https://acs.example:7548/cwmp?x=1", "acs.example", "acs.example:7548",
			"/cwmp?x=1", 7548, true },
		{ "https://acs.example:443/a", "acs.example", "acs.example", "/a", 443, true },
		{ "http://[2001:db8::1]:7547/a", "2001:db8::1", "[2001:db8::1]:7547", "/a", 7547,
			false },
		{ "http://[::1]", "::1", "[::1]", "/", 80, false },
		{ "http://10.0.0.1?q", "10.0.0.1", "10.0.0.1", "/?q", 80, false },
		{ "http://h:/a#part", "h", "h", "/a", 80, false },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct http_url url;
		assert_true(http_url_parse(arena, cases[i].text, &url));
		assert_string_equal(url.host, cases[i].host);
		assert_string_equal(url.authority, cases[i].authority);
		assert_string_equal(url.target, cases[i].target);
		assert_int_equal(url.port, cases[i].port);
		assert_int_equal(url.is_https, cases[i].is_https);
	}
}

static void test_unusable_urls_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "acs.example", "ftp://a/", "http://", "http:///a",
		"http://user@h/", "http://user:pw@h/", "http://h:0/", "http://h:65536/",
		"http://h:8x/", "http://h h/", "http://h/a b", "http://h/a\r\nX: y",
		"http://h\x7f/", "http://[::1/", "http://[::1]x/", "http://[h]/", "http://h%00/",
		"http://h:80:80/" };
	struct http_url url;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_false(http_url_parse(arena, cases[i], &url));
	assert_false(http_url_parse(arena, NULL, &url));
}

static void test_a_location_is_resolved_against_its_url(void **state)
{
	(void)state;
	static const struct {
		const char *location, *resolved;
	} cases[] = {
		{ "https://other:1/x", "https://other:1/x" },
		{ "//other/x", "http://other/x" },
		{ "/x?y", "http://h:81/x?y" },
		{ "?y", "http://h:81/a/b?y" },
		{ "c", "http://h:81/a/c" },
		{ "./c", "http://h:81/a/c" },
		{ "../c", "http://h:81/c" },
		{ "../../../c?d=../e", "http://h:81/c?d=../e" },
		{ "..", "http://h:81/" },
		{ ".", "http://h:81/a/" },
		{ "", "http://h:81/a/b?q" },
		{ "#part", "http://h:81/a/b?q" },
		{ "c#part", "http://h:81/a/c" },
		{ "ftp://other/x", NULL },
		{ "http://user@other/x", NULL },
		{ "/a b", NULL },
	};
	struct http_url base;
	assert_true(http_url_parse(arena, "http://h:81/a/b?q", &base));
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const char *resolved = http_url_resolve(arena, &base, cases[i].location);
		if (cases[i].resolved)
			assert_string_equal(resolved, cases[i].resolved);
		else
			assert_null(resolved);
	}
}

static void test_percent_encoding_goes_both_ways(void **state)
{
	(void)state;
	assert_string_equal(http_percent_encode(arena, "a/b c~\xc3\xa9%"), "a%2Fb%20c~%C3%A9%25");
	assert_string_equal(http_percent_decode(arena, "a%2Fb%20c~%c3%A9%25+"), "a/b c~\xc3\xa9%+");
	assert_null(http_percent_decode(arena, "%00"));
	assert_null(http_percent_decode(arena, "%4"));
	assert_null(http_percent_decode(arena, "%zz"));
}

static void test_a_query_gives_its_first_value(void **state)
{
	(void)state;
	const char *query = "a=1&b=x+y%26&a=2&c&d=";
	assert_string_equal(http_query_value(arena, query, "a"), "1");
	assert_string_equal(http_query_value(arena, query, "b"), "x y&");
	assert_string_equal(http_query_value(arena, query, "c"), "");
	assert_string_equal(http_query_value(arena, query, "d"), "");
	assert_null(http_query_value(arena, query, "e"));
	assert_null(http_query_value(arena, "", "a"));
}

static void test_headers_are_found_in_any_case(void **state)
{
	(void)state;
	const struct http_header headers[] = { { "Host", "h" }, { "SOAPAction", "" },
		{ "host", "i" } };
	assert_string_equal(http_header(headers, LENGTH_OF(headers), "HOST"), "h");
	assert_string_equal(http_header(headers, LENGTH_OF(headers), "soapaction"), "");
	assert_null(http_header(headers, LENGTH_OF(headers), "Cookie"));
	assert_string_equal(http_reason(204), "No Content");
	assert_string_equal(http_reason(299), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls_are_taken_apart),
		cmocka_unit_test(test_unusable_urls_are_refused),
		cmocka_unit_test(test_a_location_is_resolved_against_its_url),
		cmocka_unit_test(test_percent_encoding_goes_both_ways),
		cmocka_unit_test(test_a_query_gives_its_first_value),
		cmocka_unit_test(test_headers_are_found_in_any_case),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
