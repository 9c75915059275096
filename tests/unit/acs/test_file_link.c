/* Download links: signed, alive for a while, good for one name only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "acs/files/files.h"

static const char base_url[] = "http://acs.example:7567";
static const uint8_t key[32] = { 1, 2, 3 };
static const uint8_t other_key[32] = { 1, 2, 4 };
enum { NOW = 1800000000, EXPIRES = NOW + 60 };

static int begin(void **state)
{
	*state = arena_new();
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

enum { DEVICE = 4711 };

static char *make(struct arena *arena, const uint8_t with_key[32], struct file_link link)
{
	return file_link_make(arena, base_url, with_key, &link);
}

static char *download(
	struct arena *arena, const uint8_t with_key[32], const char *name, time_t expires)
{
	return make(arena, with_key,
		(struct file_link){ FILE_LINK_DOWNLOAD, DEVICE, name, expires, NULL, NULL });
}

static bool checks(struct arena *arena, const uint8_t with_key[32], const char *path, time_t now,
	const char **name)
{
	struct file_link link;
	const bool ok = file_link_check(arena, with_key, FILE_LINK_DOWNLOAD, path, now, &link);
	*name = ok ? link.name : NULL;
	return ok;
}

static char *path_of(char *url)
{
	assert_non_null(url);
	assert_memory_equal(url, base_url, strlen(base_url));
	return url + strlen(base_url);
}

static void test_a_link_gives_its_name_back(void **state)
{
	struct arena *arena = *state;
	static const char *const names[] = { "image.bin", "a b/c%2f.bin", "größe?x=1&y#z", "..",
		"+" };
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		const char *name = NULL;
		const char *path = path_of(download(arena, key, names[i], EXPIRES));
		assert_null(strpbrk(path + 3, " ?#&"));
		assert_true(checks(arena, key, path, NOW, &name));
		assert_string_equal(name, names[i]);
	}
}

static void test_a_link_dies_when_its_time_is_over(void **state)
{
	struct arena *arena = *state;
	const char *name;
	const char *path = path_of(download(arena, key, "f", EXPIRES));
	assert_true(checks(arena, key, path, EXPIRES, &name));
	assert_false(checks(arena, key, path, EXPIRES + 1, &name));
}

static void test_a_token_has_one_spelling(void **state)
{
	struct arena *arena = *state;
	const char *name;
	char *path = path_of(download(arena, key, "f", EXPIRES));
	char *last = strrchr(path, '/') - 1;
	assert_true(checks(arena, key, path, NOW, &name));
	++*last; /* its two lowest bits are beyond the last byte */
	assert_false(checks(arena, key, path, NOW, &name));
}

static void test_a_time_beyond_32_bits_survives(void **state)
{
	struct arena *arena = *state;
	const char *name;
	const time_t far = ((time_t)1 << 36) + 5;
	const char *path = path_of(download(arena, key, "f", far));
	assert_true(checks(arena, key, path, far, &name));
	assert_false(checks(arena, key, path, far + 1, &name));
}

static void test_a_link_of_another_key_is_refused(void **state)
{
	struct arena *arena = *state;
	const char *name;
	assert_false(
		checks(arena, key, path_of(download(arena, other_key, "f", EXPIRES)), NOW, &name));
}

static void test_a_link_serves_its_own_purpose_only(void **state)
{
	struct arena *arena = *state;
	static const enum file_link_purpose purposes[] = { FILE_LINK_DOWNLOAD, FILE_LINK_UPLOAD };
	for (size_t i = 0; i < LENGTH_OF(purposes); i++) {
		const enum file_link_purpose other = purposes[!i];
		struct file_link link = { purposes[i], DEVICE, "f", EXPIRES, NULL, NULL };
		char *path = path_of(make(arena, key, link));
		assert_true(file_link_check(arena, key, purposes[i], path, NOW, &link));
		assert_false(file_link_check(arena, key, other, path, NOW, &link));
		path[1] = (char)other;
		assert_false(file_link_check(arena, key, other, path, NOW, &link));
	}
}

