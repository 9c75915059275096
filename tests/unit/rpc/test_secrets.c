/* Tests of rpc/secrets: what is hidden in texts, XML and documents, and what is left as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "rpc/secrets.h"

#define S SECRET_SHOWN

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_urls_lose_user_info_and_query(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "http://h/a", "http://h/a" },
		{ "http://u:p@h:80/a", "http://" S "@h:80/a" },
		{ "http://u:p@ss@h/a", "http://" S "@h/a" },
		{ "https://h/a?token=1&b=2", "https://h/a?" S },
		{ "https://h/a?", "https://h/a?" },
		{ "http://h?x@y", "http://h?" S },
		{ "http://h/a@b", "http://h/a@b" },
		{ "got http://u@h/x?1 and \"ftp://v:w@i\"!", "got http://" S "@h/x?" S
							      " and \"ftp://" S "@i\"!" },
		{ "me@home? yes", "me@home? yes" },
		{ "://", "://" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_string_equal(secrets_text(arena, cases[i].text), cases[i].shown);
}

static void test_a_value_keeps_its_query(void **state)
{
	(void)state;
	assert_string_equal(secrets_value(arena, "http://u:p@h/a?b"), "http://" S "@h/a?b");
}

static void test_xml_loses_what_its_names_tell_to_be_secret(void **state)
{
	static const struct {
		const char *xml, *shown;
	} cases[] = {
		{ "<A>seen</A>", "<A>seen</A>" },
		{ "<Password>x</Password><B>y</B>", "<Password>" S "</Password><B>y</B>" },
		{ "<v:password a='1'>x</v:password>", "<v:password a='1'>" S "</v:password>" },
		{ "<W pin=\"1\" b=\"2\"/>", "<W pin=\"" S "\" b=\"2\"/>" },
		{ "<W a=\"x>'y\" pin=\"1\">z</W>", "<W a=\"x>'y\" pin=\"" S "\">z</W>" },
		{ "<Password><i>x</i></Password>", "<Password>" S "</Password>" },
		{ "<Password><![CDATA[x]]></Password>", "<Password>" S "</Password>" },
		{ "<Password/><B>y</B>", "<Password/><B>y</B>" },
		{ "<Password> </Password>", "<Password> </Password>" },
		{ "<Name>D.Password</Name><Value t=\"s\">x</Value><Value>y</Value>",
			"<Name>D.Password</Name><Value t=\"s\">" S "</Value><Value>y</Value>" },
		{ "<Name>D.A</Name><Value>x</Value>", "<Name>D.A</Name><Value>x</Value>" },
		{ "<U>http://u:p@h/</U>", "<U>http://" S "@h/</U>" },
		{ "<Code>x</Code>", "<Code>" S "</Code>" },
		{ "a < b", "a < b" },
		{ "<unfinished", "<unfinished" },
		{ "<Password>no end", "<Password>no end" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_string_equal(secrets_xml(arena, cases[i].xml, "Code"), cases[i].shown);
}

static void test_documents_are_hidden_at_any_depth(void **state)
{
	(void)state;
	static const char json[] =
		"{\"id\":\"7\",\"arguments\":{\"url\":\"http://h/?t\",\"password\":\"p\",\"operations\":[{\"password\":\"q\"}],"
		"\"parameters\":[{\"name\":\"D.PIN\",\"value\":12},{\"name\":\"D.Psk\",\"value\":\"\"},"
		"{\"name\":\"D.A\",\"value\":\"a\"}],\"vouchers\":[\"dg==\"]},\"result\":null}";
	assert_string_equal(secrets_task(arena, json, ""),
		"{\"id\":\"7\",\"arguments\":{\"url\":\"http://h/?" S "\",\"operations\":[{}],"
		"\"parameters\":[{\"name\":\"D.PIN\",\"value\":\"" S "\"},{\"name\":\"D.Psk\",\"value\":\"\"},"
		"{\"name\":\"D.A\",\"value\":\"a\"}],\"vouchers\":[\"" S "\"]},\"result\":null}");
}

static void test_a_fault_does_not_quote_a_tasks_secrets(void **state)
{
	(void)state;
	json_t *arguments = json_pack("{s:[{s:s,s:s}]}", "parameters", "name", "D.Password",
		"value", "hunter2");
	json_t *secrets = secrets_of(arguments, "");
	assert_string_equal(secrets_unquoted(arena, "hunter2: no, not 'hunter2'!", secrets),
		S ": no, not '" S "'!");
	assert_string_equal(secrets_unquoted(arena, "hunter", secrets), "hunter");
	json_decref(secrets);
	json_decref(arguments);
	secrets = secrets_of(NULL, "");
	assert_string_equal(secrets_unquoted(arena, "x", secrets), "x");
	json_decref(secrets);
}

static void test_words_of_onboarding_are_no_secrets(void **state)
{
	(void)state;
	json_t *task = json_pack("{s:s,s:[{s:s,s:s}]}", "method", "SetParameterValues",
		"parameters", "name", "D.Password", "value", "{connection-request-password}");
	assert_false(secrets_hide_onboarding(task, ""));
	assert_true(secrets_hide_arguments(task, ""));
	json_decref(task);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_urls_lose_user_info_and_query),
		TEST(test_a_value_keeps_its_query),
		TEST(test_xml_loses_what_its_names_tell_to_be_secret),
		TEST(test_documents_are_hidden_at_any_depth),
		TEST(test_a_fault_does_not_quote_a_tasks_secrets),
		TEST(test_words_of_onboarding_are_no_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
