/* test_config: defaults, file, environment and command line, and what is told about mistakes.
 * Files are written for each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "acs/config.h"
#include "base/buffer.h"

enum { MOST_ARGUMENTS = 8, LONGEST_ARGUMENT = 120 };

static struct config config;
static struct buffer why;
static char file_path[] = "/tmp/acs-test-config-XXXXXX";
static char argument_texts[MOST_ARGUMENTS][LONGEST_ARGUMENT];
static char *arguments[MOST_ARGUMENTS];
static int arguments_count;

static int new_file(void **state)
{
	(void)state;
	memcpy(file_path + sizeof(file_path) - 7, "XXXXXX", 6);
	close(mkstemp(file_path));
	arguments_count = 0;
	return 0;
}

static int clear(void **state)
{
	(void)state;
	config_clear(&config);
	buffer_clear(&why);
	unlink(file_path);
	return 0;
}

static void write_file(const char *text)
{
	FILE *file = fopen(file_path, "w");
	fputs(text, file);
	fclose(file);
}

/* Writable copies, as a program's arguments are. */
static void add_argument(const char *text)
{
	char *copy = argument_texts[arguments_count];
	snprintf(copy, LONGEST_ARGUMENT, "%s", text);
	arguments[arguments_count++] = copy;
}

static void add_file_argument(void)
{
	add_argument("--config");
	add_argument(file_path);
}

static bool load(void)
{
	return config_load(&config, &arguments_count, arguments, &why);
}

static void must_load(void)
{
	const bool ok = load();
	assert_string_equal(why.data ? why.data : "", "");
	assert_true(ok);
}

/* why holds the text behind the file's name and a colon. */
static void assert_told(const char *text)
{
	char expected[300];
	snprintf(expected, sizeof(expected), "%s:%s", file_path, text);
	if (!why.data || !strstr(why.data, expected))
		fail_msg("\"%s\" is not in:\n%s", expected, why.data);
}

static void test_defaults_hold_where_nothing_is_said(void **state)
{
	(void)state;
	must_load();
	assert_string_equal(config.cwmp.listen, "[::]:7547");
	assert_string_equal(config.files.listen, "[::]:7567");
	assert_string_equal(config.admin.listen, "127.0.0.1:7557");
	assert_string_equal(config.cwmp.tls_listen, "");
	assert_int_equal(config.cwmp.auth, AUTH_DIGEST);
	assert_false(config.cwmp.basic_over_http);
	assert_true(config.admin.auth);
	assert_int_equal(config.cwmp.body_bytes, 32 << 20);
	assert_int_equal(config.files.max_bytes, 256 << 20);
	assert_int_equal(config.tasks.retry_seconds, 60);
	assert_int_equal(config.tasks.attempts, 5);
	assert_true(config.tasks.wake_for_retry);
	assert_string_equal(config.log.level, "info");
	assert_int_equal(config.data.dir[0], '/');
}

static void test_the_command_line_beats_the_environment_beats_the_file(void **state)
{
	(void)state;
	write_file("[cwmp]\nrealm = file\nlisten = file:1\nauth = none\n");
	setenv("ACS_CWMP_REALM", "environment", 1);
	setenv("ACS_CWMP_LISTEN", "environment:1", 1);
	add_file_argument();
	add_argument("--cwmp.realm=line");
	must_load();
	unsetenv("ACS_CWMP_REALM");
	unsetenv("ACS_CWMP_LISTEN");
	assert_string_equal(config.cwmp.realm, "line");
	assert_string_equal(config.cwmp.listen, "environment:1");
	assert_int_equal(config.cwmp.auth, AUTH_NONE);
}

static void test_a_value_may_stand_behind_equals_or_in_the_next_argument(void **state)
{
	(void)state;
	add_argument("serve");
	add_argument("--cwmp.auth=basic");
	add_argument("--cwmp.sessions");
	add_argument("17");
	add_argument("--other");
	must_load();
	assert_int_equal(config.cwmp.auth, AUTH_BASIC);
	assert_int_equal(config.cwmp.sessions, 17);
	assert_int_equal(arguments_count, 2);
	assert_string_equal(arguments[0], "serve");
	assert_string_equal(arguments[1], "--other");
}

