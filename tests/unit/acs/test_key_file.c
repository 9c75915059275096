/* Tests of acs/key_file: where keys come from, in which order, and which files are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "acs/key_file.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static char folder[] = "/tmp/acs-test-keys-XXXXXX";
static char path[64], why[512];
static struct config config;
static struct keyring *ring;
static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/secret.key", folder);
	config = (struct config){ .data.dir = folder,
		.secrets = { .key = "", .old_keys = "", .key_file = "", .parameters = "" } };
	ring = keyring_new();
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	keyring_free(ring);
	unlink(path);
	rmdir(folder);
	return 0;
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

/* Does the ring open what this key has sealed? */
static bool opens(const char *hex)
{
	uint8_t key[SEAL_KEY_BYTES];
	size_t sealed_length, length;
	assert_true(hex_decode(hex, key, sizeof(key)));
	const uint8_t *sealed = seal(arena, key, "x", 1, &sealed_length);
	return keyring_unseal(ring, arena, "", sealed, sealed_length, &length);
}

static void test_an_absent_file_is_made_for_its_owner_alone(void **state)
{
	struct stat file;
	(void)state;
	assert_true(key_file_read(&config, ring, why, sizeof(why)));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_int_equal(file.st_size, 65);
}

static void test_a_file_that_is_named_must_be_there(void **state)
{
	(void)state;
	config.secrets.key_file = path;
	assert_false(key_file_read(&config, ring, why, sizeof(why)));
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_every_line_opens(void **state)
{
	(void)state;
	write_file(ONE "\n" TWO "\n", 0600);
	assert_true(key_file_read(&config, ring, why, sizeof(why)));
	assert_true(opens(ONE));
	assert_true(opens(TWO));
}

static void test_the_setting_stands_before_the_file(void **state)
{
	(void)state;
	write_file(ONE, 0600);
	config.secrets.key = TWO;
	assert_true(key_file_read(&config, ring, why, sizeof(why)));
	assert_true(opens(TWO));
	assert_false(opens(ONE));
	config.secrets.old_keys = ONE;
	assert_true(key_file_read(&config, ring, why, sizeof(why)));
	assert_true(opens(ONE));
}

static void test_a_new_key_stands_before_the_old_ones(void **state)
{
	char text[200] = "";
	(void)state;
	write_file(ONE, 0600);
	assert_true(key_file_add(&config, why, sizeof(why)));
	FILE *file = fopen(path, "r");
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 2 * 64 + 1);
	fclose(file);
	assert_string_equal(text + 65, ONE);
	assert_true(key_file_read(&config, ring, why, sizeof(why)));
	assert_true(opens(ONE));
	config.secrets.key = TWO;
	assert_false(key_file_add(&config, why, sizeof(why)));
}

static void test_what_holds_no_keys_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "11", ONE "1", ONE " x", "g" ONE };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		write_file(texts[i], 0600);
		assert_false(key_file_read(&config, ring, why, sizeof(why)));
		assert_non_null(strstr(why, "64 hex digits"));
		assert_null(strstr(why, "11"));
	}
}

static void test_a_file_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0644 };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(modes); i++) {
		write_file(ONE, modes[i]);
		assert_false(key_file_read(&config, ring, why, sizeof(why)));
		assert_non_null(strstr(why, "chmod 600"));
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_absent_file_is_made_for_its_owner_alone),
		TEST(test_a_file_that_is_named_must_be_there),
		TEST(test_every_line_opens),
		TEST(test_the_setting_stands_before_the_file),
		TEST(test_a_new_key_stands_before_the_old_ones),
		TEST(test_what_holds_no_keys_is_refused),
		TEST(test_a_file_that_others_may_read_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
