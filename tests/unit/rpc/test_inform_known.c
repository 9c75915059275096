/* What a node is told of a device's latest Inform is what another one stored of it. */
#include "rpc/inform_known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct device_inform inform = {
	.oui = "00D09E", .serial_number = "1", .root = "Device."
};

static const struct inform_known *known_of_values(struct arena *arena, size_t count)
{
	struct parameter *parameters = arena_array(arena, count, sizeof(*parameters));
	for (size_t i = 0; i < count; i++)
		parameters[i] = (struct parameter){ .name = arena_printf(arena, "Device.P%zu", i),
			.type = "xsd:string",
			.value = "v" };
	return inform_known_of(arena, &inform, 7, parameters, count, "ha1");
}

static void test_what_was_stored_is_known_again(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct inform_known *told = known_of_values(arena, 10);
	const struct inform_known *known = inform_known_from(
		arena, inform_known_bytes(arena, told));
	const struct parameter same = { .name = "Device.P3", .type = "xsd:string", .value = "v" },
			       other = { .name = "Device.P3", .type = "xsd:string", .value = "w" };
	assert_non_null(known);
	assert_memory_equal(known->hash, told->hash, DEVICE_HASH_BYTES);
	assert_true(inform_knows(known, &same));
	assert_false(inform_knows(known, &other));
	arena_free(arena);
}

static void test_bytes_that_were_spoilt_have_another_hash(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct inform_known *told = known_of_values(arena, 2);
	const struct db_bytes stored = inform_known_bytes(arena, told);
	char *spoilt = arena_memdup(arena, stored.bytes, stored.length);
	for (size_t i = 0; i < stored.length; i++) {
		spoilt[i] ^= 1;
		const struct inform_known *known = inform_known_from(
			arena, (struct db_bytes){ spoilt, stored.length });
		assert_memory_not_equal(known->hash, told->hash, DEVICE_HASH_BYTES);
		spoilt[i] ^= 1;
	}
	assert_memory_not_equal(
		inform_known_from(arena, (struct db_bytes){ stored.bytes, stored.length - 1 })
			->hash,
		told->hash, DEVICE_HASH_BYTES);
	arena_free(arena);
}

static void test_too_little_and_nothing_are_not_known(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_null(inform_known_from(arena, (struct db_bytes){ NULL, 0 }));
	assert_null(inform_known_from(arena, (struct db_bytes){ "short", 5 }));
	arena_free(arena);
}

static void test_more_values_than_a_narrow_row_bears_are_not_stored(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_non_null(inform_known_bytes(arena, known_of_values(arena, 64)).bytes);
	assert_null(inform_known_bytes(arena, known_of_values(arena, 65)).bytes);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_stored_is_known_again),
		cmocka_unit_test(test_bytes_that_were_spoilt_have_another_hash),
		cmocka_unit_test(test_too_little_and_nothing_are_not_known),
		cmocka_unit_test(test_more_values_than_a_narrow_row_bears_are_not_stored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