static void test_every_mistake_is_told_with_its_line(void **state)
{
	(void)state;
	write_file("; a comment\n"
		   "[cwmp]\n"
		   "sessions = many\n"
		   "body_bytes = 12Q\n"
		   "auth = kerberos\n"
		   "basic_over_http = maybe\n"
		   "colour = red\n"
		   "realm = fine\n"
		   "nonce_seconds = 0\n"
		   "[log]\n"
		   "level = loud\n");
	add_file_argument();
	assert_false(load());
	assert_told("3: cwmp.sessions: must be a number from 1 to ");
	assert_told("4: cwmp.body_bytes: must be a number from ");
	assert_told("5: cwmp.auth: must be one of none basic digest");
	assert_told("6: cwmp.basic_over_http: must be true or false");
	assert_told("7: cwmp.colour: no such setting");
	assert_told("9: cwmp.nonce_seconds: must be ");
	assert_told("11: log.level: must be one of error warning info debug");
	assert_string_equal(config.cwmp.realm, "fine");
}

static void test_a_line_that_is_no_setting_is_told(void **state)
{
	(void)state;
	write_file("[cwmp]\nnonsense\n");
	add_file_argument();
	assert_false(load());
	assert_told("2: ");
}

static void test_sizes_take_units(void **state)
{
	(void)state;
	write_file(
		"[cwmp]\nbody_bytes = 64k\n[files]\nmax_bytes = 2G\n[admin]\nbody_bytes = 4096\n");
	add_file_argument();
	must_load();
	assert_int_equal(config.cwmp.body_bytes, 65536);
	assert_true(config.files.max_bytes == UINT64_C(2) << 30);
	assert_int_equal(config.admin.body_bytes, 4096);
}

static void test_a_size_that_overflows_is_refused(void **state)
{
	(void)state;
	write_file("[files]\nmax_bytes = 18446744073709551615G\n");
	add_file_argument();
	assert_false(load());
	assert_told("2: files.max_bytes: must be ");
}

/* Continuation lines are not for us: an indented setting is a setting. */
static void test_indented_settings_are_settings(void **state)
{
	(void)state;
	write_file("[cwmp]\n\trealm = one\n\tauth = none\n  sessions = 9\n");
	add_file_argument();
	must_load();
	assert_string_equal(config.cwmp.realm, "one");
	assert_int_equal(config.cwmp.auth, AUTH_NONE);
	assert_int_equal(config.cwmp.sessions, 9);
}

static void test_a_line_too_long_to_be_read_is_told_and_not_cut(void **state)
{
	(void)state;
	char text[1200];
	snprintf(text, sizeof(text),
		"[database]\nurl = postgresql://%0400d\n[cwmp]\nsessions = x\n  ; %0400d\n", 1, 2);
	write_file(text);
	add_file_argument();
	assert_false(load());
	assert_null(strstr(why.data, ":5: "));
	assert_told("2: the line is too long");
	assert_told("4: cwmp.sessions: ");
}

static void test_a_file_that_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	add_argument("--config=/nowhere/acs.conf");
	assert_false(load());
	assert_non_null(strstr(why.data, "/nowhere/acs.conf: cannot be read: "));
}

static const char secret_key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void test_secrets_vanish_from_the_command_line(void **state)
{
	(void)state;
	add_argument("--database.url=postgresql://u:geheim@h/d");
	add_argument("--secrets.key");
	add_argument(secret_key);
	must_load();
	assert_string_equal(config.database.url, "postgresql://u:geheim@h/d");
	assert_string_equal(config.secrets.key, secret_key);
	for (int i = 0; i < 3; i++) {
		assert_null(strstr(argument_texts[i], "geheim"));
		assert_null(strstr(argument_texts[i], secret_key));
	}
}

static void test_urls_that_may_hold_secrets_vanish_from_the_command_line(void **state)
{
	(void)state;
	static const char url[] = "https://acs.example/?token=geheim";
	add_argument("--cwmp.redirect_url=https://acs.example/?token=geheim");
	add_argument("--cwmp.kicked_next_url");
	add_argument(url);
	must_load();
	assert_string_equal(config.cwmp.redirect_url, url);
	assert_string_equal(config.cwmp.kicked_next_url, url);
	assert_non_null(strstr(argument_texts[0], "--cwmp.redirect_url=xxx"));
	for (int i = 0; i < 3; i++)
		assert_null(strstr(argument_texts[i], "geheim"));
}

