/* Client certificates: whose they are, in the forms that vendors use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "acs/certificate.h"

static const char usual[] =
	"{oui}-{product_class}-{serial}, {oui}-{serial}, {oui} {serial}, {serial}";
static const struct cwmp_device_id router = { "Lab", "00D09E", "HG 7100", "S/1" };
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
	static const char *const texts[] = { "00D09E-HG 7100-S/1", "00d09e-HG 7100-S/1",
		"00D09E-HG%207100-S%2F1", "00D09E-S/1", "00D09E S/1", "S/1", "other\n00D09E S/1" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_true(names(usual, texts[i]));
}

static void test_a_name_of_another_device_is_none_of_ours(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "00D09E-HG 7100-S/2", "00D09F-S/1",
		"00D09E-hg 7100-S/1", "00D09E-s/1", "00D09E-S/1x", "x00D09E-S/1", "00D09E",
		"00D09E-HG 7100", "\n\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(names(usual, texts[i]));
	assert_false(names(usual, NULL));
}

static void test_a_certificate_of_a_whole_type_needs_its_own_form(void **state)
{
	(void)state;
	assert_true(names("{oui}-{product_class}", "00D09E-HG 7100"));
	assert_true(names("device.{oui}.example", "device.00D09E.example"));
	assert_false(names("{oui}-{product_class}", "00D09E-HG 7100-S/1"));
}

static void test_forms_without_a_word_are_refused(void **state)
{
	(void)state;
	assert_true(certificate_forms_are_good(usual));
	static const char *const bad[] = { "", " , ", "everyone", "{oui}, everyone", "{mac}",
		"{oui" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(certificate_forms_are_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_usual_form_is_recognised),
		cmocka_unit_test(test_a_name_of_another_device_is_none_of_ours),
		cmocka_unit_test(test_a_certificate_of_a_whole_type_needs_its_own_form),
		cmocka_unit_test(test_forms_without_a_word_are_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
