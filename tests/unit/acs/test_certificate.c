/* Client certificates: whose they are, in the forms that vendors use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "acs/certificate.h"
#include "base/compiler.h"

static const char usual[] =
	"{oui}-{product_class}-{serial}, {oui}-{serial}, {oui} {serial}";
static const struct cwmp_device_id router = { "Lab", "00D09E", "HG/7100", "S/1" };
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

static bool names(const char *forms, const char *text)
{
	return certificate_names_device(arena, forms, text, &router);
}

static void test_every_usual_form_is_recognised(void **state)
{
	(void)state;
	static const char *const texts[] = { "00D09E-HG/7100-S/1", "00d09e-HG/7100-S/1",
		"00D09E-HG%2f7100-S%2F1", "%300D09E-S/1", "00D09E S/1", "other\n00D09E S/1" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_true(names(usual, texts[i]));
}

static void test_a_name_of_another_device_is_none_of_ours(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "00D09E-HG/7100-S/2", "00D09F-S/1",
		"00D09E-hg/7100-S/1", "00D09E-s/1", "00D09E-S/1x", "x00D09E-S/1", "00D09E",
		"00D09E-HG/7100", "S/1", "00D09E-S%2", "00D09E-S%252F1", "\n\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(names(usual, texts[i]));
	assert_false(names(usual, NULL));
}

/* "00D09E-A-B-C" could be four devices' name. */
static void test_what_separates_words_is_encoded_within_them(void **state)
{
	(void)state;
	static const struct cwmp_device_id split_early = { "Lab", "00D09E", "A", "B-C" },
					   split_late = { "Lab", "00D09E", "A-B", "C" },
					   without_class = { "Lab", "00D09E", "", "A-B-C" };
	static const struct {
		const struct cwmp_device_id *device;
		const char *name;
	} cases[] = { { &split_early, "00D09E-A-B%2DC" }, { &split_late, "00D09E-A%2DB-C" },
		{ &without_class, "00D09E-A%2DB%2DC" } };
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		for (size_t j = 0; j < LENGTH_OF(cases); j++)
			assert_int_equal(certificate_names_device(arena, usual, cases[j].name,
						 cases[i].device),
				i == j);
	assert_false(certificate_names_device(arena, usual, "00D09E-A-B-C", &split_early));
	assert_false(certificate_names_device(arena, usual, "00D09E-A-B-C", &without_class));
	static const struct cwmp_device_id posing = { "Lab", "FFFFFF", "", "00D09E-S1" };
	static const char with_serial[] = "{oui}-{serial}, {serial}";
	assert_false(certificate_names_device(arena, with_serial, "00D09E-S1", &posing));
	assert_true(certificate_names_device(arena, "{serial}", "00D09E-S1", &posing));
}

static void test_a_mac_address_is_one_however_it_is_written(void **state)
{
	(void)state;
	static const struct cwmp_device_id phone = { "Lab", "00D09E", "", "00D09E12ab34" },
					   dotted = { "Lab", "00D09E", "", "00d0.9e12.AB34" },
					   longer = { "Lab", "00D09E", "", "00D09E12AB34F" },
					   no_mac = { "Lab", "00D09E", "", "00D09E12AB3" };
	static const char *const texts[] = { "00D09E12AB34", "00:d0:9e:12:ab:34",
		"00-D0-9E-12-AB-34", "00D0.9E12.AB34" };
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		assert_true(certificate_names_device(arena, "{mac}", texts[i], &phone));
		assert_true(certificate_names_device(arena, "{mac}", texts[i], &dotted));
		assert_false(certificate_names_device(arena, "{mac}", texts[i], &longer));
		assert_false(certificate_names_device(arena, "{mac}", texts[i], &no_mac));
	}
	assert_true(certificate_names_device(arena, "{oui}-{mac}", "00D09E-00D09E12AB34", &phone));
	assert_false(certificate_names_device(arena, "{mac}", "00:D0:9E:12:AB:35", &phone));
	assert_false(certificate_names_device(arena, "{mac}", "00:D0:9E:12:AB", &phone));
	assert_false(certificate_names_device(arena, "{mac}", "00D09E12AB34:", &phone));
}

static void test_a_certificate_of_a_whole_type_needs_its_own_form(void **state)
{
	(void)state;
	assert_true(names("{oui}-{product_class}", "00D09E-HG/7100"));
	assert_true(names("device.{oui}.example", "device.00D09E.example"));
	assert_false(names("{oui}-{product_class}", "00D09E-HG/7100-S/1"));
}

static void test_forms_without_a_word_are_refused(void **state)
{
	(void)state;
	assert_true(certificate_forms_are_good(usual));
	static const char *const bad[] = { "", " , ", "everyone", "{oui}, everyone", "{name}",
		"{oui" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(certificate_forms_are_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_usual_form_is_recognised),
		cmocka_unit_test(test_a_name_of_another_device_is_none_of_ours),
		cmocka_unit_test(test_what_separates_words_is_encoded_within_them),
		cmocka_unit_test(test_a_mac_address_is_one_however_it_is_written),
		cmocka_unit_test(test_a_certificate_of_a_whole_type_needs_its_own_form),
		cmocka_unit_test(test_forms_without_a_word_are_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
