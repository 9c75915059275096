/* What headers say, in the spellings that devices have for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/compiler.h"
#include "http/http.h"

static void test_the_charset_of_a_content_type_is_found_in_any_spelling(void **state)
{
	(void)state;
	static const struct {
		const char *content_type, *charset;
	} cases[] = {
		{ "text/xml; charset=utf-8", "utf-8" },
		{ "text/xml;charset=\"ISO-8859-1\"", "ISO-8859-1" },
		{ "text/xml ; Charset = utf8 ; x=y", "utf8" },
		{ "text/xml; version=1; CHARSET=latin1", "latin1" },
		{ "text/xml; xcharset=a; charset=b", "b" },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_string_equal(http_charset(arena, cases[i].content_type), cases[i].charset);
	arena_free(arena);
}

static void test_a_content_type_without_charset_has_none(void **state)
{
	(void)state;
	static const char *const types[] = { NULL, "", "text/xml", "text/xml;", "charset=utf-8",
		"text/xml; charset", "text/xml; charset=", "text/xml; charset=\"\"",
		"text/xml; charsets=a" };
	struct arena *arena = arena_new();
	for (size_t i = 0; i < LENGTH_OF(types); i++)
		assert_null(http_charset(arena, types[i]));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_charset_of_a_content_type_is_found_in_any_spelling),
		cmocka_unit_test(test_a_content_type_without_charset_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