static void test_secrets_vanish_from_the_environment_and_outlive_a_reload(void **state)
{
	(void)state;
	struct config fresh;
	setenv("ACS_SECRETS_KEY", secret_key, 1);
	const char *const value = getenv("ACS_SECRETS_KEY");
	must_load();
	assert_string_equal(config.secrets.key, secret_key);
	assert_null(getenv("ACS_SECRETS_KEY"));
	assert_string_not_equal(value, secret_key);
	assert_true(config_reload(&fresh, &config, &why));
	assert_string_equal(fresh.secrets.key, secret_key);
	config_clear(&fresh);
}

static void test_keys_are_held_to_their_form(void **state)
{
	(void)state;
	add_argument("--secrets.old_keys");
	add_argument(secret_key);
	must_load();
	config_clear(&config);
	arguments_count = 0;
	write_file("[secrets]\nold_keys = 0011, 2233\n");
	add_file_argument();
	assert_false(load());
	assert_told("2: secrets.old_keys: must be keys of 64 hex digits");
}

static void test_a_setting_without_value_at_the_end_is_told(void **state)
{
	(void)state;
	add_argument("--cwmp.listen");
	assert_false(load());
	assert_string_equal(why.data, "--cwmp.listen: wants a value\n");
}

static void test_a_tls_listener_wants_its_certificate(void **state)
{
	(void)state;
	add_argument("--cwmp.tls_listen=[::]:7548");
	assert_false(load());
	assert_non_null(strstr(why.data, "tls.certificate"));
}

static void test_who_expects_introductions_names_the_proxies(void **state)
{
	(void)state;
	add_argument("--files.proxy_protocol=true");
	assert_false(load());
	assert_string_equal(why.data, "server.proxies: needed for proxy_protocol\n");
	config_clear(&config);
	buffer_reset(&why);
	arguments_count = 0;
	add_argument("--files.proxy_protocol=true");
	add_argument("--server.proxies=10.0.0.10, fd00::/64");
	must_load();
}

static void test_texts_with_a_form_are_held_to_it(void **state)
{
	(void)state;
	write_file("[secrets]\n"
		   "key = 0123\n"
		   "[connection_request]\n"
		   "allow = 10.0.0.0/8, 192.0.2.0/33\n"
		   "[cwmp]\n"
		   "exempt_addresses = proxy.example\n"
		   "[files]\n"
		   "public_url = ftp://files.example/\n");
	add_file_argument();
	assert_false(load());
	assert_told("2: secrets.key: must be 64 hex digits");
	assert_told("4: connection_request.allow: must be address ranges");
	assert_told("6: cwmp.exempt_addresses: must be address ranges");
	assert_told("8: files.public_url: must be an http or https URL");
}

static void test_control_characters_are_refused(void **state)
{
	(void)state;
	static const char *const arguments_of[] = { "--cwmp.realm=a\nb", "--cwmp.realm=a\tb",
		"--cwmp.realm=a\x7f", "--admin.hosts=a\rb", "--secrets.parameters=\x01",
		"--database.url=postgresql://h/d\n" };
	for (size_t i = 0; i < sizeof(arguments_of) / sizeof(arguments_of[0]); i++) {
		arguments_count = 0;
		buffer_reset(&why);
		add_argument(arguments_of[i]);
		assert_false(load());
		config_clear(&config);
	}
}

static void test_what_limits_client_certificates_wants_an_authority(void **state)
{
	(void)state;
	add_argument("--tls.revoked=/tmp/revoked");
	add_argument("--tls.client_certificate_is_enough=true");
	assert_false(load());
	assert_string_equal(why.data,
		"tls.revoked: means nothing without tls.client_ca\n"
		"tls.client_certificate_is_enough: means nothing without tls.client_ca\n");
	config_clear(&config);
	buffer_reset(&why);
	arguments_count = 0;
	add_argument("--tls.revoked=/tmp/revoked");
	add_argument("--tls.client_ca=/tmp/ca.pem");
	must_load();
}

static void test_texts_of_good_form_are_taken(void **state)
{
	(void)state;
	add_argument("--connection_request.allow=10.0.0.0/8, fd00::/8,192.0.2.7");
	add_argument("--cwmp.exempt_addresses=100.64.0.0/10");
	add_argument("--files.public_url=https://files.example/acs/");
	must_load();
	assert_string_equal(config.connection_request.allow, "10.0.0.0/8, fd00::/8,192.0.2.7");
	assert_string_equal(config.cwmp.exempt_addresses, "100.64.0.0/10");
	assert_string_equal(config.files.public_url, "https://files.example/acs");
}

