/* Tests of the parts of a fleet that are arithmetic: histogram, mix, template, heap, addresses and the
 * rule by which counters change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/fleet/addresses.h"
#include "cpe/fleet/device.h"
#include "cpe/fleet/due.h"
#include "cpe/fleet/histogram.h"
#include "cpe/fleet/mix.h"
#include "cpe/fleet/model.h"
#include "cpe/fleet/statistics.h"
#include "cpe/fleet/template.h"

static void test_percentiles_are_at_most_a_64th_too_long(void **state)
{
	(void)state;
	static struct histogram histogram;
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i * 10);
	for (unsigned percent = 1; percent <= 100; percent++) {
		const uint64_t exact = percent * UINT64_C(10000);
		const uint64_t told = histogram_percentile(&histogram, percent / 100.0);
		assert_true(told >= exact && told <= exact + exact / 64);
	}
	assert_int_equal(histogram.longest, 1000000);
}

static void test_short_durations_are_exact_and_endless_ones_are_kept(void **state)
{
	(void)state;
	static struct histogram histogram;
	assert_int_equal(histogram_percentile(&histogram, 0.5), 0);
	histogram_add(&histogram, 7);
	assert_int_equal(histogram_percentile(&histogram, 0.5), 7);
	histogram_add(&histogram, UINT64_MAX);
	assert_true(histogram_percentile(&histogram, 1) == UINT64_MAX ||
		    histogram_percentile(&histogram, 1) > UINT64_C(1) << 35);
	assert_true(histogram.longest == UINT64_MAX);
}

static void test_mix_draws_by_weight(void **state)
{
	(void)state;
	struct mix mix;
	char why[100];
	unsigned drawn[REASON_COUNT] = { 0 };
	assert_true(mix_parse(&mix, "periodic=90,boot=5,value-change=5,bootstrap=0", why, 100));
	for (unsigned i = 0; i < 100; i++)
		drawn[mix_draw(&mix, i)]++;
	assert_int_equal(drawn[REASON_PERIODIC], 90);
	assert_int_equal(drawn[REASON_BOOT], 5);
	assert_int_equal(drawn[REASON_VALUE_CHANGE], 5);
	assert_int_equal(drawn[REASON_BOOTSTRAP], 0);
}

static void test_last_weight_of_a_reason_counts(void **state)
{
	(void)state;
	struct mix mix;
	char why[100];
	assert_true(mix_parse(&mix, "boot=7,boot=2", why, sizeof(why)));
	assert_int_equal(mix.total, 2);
}

static void test_what_is_no_mix_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "periodic", "periodic=", "periodic=-1", "=1",
		"pending=1", "periodic=1;boot=1", "periodic=9999999999", "weekly=1", "boot=0" };
	struct mix mix;
	char why[100];
	for (size_t i = 0; i < LENGTH_OF(wrong); i++)
		assert_false(mix_parse(&mix, wrong[i], why, sizeof(why)));
}

static void fill(unsigned gap, struct buffer *out, void *arg)
{
	buffer_printf(out, "%s%u", (const char *)arg, gap);
}

static void assert_rendered(const char *text, const char *expected)
{
	struct template *template = template_new(text, strlen(text));
	struct buffer out = { 0 };
	buffer_append_text(&out, "");
	template_render(template, &out, fill, "gap ");
	assert_string_equal(out.data, expected);
	buffer_clear(&out);
	template_free(template);
}

static void test_gaps_are_filled_where_they_stand(void **state)
{
	(void)state;
	assert_rendered("a{{7}}b{{0}}{{123}}c", "agap 7bgap 0gap 123c");
	assert_rendered("{{1}}", "gap 1");
}

static void test_braces_that_are_no_gap_stay(void **state)
{
	(void)state;
	assert_rendered("{{x}} {{1} {1}} {{}} {{{2}}", "{{x}} {{1} {1}} {{}} {gap 2");
	assert_rendered("", "");
	assert_rendered("end {{", "end {{");
}

static void test_heap_gives_what_is_due_first(void **state)
{
	(void)state;
	struct due due = { 0 };
	struct due_entry first;
	uint64_t random = 1, last = 0;
	for (uint32_t i = 0; i < 5000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		due_add(&due, random >> 50, i);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		assert_true(due_first(&due, &first));
		assert_true(first.due_us >= last);
		last = first.due_us;
		due_remove_first(&due);
	}
	assert_false(due_first(&due, &first));
	due_clear(&due);
}

static void test_addresses_leave_out_network_and_broadcast(void **state)
{
	(void)state;
	struct address_range range;
	char text[INET_ADDRSTRLEN];
	assert_true(address_range_parse(&range, "127.0.0.0/8"));
	assert_int_equal(range.count, (1 << 24) - 2);
	address_range_text(&range, 0, text);
	assert_string_equal(text, "127.0.0.1");
	address_range_text(&range, range.count - 1, text);
	assert_string_equal(text, "127.255.255.254");
	address_range_text(&range, range.count, text);
	assert_string_equal(text, "127.0.0.1");
	assert_true(address_range_parse(&range, "127.0.0.9"));
	address_range_text(&range, 5, text);
	assert_string_equal(text, "127.0.0.9");
}

static void test_what_is_no_range_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "127.0.0.0/", "127.0.0.0/0", "127.0.0.0/33",
		"127.0.0.0/8x", "::1/128", "localhost/8", "127.0.0/8" };
	struct address_range range;
	for (size_t i = 0; i < LENGTH_OF(wrong); i++)
		assert_false(address_range_parse(&range, wrong[i]));
}

/* The rule as it is told, turn by turn. */
static void test_counters_change_in_turn(void **state)
{
	(void)state;
	for (unsigned count = 1; count <= 7; count++)
		for (unsigned change = 1; change <= count; change++) {
			uint32_t expected[7] = { 0 };
			for (uint32_t session = 0; session <= 30; session++) {
				for (unsigned i = 0; session && i < change; i++)
					expected[((session - 1) * change + i) % count] = session;
				for (unsigned i = 0; i < count; i++)
					assert_int_equal(
						counter_last_change(i, count, change, session),
						expected[i]);
			}
		}
}

static void test_names_beyond_the_room_share_the_last_place(void **state)
{
	(void)state;
	struct counted list[2] = { 0 };
	count_one(list, 2, "timeout");
	count_one(list, 2, "http-503");
	count_one(list, 2, "timeout");
	count_one(list, 2, "tls");
	assert_int_equal(list[0].count, 2);
	assert_string_equal(list[1].name, "http-503");
	assert_int_equal(list[1].count, 2);
}

/* Besides its nonce (some 100 bytes) that is all that a device without orders of its own takes. */
static void test_a_device_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct fleet_device) <= 96);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentiles_are_at_most_a_64th_too_long),
		cmocka_unit_test(test_short_durations_are_exact_and_endless_ones_are_kept),
		cmocka_unit_test(test_mix_draws_by_weight),
		cmocka_unit_test(test_last_weight_of_a_reason_counts),
		cmocka_unit_test(test_what_is_no_mix_is_refused),
		cmocka_unit_test(test_gaps_are_filled_where_they_stand),
		cmocka_unit_test(test_braces_that_are_no_gap_stay),
		cmocka_unit_test(test_heap_gives_what_is_due_first),
		cmocka_unit_test(test_addresses_leave_out_network_and_broadcast),
		cmocka_unit_test(test_what_is_no_range_is_refused),
		cmocka_unit_test(test_counters_change_in_turn),
		cmocka_unit_test(test_names_beyond_the_room_share_the_last_place),
		cmocka_unit_test(test_a_device_is_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
