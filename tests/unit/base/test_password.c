/* What is stored of passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/password.h"

static void test_a_password_matches_its_hash_and_no_other(void **state)
{
	(void)state;
	char hash[PASSWORD_HASH_BYTES];
	password_hash("correct horse", hash);
	assert_true(password_matches("correct horse", hash));
	assert_false(password_matches("correct horsf", hash));
	assert_false(password_matches("correct hors", hash));
	assert_false(password_matches("", hash));
	assert_null(strstr(hash, "correct"));
}

static void test_equal_passwords_have_different_hashes(void **state)
{
	(void)state;
	char a[PASSWORD_HASH_BYTES], b[PASSWORD_HASH_BYTES];
	password_hash("same", a);
	password_hash("same", b);
	assert_string_not_equal(a, b);
	assert_true(strncmp(a, "$scrypt$ln=15,r=8,p=3$", 22) == 0);
}

/* By Python: hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride!!", n=1024, r=8, p=16, dklen=32). */
static void test_a_hash_of_other_cost_that_somebody_else_made_matches(void **state)
{
	(void)state;
	static const char hash[] =
		"$scrypt$ln=10,r=8,p=16$U29kaXVtQ2hsb3JpZGUhIQ$IHj47mC1FYUtXlvxNy9-ChEKt2fi_JdAeUTSlezl5GE";
	assert_true(password_matches("pleaseletmein", hash));
	assert_false(password_matches("pleaseletmeim", hash));
}

static void test_what_is_no_hash_matches_nothing(void **state)
{
	(void)state;
	static const char *const hashes[] = { NULL, "$scrypt$ln=15,r=8,p=3$$",
		"$scrypt$ln=0,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$scrypt$ln=99,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=1$AAAA$AAAA" };
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		assert_false(password_matches("", hashes[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_password_matches_its_hash_and_no_other),
		cmocka_unit_test(test_equal_passwords_have_different_hashes),
		cmocka_unit_test(test_a_hash_of_other_cost_that_somebody_else_made_matches),
		cmocka_unit_test(test_what_is_no_hash_matches_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