static void test_files_that_cannot_be_read_are_told(void **state)
{
	(void)state;
	add_argument("--tls.certificate=/nowhere/cert.pem");
	add_argument("--tls.key");
	add_argument(file_path);
	must_load();
	assert_false(config_check_files(&config, &why));
	assert_string_equal(why.data,
		"tls.certificate: /nowhere/cert.pem: cannot be read: No such file or directory\n");
}

static void test_a_reload_reads_the_file_again_and_keeps_what_the_command_line_said(void **state)
{
	(void)state;
	struct config fresh;
	write_file("[log]\nlevel = error\n[cwmp]\nsessions = 5\nrealm = old\n");
	setenv("ACS_CWMP_SESSIONS", "6", 1);
	add_file_argument();
	add_argument("--log.level=debug");
	add_argument("--cwmp.auth=basic");
	must_load();
	write_file("[log]\nlevel = warning\n[cwmp]\nsessions = 7\nrealm = new\nauth = none\n");
	const bool ok = config_reload(&fresh, &config, &why);
	unsetenv("ACS_CWMP_SESSIONS");
	assert_true(ok);
	assert_string_equal(fresh.log.level, "debug");
	assert_int_equal(fresh.cwmp.auth, AUTH_BASIC);
	assert_int_equal(fresh.cwmp.sessions, 6);
	assert_string_equal(fresh.cwmp.realm, "new");
	config_clear(&fresh);
}

/* What the sample says in comments is what holds without a file. */
static void test_the_sample_uncommented_loads_and_changes_nothing(void **state)
{
	(void)state;
	char line[400];
	FILE *sample = tmpfile(), *file = fopen(file_path, "w");
	config_print_sample(sample);
	rewind(sample);
	int settings = 0;
	while (fgets(line, sizeof(line), sample)) {
		const bool is_setting = strncmp(line, "; ", 2) == 0 && strstr(line, " = ") &&
					strcspn(line + 2, " ") == strcspn(line + 2, "=") - 1;
		/* The data folder depends on who runs the server. */
		const bool is_used = is_setting && strncmp(line, "; dir", 5) != 0;
		settings += is_used;
		fputs(is_used ? line + 2 : line, file);
	}
	fclose(sample);
	fclose(file);
	assert_true(settings > 50);
	add_file_argument();
	must_load();
	assert_string_equal(config.cwmp.listen, "[::]:7547");
	assert_int_equal(config.cwmp.body_bytes, 32 << 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_file, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults_hold_where_nothing_is_said),
		TEST(test_the_command_line_beats_the_environment_beats_the_file),
		TEST(test_a_value_may_stand_behind_equals_or_in_the_next_argument),
		TEST(test_every_mistake_is_told_with_its_line),
		TEST(test_a_line_that_is_no_setting_is_told),
		TEST(test_sizes_take_units),
		TEST(test_a_size_that_overflows_is_refused),
		TEST(test_indented_settings_are_settings),
		TEST(test_a_line_too_long_to_be_read_is_told_and_not_cut),
		TEST(test_a_file_that_cannot_be_read_is_an_error),
		TEST(test_secrets_vanish_from_the_command_line),
		TEST(test_secrets_vanish_from_the_environment_and_outlive_a_reload),
		TEST(test_keys_are_held_to_their_form),
		TEST(test_a_setting_without_value_at_the_end_is_told),
		TEST(test_a_tls_listener_wants_its_certificate),
		TEST(test_who_expects_introductions_names_the_proxies),
		TEST(test_texts_with_a_form_are_held_to_it),
		TEST(test_texts_of_good_form_are_taken),
		TEST(test_control_characters_are_refused),
		TEST(test_what_limits_client_certificates_wants_an_authority),
		TEST(test_urls_that_may_hold_secrets_vanish_from_the_command_line),
		TEST(test_files_that_cannot_be_read_are_told),
		TEST(test_a_reload_reads_the_file_again_and_keeps_what_the_command_line_said),
		TEST(test_the_sample_uncommented_loads_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
