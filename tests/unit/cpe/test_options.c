/* Tests of cpe/options: both spellings, secrets, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/options.h"
#include "cpe/session/version.h"

enum { ARGUMENTS_MAX = 24 };

struct command_line {
	int argc;
	char *argv[ARGUMENTS_MAX];
	struct options options;
};

/* Copies the words behind what every command line needs, and parses. */
static bool parse(struct command_line *line, const char *const *words)
{
	static const char *const needed[] = { "cpe", "--acs-url", "http://acs/",
		"--data-model=m.csv", "--state-dir", "d" };
	*line = (struct command_line){ 0 };
	for (size_t i = 0; i < LENGTH_OF(needed); i++)
		line->argv[line->argc++] = strdup(needed[i]);
	for (; *words; words++)
		line->argv[line->argc++] = strdup(*words);
	return options_parse(&line->options, line->argc, line->argv);
}

static void clear(struct command_line *line)
{
	for (int i = 0; i < line->argc; i++)
		free(line->argv[i]);
	options_clear(&line->options);
}

static void test_both_spellings_and_defaults(void **state)
{
	(void)state;
	struct command_line line;
	assert_true(parse(&line,
		(const char *[]){ "--serial=S 1", "--once", "--reboot-seconds", "0", NULL }));
	assert_string_equal(line.options.acs_url, "http://acs/");
	assert_string_equal(line.options.data_model, "m.csv");
	assert_string_equal(line.options.serial, "S 1");
	assert_true(line.options.once);
	assert_int_equal(line.options.reboot_seconds, 0);
	assert_string_equal(version_by_name(line.options.cwmp_version)->name, "1.2");
	clear(&line);
}

static void test_secrets_vanish_from_the_command_line(void **state)
{
	(void)state;
	struct command_line line;
	assert_true(parse(&line, (const char *[]){ "--password", "secret1",
					 "--connection-request-password=secret2", NULL }));
	assert_string_equal(line.options.password, "secret1");
	assert_string_equal(line.options.connection_request_password, "secret2");
	for (int i = 0; i < line.argc; i++)
		assert_null(strstr(line.argv[i], "secret"));
	clear(&line);
}

static void test_password_file_gives_user_and_password(void **state)
{
	(void)state;
	char path[] = "/tmp/cpe-password-XXXXXX";
	const int fd = mkstemp(path);
	assert_int_equal(write(fd, "user:pa:ss\nrest\n", 16), 16);
	close(fd);
	struct command_line line;
	assert_true(parse(&line, (const char *[]){ "--password-file", path, NULL }));
	assert_string_equal(line.options.username, "user");
	assert_string_equal(line.options.password, "pa:ss");
	clear(&line);
	assert_true(
		parse(&line, (const char *[]){ "--username=u", "--password-file", path, NULL }));
	assert_string_equal(line.options.password, "user:pa:ss");
	clear(&line);
	unlink(path);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	static const char *const words[][3] = {
		{ "--nothing" },
		{ "stray" },
		{ "--serial" },
		{ "--once=1" },
		{ "--reboot-seconds", "-1" },
		{ "--retry-scale", "fast" },
		{ "--cwmp-version", "2.0" },
		{ "--misbehave", "politely" },
		{ "--misbehave", "gpv-limit" },
		{ "--misbehave", "no-cookie=1" },
		{ "--client-cert", "c.pem" },
		{ "--password-file", "/nowhere/at/all" },
	};
	for (size_t i = 0; i < LENGTH_OF(words); i++) {
		struct command_line line;
		assert_false(parse(&line, words[i]));
		clear(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_spellings_and_defaults),
		cmocka_unit_test(test_secrets_vanish_from_the_command_line),
		cmocka_unit_test(test_password_file_gives_user_and_password),
		cmocka_unit_test(test_what_makes_no_sense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
