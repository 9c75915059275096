/* test_log: what a line looks like, whatever is in its values.
 * Standard error is a pipe for the length of each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "acs/log.h"

static int kept_stderr, pipe_ends[2];
static char line[2000];

static int redirect(void **state)
{
	(void)state;
	if (pipe(pipe_ends) != 0)
		return -1;
	kept_stderr = dup(STDERR_FILENO);
	dup2(pipe_ends[1], STDERR_FILENO);
	close(pipe_ends[1]);
	return log_set_level("info") ? 0 : -1;
}

static int restore(void **state)
{
	(void)state;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(pipe_ends[0]);
	return 0;
}

/* What was logged, from behind the time. One read, since one write made it. */
static const char *logged(void)
{
	const ssize_t length = read(pipe_ends[0], line, sizeof(line) - 1);
	assert_true(length > 0);
	line[length] = '\0';
	return strchr(line, ' ') + 1;
}

static void test_a_line_has_time_level_event_and_fields(void **state)
{
	(void)state;
	LOG_INFO("turn", LOG_TEXT("device", "00D09E-1"), LOG_NUMBER("bytes", -5));
	assert_string_equal(logged(), "level=info event=turn device=00D09E-1 bytes=-5\n");
	int year, month, day, hour, minute, second, ms, end = 0;
	assert_int_equal(sscanf(line, "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day,
				 &hour, &minute, &second, &ms, &end),
		7);
	assert_int_equal(end, strlen("time=2024-01-02T03:04:05.678Z"));
}

static void test_values_that_could_mislead_are_quoted(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "\"\"" },
		{ "two words", "\"two words\"" },
		{ "a=b", "\"a=b\"" },
		{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
		{ "back\\slash", "\"back\\\\slash\"" },
		{ "a\nlevel=error", "\"a\\nlevel=error\"" },
		{ "bell\a", "\"bell\\x07\"" },
		{ "\x7f", "\"\\x7f\"" },
		{ "esc\x1b[2J", "\"esc\\x1b[2J\"" },
		{ "\xc3\xa4", "\xc3\xa4" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char expected[100];
		snprintf(expected, sizeof(expected), "level=error event=test value=%s\n",
			cases[i].expected);
		LOG_ERROR("test", LOG_TEXT("value", cases[i].text));
		assert_string_equal(logged(), expected);
	}
}

static void test_a_missing_text_is_an_empty_one(void **state)
{
	(void)state;
	const char *nothing = NULL;
	LOG_WARNING("test", LOG_TEXT("value", nothing));
	assert_string_equal(logged(), "level=warning event=test value=\"\"\n");
}

static void test_levels_below_the_chosen_one_are_silent(void **state)
{
	(void)state;
	LOG_DEBUG("hidden", LOG_NUMBER("n", 1));
	assert_true(log_set_level("debug"));
	LOG_DEBUG("shown", LOG_NUMBER("n", 2));
	assert_string_equal(logged(), "level=debug event=shown n=2\n");
	assert_true(log_set_level("error"));
	assert_false(log_is_on(LOG_LEVEL_WARNING));
	assert_false(log_set_level("loud"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, redirect, restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_line_has_time_level_event_and_fields),
		TEST(test_values_that_could_mislead_are_quoted),
		TEST(test_a_missing_text_is_an_empty_one),
		TEST(test_levels_below_the_chosen_one_are_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