static void test_a_token_serves_no_other_name(void **state)
{
	struct arena *arena = *state;
	const char *name;
	char *path = path_of(download(arena, key, "fa", EXPIRES));
	path[strlen(path) - 1] = 'b';
	assert_false(checks(arena, key, path, NOW, &name));
}

static void test_every_changed_character_of_the_token_is_noticed(void **state)
{
	struct arena *arena = *state;
	const char *name;
	const char *path = path_of(download(arena, key, "f", EXPIRES));
	const size_t token_end = (size_t)(strrchr(path, '/') - path);
	for (size_t i = strlen("/d/"); i < token_end; i++) {
		char *changed = arena_strdup(arena, path);
		changed[i] = changed[i] == 'A' ? 'Q' : 'A';
		assert_false(checks(arena, key, changed, NOW, &name));
	}
}

static void test_a_link_tells_whose_it_is_and_brings_what_its_device_proves_itself_with(
	void **state)
{
	struct arena *arena = *state;
	static const int64_t devices[] = { 1, INT64_MAX };
	struct file_link links[2], read;
	for (size_t i = 0; i < LENGTH_OF(devices); i++) {
		links[i] = (struct file_link){ FILE_LINK_DOWNLOAD, devices[i], "f", EXPIRES, NULL,
			NULL };
		char *url = file_link_make(arena, base_url, key, &links[i]);
		assert_true(
			file_link_check(arena, key, FILE_LINK_DOWNLOAD, path_of(url), NOW, &read));
		assert_int_equal(read.device_id, devices[i]);
		assert_int_equal(read.expires, EXPIRES);
		assert_string_equal(read.username, links[i].username);
		assert_string_equal(read.password, links[i].password);
		assert_int_equal(strlen(read.password), 27);
		assert_null(strstr(url, read.password));
	}
	assert_string_not_equal(links[0].password, links[1].password);
	assert_string_not_equal(links[0].username, links[1].username);
}

static void test_paths_that_are_no_links_are_refused(void **state)
{
	struct arena *arena = *state;
	static const char *const paths[] = { "", "/", "/d/", "/d//", "/d/x", "/d/x/", "/d/x/f",
		"/e/x/f", "/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/f",
		"/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
		"/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/%00" };
	const char *name;
	for (size_t i = 0; i < LENGTH_OF(paths); i++)
		assert_false(checks(arena, key, paths[i], NOW, &name));
}

static void test_a_url_over_256_bytes_is_not_made(void **state)
{
	struct arena *arena = *state;
	char name[230];
	memset(name, 'n', sizeof(name));
	const size_t rest = strlen(base_url) + strlen("/d//") + 34;
	name[256 - rest] = '\0';
	assert_int_equal(strlen(download(arena, key, name, EXPIRES)), 256);
	name[256 - rest] = 'n';
	name[257 - rest] = '\0';
	assert_null(download(arena, key, name, EXPIRES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_link_gives_its_name_back, begin, end),
		cmocka_unit_test_setup_teardown(test_a_link_dies_when_its_time_is_over, begin, end),
		cmocka_unit_test_setup_teardown(test_a_token_has_one_spelling, begin, end),
		cmocka_unit_test_setup_teardown(test_a_time_beyond_32_bits_survives, begin, end),
		cmocka_unit_test_setup_teardown(test_a_link_of_another_key_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_link_serves_its_own_purpose_only, begin, end),
		cmocka_unit_test_setup_teardown(test_a_token_serves_no_other_name, begin, end),
		cmocka_unit_test_setup_teardown(
			test_every_changed_character_of_the_token_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_link_tells_whose_it_is_and_brings_what_its_device_proves_itself_with,
			begin, end),
		cmocka_unit_test_setup_teardown(
			test_paths_that_are_no_links_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_a_url_over_256_bytes_is_not_made, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
